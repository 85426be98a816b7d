import { giveBack } from './ledger.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent } from './entities.ts';
import type { MasterOffer } from './offer-book.ts';
import type { MasterWorld } from './world.ts';

/** Takes an offer back without a word; its resources are free again. */
export function recoverOffer(world: MasterWorld, offer: MasterOffer): void {
  const agent = world.agents.get(offer.agent);
  world.offers.remove(offer, world.frameworks.get(offer.framework), agent);
  if (agent) giveBack(world, agent, offer);
}

/** … and tells the framework that it is no longer valid. */
export function rescindOffer(tx: MasterTx, offer: MasterOffer): void {
  recoverOffer(tx.world, offer);
  tx.toFramework(tx.world.frameworks.get(offer.framework), {
    type: 'RESCIND',
    rescind: { offer_id: { value: offer.id } },
  });
}

export function rescindAgentOffers(tx: MasterTx, agent: MasterAgent): void {
  for (const offer of agent.offers) rescindOffer(tx, offer);
}
