import { never } from '../../../shared/errors.ts';
import type { Limits } from '../facts.ts';
import type { TaskRow } from '../rows.ts';
import type { Tx } from '../tx.ts';
import { isTimerLive } from '../wake.ts';
import { killOnAgent, moveTask } from './move.ts';
import { prune } from './prune.ts';
import { reconcile } from './reconcile.ts';

/** Does what is due by now. */
export function fireTimers(tx: Tx): void {
  const { world } = tx;
  for (const key of world.timers.takeDue(tx.now, (due, atMs) => isTimerLive(world, due, atMs))) {
    switch (key.kind) {
      case 'task': {
        const task = world.tasks.get(key.id);
        if (task && task.wakeAtMs !== null && task.wakeAtMs <= tx.now) wake(tx, task);
        break;
      }
      case 'step':
        world.dirtyUpdates.add(key.update);
        break;
      case 'prune':
        prune(tx);
        break;
      case 'reconcile':
        reconcile(tx);
        break;
      case 'revive':
        // Asked again at the end of the turn.
        world.offering.reviveDueAtMs = null;
        break;
      default:
        never(key);
    }
  }
}

function wake(tx: Tx, task: TaskRow): void {
  if (task.status === 'THROTTLED') {
    moveTask(tx, task.id, 'PENDING');
    return;
  }
  const leftMs = tx.env.limits.transientTimeoutMs - waitedMs(tx.env.limits, task.killAttempts);
  if (task.status === 'KILLING' && leftMs > 0) retryKill(tx, task, leftMs);
  else moveTask(tx, task.id, 'LOST', { message: 'Task timed out' });
}

/** A kill may be lost on its way: again after 15 s, 30 s, 1 min, … until the transient timeout ends the wait. */
function retryKill(tx: Tx, task: TaskRow, leftMs: number): void {
  const attempts = task.killAttempts + 1;
  killOnAgent(tx, task);
  tx.write({
    w: 'task-note',
    id: task.id,
    killAttempts: attempts,
    wakeAtMs: tx.now + Math.min(retryAfterMs(tx.env.limits, attempts), leftMs),
  });
}

/** How long a kill was waited for after so many repetitions. Not told by the clock: while the scheduler was away it did not wait. */
function waitedMs(limits: Limits, attempts: number): number {
  let sum = 0;
  for (let at = 0; at <= attempts; at++) sum += retryAfterMs(limits, at);
  return sum;
}

function retryAfterMs(limits: Limits, attempts: number): number {
  return Math.min(limits.killRetryMs * 2 ** attempts, limits.killRetryMaxMs);
}
