import type { JobHealth, JobRowView, JobView } from '../../../../shared/api/views.ts';
import type { JobKey } from '../../../../shared/ids.ts';
import { TERMINAL_STATUSES } from '../../../../shared/task-states.ts';
import type { JobRow, TaskRow, UpdateRow } from '../../../scheduler/rows.ts';
import { updateCounts } from '../../../scheduler/update/progress.ts';
import type { World } from '../../../scheduler/world.ts';
import { taskView } from './task.ts';
import { iso } from './times.ts';
import { updateView } from './update.ts';

interface Counts {
  running: number;
  pending: number;
  starting: number;
  failed: number;
  finished: number;
  restarts: number;
  flapping: number;
}

/** One line of the list of jobs. */
export function jobRowView(world: World, job: JobRow): JobRowView {
  const config = world.configs.get(job.config);
  const counts = countTasks(world, job.key);
  const update = activeUpdate(world, job.key);
  const service = config?.isService ?? true;
  return {
    key: job.key,
    kind: service ? 'service' : 'adhoc',
    tier: config?.tier ?? 'preemptible',
    health: healthOf(job, counts, update, service),
    instances: job.instances,
    running: counts.running,
    pending: counts.pending,
    starting: counts.starting,
    failed: counts.failed,
    finished: counts.finished,
    restarts: counts.restarts,
    cpus: (config?.cpu ?? 0) * job.instances,
    ramMb: (config?.ramMb ?? 0) * job.instances,
    changedAt: iso(job.changedAtMs),
    update: update ? { id: update.id, status: update.status, ...updateCounts(update) } : null,
  };
}

/** A job with its tasks and its update. */
export function jobView(world: World, job: JobRow, now: number, ended: number): JobView {
  const config = world.configs.get(job.config);
  if (!config) throw new Error(`job ${job.key} has no config`);
  const tasks = [...(world.tasksByJob.get(job.key) ?? [])].flatMap((id) => world.tasks.get(id) ?? []);
  const active = tasks
    .filter((task) => !TERMINAL_STATUSES.has(task.status))
    .sort((a, b) => a.instance - b.instance);
  const over = tasks.filter((task) => TERMINAL_STATUSES.has(task.status)).sort((a, b) => endMs(b) - endMs(a));
  const update =
    activeUpdate(world, job.key) ??
    world.updates.get(world.updatesByJob.get(job.key)?.at(-1) ?? ('' as never));
  return {
    row: jobRowView(world, job),
    config,
    updateSettings: job.update,
    active: active.map((task) => taskView(world, task)),
    ended: over.slice(0, ended).map((task) => taskView(world, task)),
    update: update ? updateView(world, update, now) : null,
  };
}

export function activeUpdate(world: World, key: JobKey): UpdateRow | undefined {
  const id = world.activeUpdateByJob.get(key);
  return id === undefined ? undefined : world.updates.get(id);
}

function countTasks(world: World, key: JobKey): Counts {
  const counts: Counts = {
    running: 0,
    pending: 0,
    starting: 0,
    failed: 0,
    finished: 0,
    restarts: 0,
    flapping: 0,
  };
  for (const id of world.tasksByJob.get(key) ?? []) {
    const task = world.tasks.get(id);
    if (!task) continue;
    if (task.status === 'RUNNING') counts.running += 1;
    else if (task.status === 'PENDING') counts.pending += 1;
    else if (task.status === 'THROTTLED') {
      counts.pending += 1;
      counts.flapping += 1;
    } else if (task.status === 'FINISHED') counts.finished += 1;
    else if (task.status === 'FAILED' || task.status === 'LOST') counts.failed += 1;
    else if (task.status === 'ASSIGNED' || task.status === 'STARTING') counts.starting += 1;
    // Each replacement is a restart of its instance.
    if (task.ancestor !== null && !TERMINAL_STATUSES.has(task.status))
      counts.restarts += ancestors(world, task);
  }
  return counts;
}

function ancestors(world: World, task: TaskRow): number {
  let count = 0;
  for (let id = task.ancestor; id !== null; id = world.tasks.get(id)?.ancestor ?? null) count += 1;
  return count;
}

function healthOf(job: JobRow, counts: Counts, update: UpdateRow | undefined, service: boolean): JobHealth {
  const { running, pending, starting, finished, failed, flapping } = counts;
  if (update?.status.endsWith('PAUSED')) return 'PAUSED';
  if (update?.status === 'ROLLING_BACK') return 'ROLLING_BACK';
  if (update) return 'UPDATING';
  if (job.instances === 0) return 'STOPPED';
  if (flapping > 0) return running === 0 ? 'FAILING' : 'DEGRADED';
  if (!service && running + pending + starting === 0)
    return failed > 0 && finished < job.instances ? 'FAILING' : 'FINISHED';
  if (pending > 0) return 'PENDING';
  if (running + finished >= job.instances) return 'HEALTHY';
  return starting > 0 ? 'STARTING' : 'DEGRADED';
}

function endMs(task: TaskRow): number {
  return task.events.at(-1)?.atMs ?? task.createdAtMs;
}
