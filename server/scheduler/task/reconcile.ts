import { ASSIGNED_STATUSES } from '../../../shared/task-states.ts';
import type { Tx } from '../tx.ts';

/** Tasks asked about in one call (Aurora's reconciliation_explicit_batch_size). */
const BATCH = 1000;

/**
 * Asks the master about every task that should be on an agent, then about everything it knows of ours: lost updates and forgotten tasks come to light.
 * An answer that says what we know already changes nothing.
 */
export function reconcile(tx: Tx): void {
  const { world } = tx;
  world.nextReconcileAtMs = null;
  if (!world.subscribed) return;
  const known = [...world.tasks.values()].filter((task) => ASSIGNED_STATUSES.has(task.status));
  for (let at = 0; at < known.length; at += BATCH) {
    const tasks = known.slice(at, at + BATCH).map((task) => ({
      task_id: { value: task.id },
      ...(task.agent === null ? {} : { agent_id: { value: task.agent } }),
    }));
    tx.call({ type: 'RECONCILE', reconcile: { tasks } });
  }
  tx.call({ type: 'RECONCILE', reconcile: { tasks: [] } });
  scheduleReconciliation(tx, tx.now + tx.env.limits.reconcileEveryMs);
}

export function scheduleReconciliation({ world }: Tx, atMs: number): void {
  world.nextReconcileAtMs = atMs;
  world.timers.push(atMs, { kind: 'reconcile' });
}
