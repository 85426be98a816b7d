import type { UpdateStatus } from '../../../shared/update-states.ts';
import { canMoveUpdate } from '../../../shared/update-states.ts';
import type { UpdateRow } from '../rows.ts';
import type { Tx } from '../tx.ts';

/** Aurora's message of an automatic pause between batches; how many there were is read back from the events. */
export const AUTO_PAUSED = 'Update auto paused';

/** Pauses that nobody asked for; an operator may use the same words. */
export function autoPauses(update: UpdateRow): number {
  return update.events.filter(({ user, message }) => user === null && message === AUTO_PAUSED).length;
}

interface Why {
  readonly user?: string;
  readonly message?: string | undefined;
}

/** Moves an update by its table. */
export function moveUpdate(tx: Tx, update: UpdateRow, to: UpdateStatus, why: Why = {}): void {
  const from = update.status;
  if (!canMoveUpdate(from, to)) throw new Error(`update ${update.id} cannot go from ${from} to ${to}`);
  tx.write({
    w: 'update-status',
    id: update.id,
    from,
    to,
    atMs: tx.now,
    user: why.user ?? null,
    message: why.message ?? null,
  });
}

/** Turns round: what the job wants is again what it wanted before. */
export function startRollback(tx: Tx, update: UpdateRow, why: Why): void {
  moveUpdate(tx, update, 'ROLLING_BACK', why);
  if (update.previousJob) tx.write({ w: 'job', row: { ...update.previousJob, changedAtMs: tx.now } });
}
