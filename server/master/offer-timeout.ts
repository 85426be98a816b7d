/** Offers that are held longer than `--offer_timeout` go back. */
import { rescindOffer } from './offers.ts';
import type { MasterTx } from './tx.ts';

/** Rescinds what is overdue, when it is time to look. */
export function timeOutOffers(tx: MasterTx): void {
  const { world } = tx;
  const { offerTimeoutMs = Infinity } = tx.env.limits;
  if (world.offersDueAtMs === null || world.offersDueAtMs > tx.now) return;
  world.offersDueAtMs = null;
  for (const offer of world.offers.values())
    if (offer.atMs + offerTimeoutMs <= tx.now) rescindOffer(tx, offer);
}

/** Arranges to look through the offers when the first of them is overdue. After an allocation: an offer may be the only thing that happens for long. */
export function watchOffers(tx: MasterTx): void {
  const { world } = tx;
  const { offerTimeoutMs = Infinity } = tx.env.limits;
  if (offerTimeoutMs === Infinity || world.offersDueAtMs !== null) return;
  // Offers are kept in the order in which they were made.
  for (const { atMs } of world.offers.values()) {
    world.offersDueAtMs = atMs + offerTimeoutMs;
    world.timers.push(world.offersDueAtMs, { kind: 'offers' });
    return;
  }
}
