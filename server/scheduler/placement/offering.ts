/**
 * Which offers the scheduler asks for. It takes part in the sharing of the cluster only while it has something to place: else its role is suppressed. What
 * it does not use in the turn in which it comes goes back at its end, so that it never holds an offer that another framework could use.
 */
import type { Filters } from '../../../shared/mesos/v1.ts';
import type { GroupKey } from '../group-key.ts';
import type { Tx } from '../tx.ts';
import type { World } from '../world.ts';

/** What the master was told on this subscription. Volatile: SUBSCRIBE tells it anew. */
export interface Offering {
  /** No offers (suppressed), all of them, or all but those that were refused not long ago. */
  asked: 'none' | 'all' | 'not-refused';
  /** A pending group has not been tried on what is refused. */
  untried: boolean;
  revivedAtMs: number;
  /** When it is time for a REVIVE that had to wait. */
  reviveDueAtMs: number | null;
}

export function noOffering(): Offering {
  return { asked: 'none', untried: false, revivedAtMs: -Infinity, reviveDueAtMs: null };
}

/**
 * For so long what is given back is offered to others only. It hides nothing that could be used: no pending group fits it, more of an agent than was refused is
 * offered all the same, and for groups that come later a REVIVE ends it. But agents may change in other ways (attributes, maintenance), hence not for ever.
 */
const REFUSE_SECONDS = 10;

/**
 * A REVIVE makes the master offer every agent. So that a large cluster with many small changes is not busy with nothing else, the next one waits for this much
 * per agent: half a second with ten thousand, not at all with a handful.
 */
const PAUSE_MS_PER_AGENT = 0.05;

/** A subscription begins: whether it wants offers. */
export function beginOffering(world: World): boolean {
  const wanted = wantsOffers(world);
  Object.assign(world.offering, noOffering(), { asked: wanted ? 'all' : 'none' });
  return wanted;
}

/** What is left of offers that are used or given back is refused for a while. */
export function refusal({ offering }: World): Filters {
  if (offering.asked === 'all') offering.asked = 'not-refused';
  return { refuse_seconds: REFUSE_SECONDS };
}

/** Nothing that was offered fits this group. Unless nothing was refused, something else may. */
export function park({ placement, offering }: World, key: GroupKey): void {
  if (placement.parked.has(key)) return;
  placement.parked.add(key);
  if (offering.asked !== 'all') offering.untried = true;
}

/** The end of a turn, when what could be placed is: gives back the rest, and tells the master what is wanted if that has changed. */
export function settleOffers(tx: Tx): void {
  const { world } = tx;
  if (!world.subscribed) return;
  giveBack(tx);
  const { offering } = world;
  if (wantsOffers(world)) {
    if (offering.asked === 'none' || offering.untried) revive(tx);
  } else if (offering.asked !== 'none') {
    tx.call({ type: 'SUPPRESS' });
    offering.asked = 'none';
    offering.untried = false;
  }
}

/** A task waits for a place, or will soon. */
function wantsOffers({ pending, expecting }: World): boolean {
  return pending.size > 0 || expecting.size > 0;
}

function giveBack(tx: Tx): void {
  const offers = tx.world.placement.takeAllOffers();
  if (offers.length === 0) return;
  const offer_ids = offers.map((value) => ({ value }));
  tx.call({ type: 'DECLINE', decline: { offer_ids, filters: refusal(tx.world) } });
}

function revive(tx: Tx): void {
  const { world, now } = tx;
  const { offering } = world;
  const pauseMs = Math.floor(world.hosts.size * PAUSE_MS_PER_AGENT);
  const sinceMs = now - offering.revivedAtMs;
  // A clock that was set back does not count as a wait.
  if (sinceMs >= 0 && sinceMs < pauseMs) {
    offering.reviveDueAtMs = offering.revivedAtMs + pauseMs;
    world.timers.push(offering.reviveDueAtMs, { kind: 'revive' });
    return;
  }
  tx.call({ type: 'REVIVE' });
  Object.assign(offering, { asked: 'all', untried: false, revivedAtMs: now, reviveDueAtMs: null });
}
