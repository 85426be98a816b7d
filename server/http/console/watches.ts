import type { JobRowView } from '../../../shared/api/views.ts';
import type { WatchData, WatchMessage, WatchView } from '../../../shared/api/watch.ts';
import { DawnError } from '../../../shared/errors.ts';
import type { JobKey } from '../../../shared/ids.ts';
import { clusterView } from './handlers/cluster.ts';
import { findJob } from './handlers/jobs.ts';
import { findTask } from './handlers/tasks.ts';
import { findUpdate } from './handlers/updates.ts';
import type { ConsoleContext } from './context.ts';
import type { StreamReply } from './stream-reply.ts';
import { hostViews } from './views/host.ts';
import { jobRowView, jobView } from './views/job.ts';
import { taskView } from './views/task.ts';
import { iso } from './views/times.ts';
import { updateView } from './views/update.ts';

/** At most four messages a second, however much happens. */
const TICK_MS = 250;
const HEARTBEAT_MS = 10_000;
/** A view of one thing tells of seconds that pass (watching, waiting): it is sent anew this often while something moves. */
const ENDED_SHOWN = 20;

interface Watcher {
  readonly view: WatchView;
  readonly reply: StreamReply;
  /** What was sent last, to send only what differs. */
  sent: string;
  readonly sentHosts: Map<string, string>;
}

/** Everybody who watches. Nobody watching, nothing computed; nothing happening, nothing sent but heartbeats. */
export class Watches {
  private readonly context: ConsoleContext;
  private readonly watchers = new Set<Watcher>();
  private readonly dirtyJobs = new Set<JobKey>();
  private tick: NodeJS.Timeout | undefined;
  private beat: NodeJS.Timeout | undefined;

  constructor(context: ConsoleContext) {
    this.context = context;
    context.onCommitted(() => {
      const { touchedJobs } = context.scheduler();
      if (this.watchers.size > 0) {
        for (const key of touchedJobs) this.dirtyJobs.add(key);
        this.tick ??= setTimeout(() => this.flush(), TICK_MS);
      }
      touchedJobs.clear();
    });
  }

  /** Sends the view as it is, then what changes. */
  open(view: WatchView, reply: StreamReply, signal: AbortSignal): void {
    const data = this.read(view);
    const watcher: Watcher = { view, reply, sent: JSON.stringify(data), sentHosts: new Map() };
    if (data.view === 'hosts') for (const host of data.put) watcher.sentHosts.set(host.agent, JSON.stringify(host));
    reply.open();
    this.send(watcher, { type: 'snapshot', seq: this.context.journal.seq, cluster: clusterView(this.context), data });
    this.watchers.add(watcher);
    this.beat ??= setInterval(() => this.heartbeat(), HEARTBEAT_MS);
    signal.addEventListener('abort', () => this.drop(watcher));
  }

  private drop(watcher: Watcher): void {
    this.watchers.delete(watcher);
    if (this.watchers.size > 0) return;
    clearInterval(this.beat);
    clearTimeout(this.tick);
    this.beat = undefined;
    this.tick = undefined;
    this.dirtyJobs.clear();
  }

  private heartbeat(): void {
    for (const watcher of this.watchers) this.send(watcher, { type: 'heartbeat', at: iso(this.context.now()) });
  }

  /** One message to each watcher whose view changed; rows of the list of jobs are made once for all. */
  private flush(): void {
    this.tick = undefined;
    const rows = this.changedRows();
    const cluster = clusterView(this.context);
    const { seq } = this.context.journal;
    const shared = rows.put.length + rows.remove.length > 0 ? encode({ type: 'delta', seq, cluster, data: { view: 'jobs', ...rows } }) : null;
    for (const watcher of this.watchers) {
      if (watcher.view.view === 'jobs') {
        if (shared !== null) watcher.reply.write(shared);
        continue;
      }
      const data = this.changed(watcher);
      if (data === 'gone') this.send(watcher, { type: 'gone', message: 'it no longer exists' });
      else if (data) this.send(watcher, { type: 'delta', seq, cluster, data });
    }
  }

  private changedRows(): { put: JobRowView[]; remove: string[] } {
    const world = this.context.scheduler();
    const put: JobRowView[] = [];
    const remove: string[] = [];
    for (const key of this.dirtyJobs) {
      const job = world.jobs.get(key);
      if (job) put.push(jobRowView(world, job));
      else remove.push(key);
    }
    this.dirtyJobs.clear();
    return { put, remove };
  }

  private changed(watcher: Watcher): WatchData | 'gone' | null {
    let data: WatchData;
    try {
      data = this.read(watcher.view);
    } catch (error) {
      if (error instanceof DawnError) return 'gone';
      throw error;
    }
    if (data.view === 'hosts') return changedHosts(data, watcher);
    const text = JSON.stringify(data);
    if (text === watcher.sent) return null;
    watcher.sent = text;
    return data;
  }

  private read(view: WatchView): WatchData {
    const { context } = this;
    const world = context.scheduler();
    switch (view.view) {
      case 'jobs':
        return { view: 'jobs', put: [...world.jobs.values()].map((job) => jobRowView(world, job)), remove: [] };
      case 'hosts':
        return { view: 'hosts', put: context.master ? hostViews(context.master) : [], remove: [] };
      case 'job':
        return { view: 'job', job: jobView(world, findJob(context, need(view.key, 'key') as JobKey), context.now(), ENDED_SHOWN) };
      case 'update':
        return { view: 'update', update: updateView(world, findUpdate(context, need(view.id, 'id')), context.now()) };
      case 'task':
        return { view: 'task', task: taskView(world, findTask(context, need(view.id, 'id'))) };
    }
  }

  private send(watcher: Watcher, message: WatchMessage): void {
    watcher.reply.write(encode(message));
  }
}

function changedHosts(data: Extract<WatchData, { view: 'hosts' }>, watcher: Watcher): WatchData | null {
  const put = data.put.filter((host) => watcher.sentHosts.get(host.agent) !== JSON.stringify(host));
  const present = new Set(data.put.map((host) => host.agent));
  const remove = [...watcher.sentHosts.keys()].filter((agent) => !present.has(agent));
  for (const host of put) watcher.sentHosts.set(host.agent, JSON.stringify(host));
  for (const agent of remove) watcher.sentHosts.delete(agent);
  return put.length + remove.length > 0 ? { view: 'hosts', put, remove } : null;
}

function encode(message: WatchMessage): string {
  return `event: ${message.type}\ndata: ${JSON.stringify(message)}\n\n`;
}

function need(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  throw new DawnError({ code: 'invalid_parameter', message: `this view needs ${name}` });
}
