import { TRANSIENT_STATUSES } from '../../../shared/task-states.ts';
import type { Tx } from '../tx.ts';
import { schedulePruning } from './prune.ts';

/** Soon after a start, but not in its first busy moments. */
const FIRST_PRUNE_MS = 60_000;

/** After a restart every task in a transient status gets a full new timeout: the silence may have been ours (Aurora's TaskTimeout). */
export function rearm(tx: Tx): void {
  const { world, env } = tx;
  for (const task of world.tasks.values()) {
    if (!TRANSIENT_STATUSES.has(task.status)) continue;
    const waitMs = task.status === 'KILLING' ? env.limits.killRetryMs : env.limits.transientTimeoutMs;
    tx.write({ w: 'task-note', id: task.id, killAttempts: 0, wakeAtMs: tx.now + waitMs });
  }
  for (const id of world.activeUpdateByJob.values()) world.dirtyUpdates.add(id);
  for (const group of world.pending.keys()) world.dirtyGroups.add(group);
  schedulePruning(tx, tx.now + FIRST_PRUNE_MS);
}
