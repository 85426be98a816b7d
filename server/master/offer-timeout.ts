/** Offers that are held too long go back: by `--offer_timeout`, and those of our own scheduler as soon as others want some. */
import { rescindOffer } from './offers.ts';
import type { MasterTx } from './tx.ts';
import type { MasterWorld } from './world.ts';

/** How long our own scheduler may hold an offer while another framework is there to take it. */
const YIELD_MS = 2_000;

/** Rescinds what is overdue, and arranges to look again when the next offer will be. */
export function timeOutOffers(tx: MasterTx): void {
  const { world } = tx;
  const { offerTimeoutMs } = tx.env.limits;
  const isWanted = othersContend(world);
  if (world.offers.size === 0 || (offerTimeoutMs === undefined && !isWanted)) {
    world.offersDueAtMs = null;
    return;
  }
  if (world.offersDueAtMs !== null && world.offersDueAtMs > tx.now) return;
  let next = Infinity;
  for (const offer of world.offers.values()) {
    const yields = isWanted && world.frameworks.get(offer.framework)?.yields === true;
    const heldMs = Math.min(offerTimeoutMs ?? Infinity, yields ? YIELD_MS : Infinity);
    if (offer.atMs + heldMs <= tx.now) rescindOffer(tx, offer);
    else next = Math.min(next, offer.atMs + heldMs);
  }
  // What is rescinded is offered again in this very turn: with new offers comes a new time.
  const again = Math.min(next, tx.now + Math.min(offerTimeoutMs ?? Infinity, YIELD_MS));
  world.offersDueAtMs = again;
  world.timers.push(again, { kind: 'offers' });
}

/** Some framework that does not yield takes part in allocation. */
function othersContend(world: MasterWorld): boolean {
  let ours = false;
  let others = false;
  for (const { contends, yields } of world.frameworks.values()) {
    if (contends.size === 0) continue;
    if (yields) ours = true;
    else others = true;
  }
  return ours && others;
}
