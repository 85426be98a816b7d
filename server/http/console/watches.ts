import type { ClusterView, JobRowView } from '../../../shared/api/views.ts';
import type { WatchView } from '../../../shared/api/watch.ts';
import type { JobKey } from '../../../shared/ids.ts';
import type { Call } from './call.ts';
import type { ConsoleContext } from './context.ts';
import type { JobRows } from './job-rows.ts';
import { readView } from './read-view.ts';
import type { StreamReply } from './stream-reply.ts';
import { clusterView } from './views/cluster.ts';
import { iso } from './views/times.ts';
import type { RowChanges } from './watch-topic.ts';
import { encodeMessage, WatchTopic } from './watch-topic.ts';

/** At most four messages a second, however much happens. */
const TICK_MS = 250;
/** What tells of passing time (watching 31 s of 45 s), of hosts and of the cluster as a whole is looked at this often. */
const SECOND_MS = 1_000;
const HEARTBEAT_MS = 10_000;

/** Everybody who watches. Nobody watching, nothing computed; nothing happening, nothing sent but heartbeats. */
export class Watches {
  private readonly context: ConsoleContext;
  private readonly rows: JobRows;
  private readonly topics = new Map<string, WatchTopic>();
  private readonly touched = new Set<JobKey>();
  /** As it was last looked at. */
  private cluster: ClusterView | null = null;
  private tick: NodeJS.Timeout | undefined;
  private second: NodeJS.Timeout | undefined;
  private beat: NodeJS.Timeout | undefined;

  constructor(context: ConsoleContext, rows: JobRows) {
    this.context = context;
    this.rows = rows;
    rows.onTouched((keys) => {
      if (this.topics.size === 0 || keys.length === 0) return;
      for (const key of keys) this.touched.add(key);
      this.tick ??= setTimeout(() => this.flush(false), TICK_MS);
    });
  }

  /** Sends the view as it is, then what changes. @throws DawnError not_found, before anything is sent */
  open(view: WatchView, reply: StreamReply, { signal, access }: Pick<Call, 'signal' | 'access'>): void {
    const name = JSON.stringify([view, access.viewer]);
    const topic =
      this.topics.get(name) ??
      new WatchTopic(view.view, () => readView(this.context, this.rows, view, access), access);
    const data = topic.snapshot();
    const cluster = this.lookAtCluster();
    if (topic.watchers.size === 0) topic.newsOf(cluster);
    reply.open();
    reply.write(encodeMessage({ type: 'snapshot', seq: this.context.journal.seq, cluster, data }));
    topic.watchers.add(reply);
    this.topics.set(name, topic);
    this.second ??= setInterval(() => this.flush(true), SECOND_MS);
    this.beat ??= setInterval(() => this.heartbeat(), HEARTBEAT_MS);
    signal.addEventListener('abort', () => {
      topic.watchers.delete(reply);
      if (topic.watchers.size === 0) this.topics.delete(name);
      if (this.topics.size === 0) this.rest();
    });
  }

  private rest(): void {
    clearTimeout(this.tick);
    clearInterval(this.second);
    clearInterval(this.beat);
    this.tick = this.second = this.beat = undefined;
    this.touched.clear();
  }

  private heartbeat(): void {
    const at = iso(this.context.now());
    for (const topic of this.topics.values()) topic.send({ type: 'heartbeat', at });
  }

  /** One message to each topic of which something changed. */
  private flush(second: boolean): void {
    clearTimeout(this.tick);
    this.tick = undefined;
    const rows = this.changedRows();
    const touched = new Set(this.touched);
    this.touched.clear();
    if (second) this.lookAtCluster();
    for (const topic of this.topics.values()) {
      try {
        this.tell(topic, rows, touched, second);
      } catch (error) {
        // A view that cannot be made must not take the server down: whoever watches it comes back, and is told.
        this.context.log('a view failed', {
          message: (error as Error).message,
          stack: (error as Error).stack,
        });
        for (const reply of topic.watchers) reply.cut();
      }
    }
  }

  private tell(topic: WatchTopic, rows: RowChanges, touched: ReadonlySet<JobKey>, second: boolean): void {
    const data = topic.changes(rows, touched, second);
    if (data === 'gone') {
      topic.send({ type: 'gone', message: 'it no longer exists' });
      for (const reply of topic.watchers) reply.end();
      return;
    }
    // Of a single thing the cluster's news wait for its own: they are not worth sending the whole view again.
    const told = data ?? topic.nothing;
    if (!told) return;
    const cluster = topic.newsOf(this.cluster);
    if (data || cluster) topic.send({ type: 'delta', seq: this.context.journal.seq, cluster, data: told });
  }

  private changedRows(): RowChanges {
    const world = this.context.scheduler();
    const put: JobRowView[] = [];
    const remove: JobKey[] = [];
    for (const key of this.touched) {
      const job = world.jobs.get(key);
      if (job) put.push(this.rows.of(job));
      else remove.push(key);
    }
    return { put, remove };
  }

  private lookAtCluster(): ClusterView {
    return (this.cluster = clusterView(this.context));
  }
}
