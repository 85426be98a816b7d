import { TERMINAL_STATUSES } from '../../../shared/task-states.ts';
import type { ConfigId, TaskId } from '../../../shared/ids.ts';
import type { InstanceStep, TaskRow, UpdateRow } from '../rows.ts';
import type { World } from '../world.ts';
import type { Direction } from './direction.ts';

/** What an instance of an update needs now. Aurora's StateEvaluator.Result, with the reason. */
export type Verdict =
  | { readonly kind: 'succeeded' }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly failures: number;
      readonly lastFailed: TaskId | null;
    }
  /** Nothing to do before `untilMs` (null: before something happens). */
  | {
      readonly kind: 'wait';
      readonly untilMs: number | null;
      readonly failures: number;
      readonly lastFailed: TaskId | null;
    }
  | { readonly kind: 'kill'; readonly task: TaskId }
  | { readonly kind: 'create'; readonly config: ConfigId };

/**
 * Desired state against actual state and the clock (Aurora's InstanceUpdater). A task that is PENDING or STARTING for long is never a failure: the watch
 * begins at RUNNING. Failures are the ended tasks of this direction's making; the state machine has replaced them already. What fell over before the instance was
 * taken up is not the update's failure, and what the way forward never took up is never waited for on the way back.
 */
export function evaluate(
  world: World,
  update: UpdateRow,
  direction: Direction,
  instance: number,
  now: number,
): Verdict {
  if (direction.untouched.has(instance)) return { kind: 'succeeded' };
  const target = direction.targets.get(instance) ?? null;
  const id = world.activeByJob.get(update.job)?.get(instance);
  const task = id === undefined ? undefined : world.tasks.get(id);
  if (!task) return target === null ? { kind: 'succeeded' } : { kind: 'create', config: target };
  if (target === null || task.config !== target || isStale(update, direction, task)) {
    return task.status === 'KILLING'
      ? { kind: 'wait', untilMs: null, failures: 0, lastFailed: null }
      : { kind: 'kill', task: task.id };
  }
  return watch(world, update, direction, task, update.steps.get(instance), now);
}

/** In a restart the config is the same; what tells old from new is the time. */
function isStale(update: UpdateRow, direction: Direction, task: TaskRow): boolean {
  return update.kind === 'restart' && direction.forward && task.createdAtMs < update.createdAtMs;
}

function watch(
  world: World,
  update: UpdateRow,
  direction: Direction,
  task: TaskRow,
  step: InstanceStep | undefined,
  now: number,
): Verdict {
  const { watchSecs, maxPerInstanceFailures } = update.settings;
  const counted = step ? step.countedTask : task.ancestor;
  const ended = endedAncestors(world, task, direction.sinceMs, counted);
  const failures = (step?.failures ?? 0) + ended.length;
  const lastFailed = ended[0]?.id ?? counted;
  if (failures > maxPerInstanceFailures) {
    return { kind: 'failed', reason: reasonOf(ended[0]), failures, lastFailed };
  }
  if (task.status !== 'RUNNING') return { kind: 'wait', untilMs: null, failures, lastFailed };
  const watchedMs = now - (task.events.at(-1)?.atMs ?? now);
  const leftMs = watchSecs * 1000 - watchedMs;
  return leftMs <= 0 ? { kind: 'succeeded' } : { kind: 'wait', untilMs: now + leftMs, failures, lastFailed };
}

/** Ended attempts before this one that began in this direction and were not counted yet, newest first. */
function endedAncestors(world: World, task: TaskRow, sinceMs: number, counted: TaskId | null): TaskRow[] {
  const ended: TaskRow[] = [];
  for (let id = task.ancestor; id !== null && id !== counted;) {
    const ancestor = world.tasks.get(id);
    if (!ancestor || ancestor.createdAtMs < sinceMs || ancestor.config !== task.config) break;
    if (TERMINAL_STATUSES.has(ancestor.status)) ended.push(ancestor);
    id = ancestor.ancestor;
  }
  return ended;
}

/** What its end said; earlier events tell other stories (`Rescheduled`). */
function reasonOf(task: TaskRow | undefined): string {
  if (!task) return 'exited.';
  const message = task.events.at(-1)?.message;
  return message === undefined ? `${task.status}.` : `${task.status}: ${message}`;
}
