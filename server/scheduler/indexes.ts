/**
 * How rows enter, change and leave the world, and how every index follows. Called by `apply` alone (and by loading a checkpoint): there is one place that
 * keeps rows and indexes in step.
 */
import type { ConfigId, JobKey, TaskId } from '../../shared/ids.ts';
import type { TaskPlace } from '../../shared/task-states.ts';
import { ACTIVE_STATUSES, ASSIGNED_STATUSES } from '../../shared/task-states.ts';
import { ACTIVE_UPDATE_STATUSES } from '../../shared/update-states.ts';
import { groupKey } from './group-key.ts';
import type { JobRow, TaskRow, UpdateRow, Write } from './rows.ts';
import type { World } from './world.ts';

export function markUpdate(world: World, update: UpdateRow): void {
  world.dirtyUpdates.add(update.id);
  world.touchedJobs.add(update.job);
}

export function putJob(world: World, row: JobRow): void {
  useConfig(world, row.config, 1);
  const old = world.jobs.get(row.key);
  if (old) useConfig(world, old.config, -1);
  world.jobs.set(row.key, row);
  world.touchedJobs.add(row.key);
}

export function dropJob(world: World, key: JobKey): void {
  const row = world.jobs.get(key);
  if (!row) return;
  useConfig(world, row.config, -1);
  world.jobs.delete(key);
  world.touchedJobs.add(key);
}

interface NewTask extends Pick<
  TaskRow,
  'id' | 'job' | 'instance' | 'config' | 'ancestor' | 'failures' | 'wakeAtMs'
> {
  readonly status: 'PENDING' | 'THROTTLED';
  readonly atMs: number;
  readonly message: string | undefined;
}

export function addTask(world: World, fresh: NewTask): void {
  if (world.tasks.has(fresh.id)) throw new Error(`journal: task ${fresh.id} exists`);
  const { atMs, message, wakeAtMs, ...rest } = fresh;
  const task: TaskRow = {
    ...rest,
    createdAtMs: atMs,
    events: [
      message === undefined ? { atMs, status: fresh.status } : { atMs, status: fresh.status, message },
    ],
    agent: null,
    host: null,
    ports: {},
    wakeAtMs: null,
    killAttempts: 0,
    container: null,
    ip: null,
    healthy: null,
  };
  insertTask(world, task);
  wakeTask(world, task, wakeAtMs);
}

/** Puts a whole row into the maps and indexes; shared by `apply` and by loading a checkpoint. */
export function insertTask(world: World, task: TaskRow): void {
  world.tasks.set(task.id, task);
  useConfig(world, task.config, 1);
  setOf(world.tasksByJob, task.job).add(task.id);
  if (task.wakeAtMs !== null) world.timers.push(task.wakeAtMs, { kind: 'task', id: task.id });
  index(world, task, 'INIT', task.status);
}

export function addUpdate(world: World, update: UpdateRow): void {
  world.updates.set(update.id, update);
  for (const id of configsOf(update)) useConfig(world, id, 1);
  const list = world.updatesByJob.get(update.job);
  if (list) list.push(update.id);
  else world.updatesByJob.set(update.job, [update.id]);
  if (ACTIVE_UPDATE_STATUSES.has(update.status)) world.activeUpdateByJob.set(update.job, update.id);
  for (const [instance, step] of update.steps) {
    if (step.wakeAtMs !== null)
      world.timers.push(step.wakeAtMs, { kind: 'step', update: update.id, instance });
  }
  markUpdate(world, update);
}

export function dropUpdate(world: World, update: UpdateRow): void {
  world.updates.delete(update.id);
  for (const id of configsOf(update)) useConfig(world, id, -1);
  const rest = (world.updatesByJob.get(update.job) ?? []).filter((id) => id !== update.id);
  if (rest.length > 0) world.updatesByJob.set(update.job, rest);
  else world.updatesByJob.delete(update.job);
  if (world.activeUpdateByJob.get(update.job) === update.id) world.activeUpdateByJob.delete(update.job);
  world.dirtyUpdates.delete(update.id);
  world.expecting.delete(update.id);
  world.touchedJobs.add(update.job);
}

function configsOf(update: UpdateRow): ConfigId[] {
  const ids = update.initial.map((group) => group.config);
  if (update.desired) ids.push(update.desired.config);
  if (update.previousJob) ids.push(update.previousJob.config);
  return ids;
}

export function moveTask(world: World, write: Extract<Write, { w: 'task' }>): void {
  const task = world.tasks.get(write.id);
  if (!task) throw new Error(`journal: no task ${write.id}`);
  const from = task.status;
  if (from !== write.from) throw new Error(`journal: task ${write.id} is ${from}, not ${write.from}`);
  index(world, task, from, null);
  if (write.placed) {
    task.agent = write.placed.agent;
    task.host = write.placed.host;
    task.ports = write.placed.ports;
  }
  task.status = write.to;
  task.events.push(
    write.message === undefined
      ? { atMs: write.atMs, status: write.to }
      : { atMs: write.atMs, status: write.to, message: write.message },
  );
  if (write.failures !== undefined) task.failures = write.failures;
  noteRun(task, write);
  wakeTask(world, task, write.wakeAtMs ?? null);
  index(world, task, null, write.to);
  if (ASSIGNED_STATUSES.has(from) && !ASSIGNED_STATUSES.has(write.to)) world.placement.relieved.add(task.job);
}

export function noteRun(task: TaskRow, note: { container?: string; ip?: string; healthy?: boolean }): void {
  if (note.container !== undefined) task.container = note.container;
  if (note.ip !== undefined) task.ip = note.ip;
  if (note.healthy !== undefined) task.healthy = note.healthy;
}

export function dropTask(world: World, task: TaskRow): void {
  index(world, task, task.status, null);
  world.tasks.delete(task.id);
  useConfig(world, task.config, -1);
  const kept = world.tasksByJob.get(task.job);
  kept?.delete(task.id);
  if (kept?.size === 0) world.tasksByJob.delete(task.job);
}

export function wakeTask(world: World, task: TaskRow, atMs: number | null): void {
  task.wakeAtMs = atMs;
  if (atMs !== null) world.timers.push(atMs, { kind: 'task', id: task.id });
}

/**
 * Keeps every index in step with a task leaving `from` and entering `to` (null = only the other half). Called with the
 * task's fields as they are on that side, so that counters are taken from and given to the right agent.
 */
function index(world: World, task: TaskRow, from: TaskPlace | null, to: TaskPlace | null): void {
  if (from !== null && from !== 'INIT') {
    if (ACTIVE_STATUSES.has(from)) dropFrom(world.activeByJob, task.job, task.instance, task.id);
    if (from === 'PENDING') {
      const group = groupKey(task.job, task.config);
      const queue = world.pending.get(group);
      queue?.delete(task.id);
      if (queue?.size === 0) {
        world.pending.delete(group);
        // What is refused from now on was not looked at for it.
        world.placement.parked.delete(group);
      }
    }
    if (ASSIGNED_STATUSES.has(from) && task.agent !== null) {
      const onAgent = world.tasksByAgent.get(task.agent);
      onAgent?.delete(task.id);
      if (onAgent?.size === 0) world.tasksByAgent.delete(task.agent);
      world.placement.release(task);
    }
  }
  if (to !== null) {
    if (ACTIVE_STATUSES.has(to)) {
      const active = mapOf(world.activeByJob, task.job);
      const other = active.get(task.instance);
      if (other !== undefined && other !== task.id)
        throw new Error(`journal: ${task.job}/${task.instance} has two active tasks`);
      active.set(task.instance, task.id);
    }
    if (to === 'PENDING') {
      const group = groupKey(task.job, task.config);
      setOf(world.pending, group).add(task.id);
      world.dirtyGroups.add(group);
    }
    if (ASSIGNED_STATUSES.has(to) && task.agent !== null) {
      setOf(world.tasksByAgent, task.agent).add(task.id);
      world.placement.take(task);
    }
  }
  const update = world.activeUpdateByJob.get(task.job);
  if (update) world.dirtyUpdates.add(update);
  world.touchedJobs.add(task.job);
}

function dropFrom(map: Map<JobKey, Map<number, TaskId>>, job: JobKey, instance: number, id: TaskId): void {
  const active = map.get(job);
  if (active?.get(instance) === id) active.delete(instance);
  if (active?.size === 0) map.delete(job);
}

function useConfig(world: World, id: ConfigId, by: 1 | -1): void {
  const uses = (world.configUses.get(id) ?? 0) + by;
  if (uses > 0) world.configUses.set(id, uses);
  else world.configUses.delete(id);
}

function setOf<Key, Value>(map: Map<Key, Set<Value>>, key: Key): Set<Value> {
  let set = map.get(key);
  if (!set) map.set(key, (set = new Set()));
  return set;
}

function mapOf<Key, K, V>(map: Map<Key, Map<K, V>>, key: Key): Map<K, V> {
  let inner = map.get(key);
  if (!inner) map.set(key, (inner = new Map()));
  return inner;
}
