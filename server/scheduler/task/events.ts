import { never } from '../../../shared/errors.ts';
import type { AgentId, FrameworkId, OfferId } from '../../../shared/ids.ts';
import type { Event } from '../../../shared/mesos/scheduler.ts';
import type { Offer } from '../../../shared/mesos/v1.ts';
import { sameJson } from '../../../shared/same-json.ts';
import { subscribeCall } from '../framework.ts';
import { beginOffering } from '../placement/offering.ts';
import type { Tx } from '../tx.ts';
import { scheduleReconciliation } from './reconcile.ts';
import { handleStatus } from './status.ts';

/** An event of the master that we are a framework of. */
export function handleEvent(tx: Tx, event: Event): void {
  const { placement } = tx.world;
  switch (event.type) {
    case 'SUBSCRIBED':
      return subscribed(tx, event.subscribed.framework_id.value as FrameworkId);
    case 'OFFERS':
      for (const offer of event.offers.offers) holdOffer(tx, offer);
      return;
    case 'RESCIND':
      return placement.rescind(event.rescind.offer_id.value as OfferId);
    case 'UPDATE':
      return handleStatus(tx, event.update.status);
    case 'FAILURE':
      // The agent's tasks are told one by one in updates; its offers were rescinded.
      return;
    case 'ERROR':
      return refused(tx, event.error.message);
    // We use no executors of our own and give operations no id.
    // Maintenance is read from the offers themselves.
    case 'INVERSE_OFFERS':
    case 'RESCIND_INVERSE_OFFER':
    case 'MESSAGE':
    case 'UPDATE_OPERATION_STATUS':
    case 'HEARTBEAT':
      return;
    default:
      never(event);
  }
}

/** The master ends the stream after this, and the link reports it as down. */
function refused(tx: Tx, message: string): void {
  tx.world.subscribed = false;
  tx.world.placement.takeAllOffers();
  // Torn down, or longer away than the failover timeout: that id is never accepted again, and what it ran is ended.
  if (message.startsWith('Framework has been removed') && tx.world.framework !== null)
    tx.write({ w: 'framework', id: null });
}

/** The link came up: subscribe. It went away: what was offered is void, and offers come anew after the next subscription. */
export function handleLink(tx: Tx, up: boolean): void {
  if (up) tx.call(subscribeCall(tx.world.framework, beginOffering(tx.world)));
  else {
    tx.world.subscribed = false;
    tx.world.placement.takeAllOffers();
  }
}

function subscribed(tx: Tx, framework: FrameworkId): void {
  const { world } = tx;
  if (world.framework !== framework) tx.write({ w: 'framework', id: framework });
  world.placement.takeAllOffers();
  world.subscribed = true;
  for (const group of world.pending.keys()) world.dirtyGroups.add(group);
  scheduleReconciliation(tx, tx.now);
}

/** Agents are known by their offers; host name and attributes are kept for when it does not offer (Aurora's HostAttributes). */
function holdOffer(tx: Tx, offer: Offer): void {
  const agent = offer.agent_id.value as AgentId;
  const attributes = offer.attributes ?? [];
  const known = tx.world.hosts.get(agent);
  if (
    !known ||
    known.host !== offer.hostname ||
    (known.attributes !== attributes && !sameJson(known.attributes, attributes))
  ) {
    tx.write({ w: 'host', row: { agent, host: offer.hostname, attributes, seenAtMs: tx.now } });
  }
  tx.world.placement.hold(offer);
}
