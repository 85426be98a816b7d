import { giveBack } from './ledger.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterOffer } from './entities.ts';
import type { MasterWorld } from './world.ts';

/** Takes an offer back without a word; its resources are free again. */
export function recoverOffer(world: MasterWorld, offer: MasterOffer): void {
  world.offers.delete(offer.id);
  world.frameworks.get(offer.framework)?.offers.delete(offer.id);
  const agent = world.agents.get(offer.agent);
  if (!agent) return;
  agent.offers.delete(offer.id);
  giveBack(world, agent, offer);
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
  for (const id of agent.offers) {
    const offer = tx.world.offers.get(id);
    if (offer) rescindOffer(tx, offer);
  }
}
