/** Offers that are held too long go back: by `--offer_timeout`, and those of our own scheduler as soon as others want some. */
import type { MasterOffer } from './offer-book.ts';
import { rescindOffer } from './offers.ts';
import type { MasterTx } from './tx.ts';
import type { MasterWorld } from './world.ts';

/** How long our own scheduler may hold an offer while another framework is there to take it. */
const YIELD_MS = 2_000;

/** Rescinds what is overdue, when it is time to look. */
export function timeOutOffers(tx: MasterTx): void {
  const { world } = tx;
  if (world.offersDueAtMs === null || world.offersDueAtMs > tx.now) return;
  world.offersDueAtMs = null;
  const overdueAt = overdueAtOf(tx);
  for (const offer of world.offers.values()) if (overdueAt(offer) <= tx.now) rescindOffer(tx, offer);
}

/** Arranges to look through the offers when the first of them may be overdue. After an allocation: an offer may be the only thing that happens for long. */
export function watchOffers(tx: MasterTx): void {
  const { world } = tx;
  const { offerTimeoutMs = Infinity } = tx.env.limits;
  if (world.offers.size === 0 || world.offersDueAtMs !== null) return;
  if (offerTimeoutMs === Infinity && !othersContend(world)) return;
  const overdueAt = overdueAtOf(tx);
  // Others may come to want some of ours in the meantime.
  const ours = [...world.frameworks.values()].some(({ yields }) => yields);
  let next = ours ? tx.now + YIELD_MS : Infinity;
  for (const offer of world.offers.values()) next = Math.min(next, overdueAt(offer));
  world.offersDueAtMs = next;
  world.timers.push(next, { kind: 'offers' });
}

function overdueAtOf({ world, env }: MasterTx): (offer: MasterOffer) => number {
  const { offerTimeoutMs = Infinity } = env.limits;
  const isWanted = othersContend(world);
  return ({ framework, atMs }) => {
    const yields = isWanted && world.frameworks.get(framework)?.yields === true;
    return atMs + Math.min(offerTimeoutMs, yields ? YIELD_MS : Infinity);
  };
}

/** Ours takes part in allocation, and another. Asked after every turn, so it is kept up rather than counted. */
function othersContend({ contending: { yielding, others } }: MasterWorld): boolean {
  return yielding.size > 0 && others.size > 0;
}
