import { ACTIVE_UPDATE_STATUSES } from '../../../shared/update-states.ts';
import type { InstanceMark } from '../../../shared/api/views.ts';
import type { TaskRow, UpdateRow } from '../rows.ts';
import type { World } from '../world.ts';
import type { Direction } from './direction.ts';
import { directionOf } from './direction.ts';

export interface InstanceProgress {
  readonly instance: number;
  readonly mark: InstanceMark;
  readonly task: TaskRow | null;
  /** What happens to it now, in words; empty when nothing does. */
  readonly step: string;
}

export interface Progress {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  readonly instances: readonly InstanceProgress[];
  /** Null when the update is over. */
  readonly waitingFor: string | null;
}

/** How far an update is, instance by instance, and what it waits for. */
export function updateProgress(world: World, update: UpdateRow, now: number): Progress {
  const direction = directionOf(update);
  const order = [...direction.order].sort((a, b) => a - b);
  const instances = order.map((instance) => instanceProgress(world, update, direction, instance, now));
  const count = (state: string): number =>
    [...update.steps.values()].filter((step) => step.state === state).length;
  return {
    done: count('succeeded'),
    failed: count('failed'),
    total: order.length,
    instances,
    waitingFor: waitingFor(update, instances),
  };
}

/** Without the instances: what a row of a table shows. */
export function updateCounts(update: UpdateRow): { done: number; total: number } {
  let done = 0;
  for (const step of update.steps.values()) if (step.state === 'succeeded') done += 1;
  return { done, total: directionOf(update).order.length };
}

function instanceProgress(
  world: World,
  update: UpdateRow,
  direction: Direction,
  instance: number,
  now: number,
): InstanceProgress {
  const id = world.activeByJob.get(update.job)?.get(instance);
  const task = (id === undefined ? undefined : world.tasks.get(id)) ?? null;
  const step = update.steps.get(instance);
  const mark: InstanceMark =
    !step || direction.untouched.has(instance)
      ? 'OLD'
      : step.state === 'working'
        ? 'WORKING'
        : step.state === 'failed'
          ? 'FAILED'
          : direction.forward
            ? 'DONE'
            : 'ROLLED_BACK';
  const working = step?.state === 'working' && ACTIVE_UPDATE_STATUSES.has(update.status);
  return { instance, mark, task, step: working ? stepText(update, direction, task, instance, now) : '' };
}

function stepText(
  update: UpdateRow,
  direction: Direction,
  task: TaskRow | null,
  instance: number,
  now: number,
): string {
  const target = direction.targets.get(instance) ?? null;
  if (!task) return target === null ? 'gone' : 'waiting to be created';
  if (task.status === 'KILLING') return target === null ? 'being removed' : 'killing the old task';
  if (task.config !== target) return 'about to be replaced';
  const seconds = Math.max(0, Math.floor((now - (task.events.at(-1)?.atMs ?? now)) / 1000));
  switch (task.status) {
    case 'PENDING':
      return `waiting for a host for ${seconds} s`;
    case 'THROTTLED':
      return `waiting after a failure, until ${task.wakeAtMs === null ? 'later' : `${Math.max(0, Math.ceil((task.wakeAtMs - now) / 1000))} s from now`}`;
    case 'RUNNING':
      return `watching ${Math.min(seconds, update.settings.watchSecs)} s of ${update.settings.watchSecs} s`;
    case 'ASSIGNED':
    case 'STARTING':
      return task.healthy === false ? 'starting, not healthy yet' : `starting for ${seconds} s`;
    default:
      return task.status.toLowerCase();
  }
}

function waitingFor(update: UpdateRow, instances: readonly InstanceProgress[]): string | null {
  if (!ACTIVE_UPDATE_STATUSES.has(update.status)) return null;
  if (update.status.endsWith('PAUSED'))
    return `paused${update.events.at(-1)?.user == null ? ' automatically' : ` by ${update.events.at(-1)?.user}`}; \`dawn update resume ${update.job}\` goes on`;
  const working = instances.filter((each) => each.mark === 'WORKING');
  if (working.length === 0) return 'the next instances are taken up';
  const [first] = working;
  const more = working.length > 1 ? ` and ${working.length - 1} more` : '';
  return `instance ${first?.instance ?? ''}${more}: ${first?.step ?? ''}`;
}
