import type { ClusterView, JobRowView } from '../../../shared/api/views.ts';
import type { WatchData, WatchMessage, WatchView } from '../../../shared/api/watch.ts';
import { DawnError } from '../../../shared/errors.ts';
import type { JobKey } from '../../../shared/ids.ts';
import type { ConsoleAccess } from './access.ts';
import { jobOfData } from './read-view.ts';
import type { StreamReply } from './stream-reply.ts';

/** Job rows that changed since the last look. */
export interface RowChanges {
  readonly put: readonly JobRowView[];
  readonly remove: readonly JobKey[];
}

/** One view and everybody who watches it: what changed is found and encoded once for all of them. */
export class WatchTopic {
  readonly watchers = new Set<StreamReply>();
  private readonly read: () => WatchData;
  private readonly view: WatchView['view'];
  private readonly access: ConsoleAccess;
  private job: JobKey | undefined;
  /** What was told last: the whole of a single thing's view, or each host's row. */
  private told = '';
  private readonly toldHosts = new Map<string, string>();
  private toldCluster = '';

  /** @param access of all who watch it */
  constructor(view: WatchView['view'], read: () => WatchData, access: ConsoleAccess) {
    this.view = view;
    this.access = access;
    this.read = read;
  }

  /** Everything, for somebody who begins to watch. @throws DawnError not_found */
  snapshot(): WatchData {
    const data = this.read();
    this.job = jobOfData(data);
    if (this.watchers.size === 0) this.remember(data);
    return data;
  }

  /**
   * What those who watch do not know yet; null when they know all.
   * @param second seconds passed: what tells of time, and hosts, are looked at even if nothing was committed.
   */
  changes(rows: RowChanges, touched: ReadonlySet<JobKey>, second: boolean): WatchData | 'gone' | null {
    if (this.view === 'jobs') {
      const put = rows.put.filter(({ key }) => this.access.sees(key as JobKey));
      const remove = rows.remove.filter((key) => this.access.sees(key));
      return put.length + remove.length > 0 ? { view: 'jobs', put, remove } : null;
    }
    const due = this.job === undefined ? second : touched.has(this.job) || (second && this.view !== 'task');
    if (!due) return null;
    let data: WatchData;
    try {
      data = this.read();
    } catch (error) {
      if (error instanceof DawnError) return 'gone';
      throw error;
    }
    return data.view === 'hosts' ? this.changedHosts(data) : this.changedWhole(data);
  }

  /** A delta without rows, where the view has rows. */
  get nothing(): WatchData | null {
    return this.view === 'jobs' || this.view === 'hosts' ? { view: this.view, put: [], remove: [] } : null;
  }

  /** The cluster, if those who watch were not told of it as it is; that only the journal grew is no news. */
  newsOf(cluster: ClusterView | null): ClusterView | null {
    const text = JSON.stringify({ ...cluster, seq: 0 });
    if (text === this.toldCluster) return null;
    this.toldCluster = text;
    return cluster;
  }

  /** To all of them, encoded once. */
  send(message: WatchMessage): void {
    const text = encodeMessage(message);
    for (const reply of this.watchers) reply.write(text);
  }

  private remember(data: WatchData): void {
    if (data.view === 'hosts') this.changedHosts(data);
    else if (data.view !== 'jobs') this.changedWhole(data);
  }

  private changedWhole(data: WatchData): WatchData | null {
    const text = JSON.stringify(data);
    if (text === this.told) return null;
    this.told = text;
    return data;
  }

  private changedHosts(data: Extract<WatchData, { view: 'hosts' }>): WatchData | null {
    const present = new Set(data.put.map((host) => host.agent));
    const remove = [...this.toldHosts.keys()].filter((agent) => !present.has(agent));
    for (const agent of remove) this.toldHosts.delete(agent);
    const put = data.put.filter((host) => {
      const text = JSON.stringify(host);
      const changed = this.toldHosts.get(host.agent) !== text;
      this.toldHosts.set(host.agent, text);
      return changed;
    });
    return put.length + remove.length > 0 ? { view: 'hosts', put, remove } : null;
  }
}

export function encodeMessage(message: WatchMessage): string {
  return `event: ${message.type}\ndata: ${JSON.stringify(message)}\n\n`;
}
