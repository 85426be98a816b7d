import type { TaskId } from '../../../shared/ids.ts';
import { taskId } from '../../../shared/ids.ts';
import type { TaskAction } from '../../../shared/task-states.ts';
import { ACTIVE_STATUSES, TERMINAL_STATUSES } from '../../../shared/task-states.ts';
import type { TaskRow } from '../rows.ts';
import type { Tx } from '../tx.ts';
import type { World } from '../world.ts';

type RescheduleAction = Extract<TaskAction, `reschedule${string}`>;

/** Whether an ended task is replaced; called after its end was saved and its failure counted. */
export function wantsReplacement(tx: Tx, task: TaskRow, action: RescheduleAction): boolean {
  const config = tx.world.configs.get(task.config);
  if (!config) throw new Error(`task ${task.id} has no config`);
  switch (action) {
    case 'reschedule':
      return true;
    case 'reschedule-if-service':
      return config.isService;
    case 'reschedule-if-retries-left':
      // Aurora compares before counting (failureCount < maxTaskFailures - 1); here the failure is counted already.
      return config.isService || config.maxTaskFailures === -1 || task.failures < config.maxTaskFailures;
    case 'reschedule-unless-killed':
      return !task.events.some((event) => event.status === 'KILLING');
  }
}

/** The next attempt at the instance: PENDING, or THROTTLED for a while when it flaps. */
export function reschedule(tx: Tx, task: TaskRow): void {
  const penaltyMs = flappingPenalty(tx, task);
  tx.write({
    w: 'task-next',
    ancestor: task.id,
    id: taskId(task.job, task.instance, tx.env.random.stream('task-id').uuid()),
    status: penaltyMs > 0 ? 'THROTTLED' : 'PENDING',
    atMs: tx.now,
    message: penaltyMs > 0 ? `Rescheduled, penalized for ${penaltyMs} ms for flapping` : 'Rescheduled',
    wakeAtMs: penaltyMs > 0 ? tx.now + penaltyMs : null,
  });
}

/**
 * Walks the ancestors while they flapped; each step doubles the penalty with jitter, up to the maximum. Aurora's RescheduleCalculatorImpl with its
 * truncated binary back-off: next = min(max, h + random·h), h = the last penalty, or the initial one.
 */
function flappingPenalty(tx: Tx, task: TaskRow): number {
  const { limits, random } = tx.env;
  let penalty = 0;
  for (
    let at: TaskRow | undefined = task;
    at && flapped(at, limits.flappingThresholdMs);
    at = ancestorOf(tx.world, at)
  ) {
    const half = penalty === 0 ? limits.flappingInitialMs : penalty;
    const next = Math.min(
      limits.flappingMaxMs,
      Math.round(half + random.stream('flapping').fraction() * half),
    );
    if (next === penalty) break;
    penalty = next;
  }
  return penalty;
}

/**
 * It ended soon after it was last seen active, and nobody asked it to. PARTITIONED is silence, not a sign of life: a task that ran for long on an agent that
 * went away is replaced at once.
 */
function flapped(task: TaskRow, thresholdMs: number): boolean {
  if (
    task.events.some(
      ({ status }) =>
        status === 'RESTARTING' || status === 'KILLING' || status === 'DRAINING' || status === 'PREEMPTING',
    )
  )
    return false;
  const end = task.events.findLast(({ status }) => TERMINAL_STATUSES.has(status));
  const active = task.events.findLast(
    ({ status }) => ACTIVE_STATUSES.has(status) && status !== 'PARTITIONED',
  );
  return end !== undefined && active !== undefined && end.atMs - active.atMs < thresholdMs;
}

function ancestorOf(world: World, task: TaskRow): TaskRow | undefined {
  return task.ancestor === null ? undefined : world.tasks.get(task.ancestor satisfies TaskId);
}
