import { never } from '../../../shared/errors.ts';
import type { TaskId } from '../../../shared/ids.ts';
import type { InstanceStep, UpdateRow } from '../rows.ts';
import { createTasks, moveTask } from '../task/move.ts';
import type { Tx } from '../tx.ts';
import type { World } from '../world.ts';
import type { Direction } from './direction.ts';
import { directionOf } from './direction.ts';
import type { Verdict } from './evaluate.ts';
import { evaluate } from './evaluate.ts';
import { AUTO_PAUSED, autoPauses, moveUpdate, startRollback } from './status.ts';
import { pausesBefore, room } from './strategy.ts';

/** Looks at one update in one turn. Each look writes something or ends the turn for it; more than this means that it runs in circles. */
const LOOKS_MAX = 100_000;

/** Takes every update that something happened to as far as it can go now. */
export function advanceUpdates(tx: Tx): void {
  const { dirtyUpdates, updates, expecting } = tx.world;
  let looks = 0;
  while (dirtyUpdates.size > 0) {
    for (const id of dirtyUpdates) {
      dirtyUpdates.delete(id);
      const update = updates.get(id);
      if (!update) continue;
      advance(tx, update);
      if (isStillToAdd(tx.world, update)) expecting.add(id);
      else expecting.delete(id);
      if (++looks > LOOKS_MAX) throw new Error(`update ${id} does not come to rest`);
    }
  }
}

function advance(tx: Tx, update: UpdateRow): void {
  if (update.status !== 'ROLLING_FORWARD' && update.status !== 'ROLLING_BACK') return;
  const direction = directionOf(update);
  const failure = lookAtWorking(tx, update, direction);
  if (failure !== null) return fail(tx, update, failure);
  takeUpNext(tx, update, direction);
  if (update.status !== 'ROLLING_FORWARD' && update.status !== 'ROLLING_BACK') return;
  if (direction.order.every((instance) => isOver(update, instance))) {
    moveUpdate(tx, update, direction.forward ? 'ROLLED_FORWARD' : 'ROLLED_BACK');
  }
}

/** Under way, and some instance that it wants has not got its task yet. */
function isStillToAdd(world: World, update: UpdateRow): boolean {
  if (update.status !== 'ROLLING_FORWARD' && update.status !== 'ROLLING_BACK') return false;
  const { order, targets, untouched } = directionOf(update);
  const active = world.activeByJob.get(update.job);
  return order.some((instance) => {
    if (targets.get(instance) === null || untouched.has(instance) || isOver(update, instance)) return false;
    const task = world.tasks.get(active?.get(instance) ?? ('' as TaskId));
    return !update.steps.has(instance) || task === undefined || task.status === 'KILLING';
  });
}

/** Gives the reason when more instances failed than may. */
function lookAtWorking(tx: Tx, update: UpdateRow, direction: Direction): string | null {
  let latest: string | null = null;
  for (const instance of direction.order) {
    if (update.steps.get(instance)?.state !== 'working') continue;
    const verdict = evaluate(tx.world, update, direction, instance, tx.now);
    if (verdict.kind === 'failed') latest = `Latest failure: instance ${instance} ${verdict.reason}`;
    settleInstance(tx, update, direction, instance, verdict);
  }
  const failed = [...update.steps.values()].filter((step) => step.state === 'failed').length;
  return latest !== null && failed > update.settings.maxFailedInstances ? latest : null;
}

function takeUpNext(tx: Tx, update: UpdateRow, direction: Direction): void {
  const { strategy } = update.settings;
  for (;;) {
    const working = [...update.steps.values()].filter((step) => step.state === 'working').length;
    const next = direction.order
      .filter((instance) => !update.steps.has(instance))
      .slice(0, room(strategy, working));
    if (next.length === 0) return;
    if (direction.forward && pausesBefore(strategy, update.steps.size, autoPauses(update))) {
      return moveUpdate(tx, update, 'ROLL_FORWARD_PAUSED', { message: AUTO_PAUSED });
    }
    for (const instance of next) {
      const verdict = evaluate(tx.world, update, direction, instance, tx.now);
      // What is as wanted already leaves no event.
      if (verdict.kind !== 'succeeded') event(tx, update, direction, instance, 'begun', null);
      settleInstance(tx, update, direction, instance, verdict);
    }
  }
}

/** Does what the verdict asks for and keeps the instance's step. */
function settleInstance(
  tx: Tx,
  update: UpdateRow,
  direction: Direction,
  instance: number,
  verdict: Verdict,
): void {
  const before = update.steps.get(instance);
  switch (verdict.kind) {
    case 'succeeded':
      step(tx, update, instance, { state: 'succeeded' });
      if (before) event(tx, update, direction, instance, 'done', null);
      return;
    case 'failed':
      step(tx, update, instance, {
        state: 'failed',
        failures: verdict.failures,
        countedTask: verdict.lastFailed,
      });
      event(tx, update, direction, instance, 'failed', verdict.reason);
      return;
    case 'wait':
      step(tx, update, instance, {
        failures: verdict.failures,
        countedTask: verdict.lastFailed,
        wakeAtMs: verdict.untilMs,
      });
      return;
    case 'kill':
      step(tx, update, instance, {});
      moveTask(tx, verdict.task, 'KILLING', { message: `Killed for job update ${update.id}` });
      return;
    case 'create':
      step(tx, update, instance, {});
      createTasks(tx, update.job, verdict.config, [[instance, instance]]);
      return;
    default:
      never(verdict);
  }
}

/** Writes the step when it changed. */
function step(tx: Tx, update: UpdateRow, instance: number, change: Partial<InstanceStep>): void {
  const before = update.steps.get(instance);
  const after = {
    state: 'working' as const,
    failures: 0,
    countedTask: null,
    ...before,
    wakeAtMs: null,
    ...change,
  };
  const same =
    before?.state === after.state &&
    before.failures === after.failures &&
    before.countedTask === after.countedTask &&
    before.wakeAtMs === after.wakeAtMs;
  if (!same) tx.write({ w: 'update-step', id: update.id, instance, step: after });
}

const ACTIONS = {
  begun: { forward: 'INSTANCE_UPDATING', back: 'INSTANCE_ROLLING_BACK' },
  done: { forward: 'INSTANCE_UPDATED', back: 'INSTANCE_ROLLED_BACK' },
  failed: { forward: 'INSTANCE_UPDATE_FAILED', back: 'INSTANCE_ROLLBACK_FAILED' },
} as const;

function event(
  tx: Tx,
  update: UpdateRow,
  { forward }: Direction,
  instance: number,
  what: keyof typeof ACTIONS,
  message: string | null,
): void {
  const action = ACTIONS[what][forward ? 'forward' : 'back'];
  tx.write({ w: 'update-instance', id: update.id, event: { instance, atMs: tx.now, action, message } });
}

function fail(tx: Tx, update: UpdateRow, message: string): void {
  if (update.status === 'ROLLING_FORWARD' && update.settings.rollbackOnFailure)
    startRollback(tx, update, { message });
  else moveUpdate(tx, update, 'FAILED', { message });
}

function isOver(update: UpdateRow, instance: number): boolean {
  const state = update.steps.get(instance)?.state;
  return state === 'succeeded' || state === 'failed';
}
