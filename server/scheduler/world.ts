/**
 * Everything the scheduler knows, in memory. `apply` is the only function that changes the durable part; indexes are derived by it and a
 * test asserts that they equal a rebuild from the rows. The volatile part (offers, marks) is not in the journal:
 * after a restart the master offers again and everything counts as marked.
 */
import type { AgentId, ConfigId, FrameworkId, JobKey, TaskId, UpdateId } from '../../shared/ids.ts';
import { instancesIn, taskId } from '../../shared/ids.ts';
import { never } from '../../shared/errors.ts';
import type { TaskConfig } from '../../shared/job/config.ts';
import { ACTIVE_UPDATE_STATUSES } from '../../shared/update-states.ts';
import { Timers } from '../timers.ts';
import type { GroupKey } from './group-key.ts';
import {
  addTask,
  addUpdate,
  dropJob,
  dropTask,
  dropUpdate,
  markUpdate,
  moveTask,
  noteRun,
  putJob,
  wakeTask,
} from './indexes.ts';
import type { Offering } from './placement/offering.ts';
import { noOffering } from './placement/offering.ts';
import { Placement } from './placement/placement.ts';
import type { HostRow, JobRow, TaskRow, UpdateRow, Write } from './rows.ts';

export { groupKey, type GroupKey } from './group-key.ts';
export { addUpdate, insertTask } from './indexes.ts';

export type TimerKey =
  | { readonly kind: 'task'; readonly id: TaskId }
  | { readonly kind: 'step'; readonly update: UpdateId; readonly instance: number }
  | { readonly kind: 'prune' }
  | { readonly kind: 'reconcile' }
  | { readonly kind: 'revive' };

export interface World {
  // Durable rows.
  readonly configs: Map<ConfigId, TaskConfig>;
  readonly jobs: Map<JobKey, JobRow>;
  readonly tasks: Map<TaskId, TaskRow>;
  readonly updates: Map<UpdateId, UpdateRow>;
  readonly hosts: Map<AgentId, HostRow>;
  framework: FrameworkId | null;

  // Derived by apply.
  /** Every task of a job that is still kept, oldest first. */
  readonly tasksByJob: Map<JobKey, Set<TaskId>>;
  /** instance → its one active task. */
  readonly activeByJob: Map<JobKey, Map<number, TaskId>>;
  readonly tasksByAgent: Map<AgentId, Set<TaskId>>;
  readonly updatesByJob: Map<JobKey, UpdateId[]>;
  readonly activeUpdateByJob: Map<JobKey, UpdateId>;
  /** PENDING tasks by group, first come first. */
  readonly pending: Map<GroupKey, Set<TaskId>>;
  /** How many rows use a config, so that the last one out can drop it. */
  readonly configUses: Map<ConfigId, number>;
  readonly timers: Timers<TimerKey>;

  // Volatile.
  /** Offers of this turn and the dense counters that placement runs on. */
  readonly placement: Placement;
  /** What the master was told of the offers that we want. */
  readonly offering: Offering;
  /** Updates under way that are still to add an instance. */
  readonly expecting: Set<UpdateId>;
  readonly dirtyUpdates: Set<UpdateId>;
  readonly dirtyGroups: Set<GroupKey>;
  /** Jobs that something happened to since the reader of this set last cleared it (views). */
  readonly touchedJobs: Set<JobKey>;
  subscribed: boolean;
  nextReconcileAtMs: number | null;
  nextPruneAtMs: number | null;
}

export function emptyWorld(): World {
  return {
    configs: new Map(),
    jobs: new Map(),
    tasks: new Map(),
    updates: new Map(),
    hosts: new Map(),
    framework: null,
    tasksByJob: new Map(),
    activeByJob: new Map(),
    tasksByAgent: new Map(),
    updatesByJob: new Map(),
    activeUpdateByJob: new Map(),
    pending: new Map(),
    configUses: new Map(),
    timers: new Timers(),
    placement: new Placement(),
    offering: noOffering(),
    expecting: new Set(),
    dirtyUpdates: new Set(),
    dirtyGroups: new Set(),
    touchedJobs: new Set(),
    subscribed: false,
    nextReconcileAtMs: null,
    nextPruneAtMs: null,
  };
}

/** Makes one write happen. Throws on a write that does not fit the world: that is a bug or a broken journal, never bad input. */
export function apply(world: World, write: Write): void {
  switch (write.w) {
    case 'config':
      world.configs.set(write.id, write.config);
      return;
    case 'config-gone':
      world.configs.delete(write.id);
      return;
    case 'job':
      return putJob(world, write.row);
    case 'job-gone':
      return dropJob(world, write.key);
    case 'tasks-new':
      for (const instance of instancesIn(write.ranges)) {
        addTask(world, {
          id: taskId(write.job, instance, write.nonce),
          job: write.job,
          instance,
          config: write.config,
          ancestor: null,
          failures: 0,
          status: 'PENDING',
          atMs: write.atMs,
          message: write.message,
          wakeAtMs: null,
        });
      }
      return;
    case 'task-next': {
      const old = must(world.tasks.get(write.ancestor), write);
      addTask(world, {
        id: write.id,
        job: old.job,
        instance: old.instance,
        config: old.config,
        ancestor: old.id,
        failures: old.failures,
        status: write.status,
        atMs: write.atMs,
        message: write.message,
        wakeAtMs: write.wakeAtMs,
      });
      return;
    }
    case 'task':
      return moveTask(world, write);
    case 'task-note': {
      const task = must(world.tasks.get(write.id), write);
      if (write.wakeAtMs !== undefined) wakeTask(world, task, write.wakeAtMs);
      if (write.killAttempts !== undefined) task.killAttempts = write.killAttempts;
      noteRun(task, write);
      world.touchedJobs.add(task.job);
      return;
    }
    case 'tasks-gone':
      for (const id of write.ids) dropTask(world, must(world.tasks.get(id), write));
      return;
    case 'update': {
      const row: UpdateRow = {
        ...write.row,
        changedAtMs: write.row.createdAtMs,
        events: [
          {
            atMs: write.row.createdAtMs,
            status: write.row.status,
            user: write.row.user,
            message: write.row.message,
          },
        ],
        instanceEvents: [],
        steps: new Map(),
      };
      return addUpdate(world, row);
    }
    case 'update-status': {
      const update = must(world.updates.get(write.id), write);
      if (update.status !== write.from)
        throw new Error(`journal: update ${write.id} is ${update.status}, not ${write.from}`);
      if (
        write.to === 'ROLLING_BACK' &&
        write.from !== 'ROLL_BACK_PAUSED' &&
        write.from !== 'ROLL_BACK_AWAITING_PULSE'
      ) {
        update.steps.clear();
      }
      update.status = write.to;
      update.changedAtMs = write.atMs;
      update.events.push({ atMs: write.atMs, status: write.to, user: write.user, message: write.message });
      if (!ACTIVE_UPDATE_STATUSES.has(write.to)) world.activeUpdateByJob.delete(update.job);
      markUpdate(world, update);
      return;
    }
    case 'update-step': {
      const update = must(world.updates.get(write.id), write);
      update.steps.set(write.instance, write.step);
      if (write.step.wakeAtMs !== null) {
        world.timers.push(write.step.wakeAtMs, { kind: 'step', update: write.id, instance: write.instance });
      }
      world.touchedJobs.add(update.job);
      return;
    }
    case 'update-instance': {
      const update = must(world.updates.get(write.id), write);
      update.instanceEvents.push(write.event);
      update.changedAtMs = write.event.atMs;
      world.touchedJobs.add(update.job);
      return;
    }
    case 'update-gone':
      return dropUpdate(world, must(world.updates.get(write.id), write));
    case 'host':
      world.hosts.set(write.row.agent, write.row);
      world.placement.setHost(write.row);
      return;
    case 'host-gone':
      world.hosts.delete(write.agent);
      world.placement.dropHost(write.agent);
      return;
    case 'framework':
      world.framework = write.id;
      return;
    default:
      never(write);
  }
}

function must<Value>(value: Value | undefined, write: Write): Value {
  if (value === undefined) throw new Error(`journal: ${JSON.stringify(write)} names an unknown row`);
  return value;
}
