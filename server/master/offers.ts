import type { OfferId } from '../../shared/ids.ts';
import { addResources, NO_RESOURCES, subtractResources } from '../../shared/resources.ts';
import type { Resources } from '../../shared/resources.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterOffer, MasterWorld } from './world.ts';

/** Takes an offer back without a word; its resources are free again. */
export function recoverOffer(world: MasterWorld, offer: MasterOffer): void {
  world.offers.delete(offer.id);
  world.frameworks.get(offer.framework)?.offers.delete(offer.id);
  const agent = world.agents.get(offer.agent);
  if (!agent) return;
  agent.offers.delete(offer.id);
  agent.free = addResources(agent.free, offer.resources);
  world.dirtyAgents.add(agent.id);
}

/** … and tells the framework that it is no longer valid. */
export function rescindAgentOffers(tx: MasterTx, agent: MasterAgent): void {
  for (const id of agent.offers) {
    const offer = tx.world.offers.get(id);
    if (!offer) continue;
    recoverOffer(tx.world, offer);
    tx.toFramework(tx.world.frameworks.get(offer.framework), {
      type: 'RESCIND',
      rescind: { offer_id: { value: id satisfies OfferId } },
    });
  }
}

/** free = total − running tasks − outstanding offers. */
export function recomputeFree(agent: MasterAgent, world: MasterWorld): void {
  let used: Resources = NO_RESOURCES;
  for (const task of agent.tasks) if (!task.released) used = addResources(used, task.resources);
  for (const id of agent.offers) used = addResources(used, world.offers.get(id)?.resources ?? NO_RESOURCES);
  agent.free = subtractResources(agent.total, used);
}
