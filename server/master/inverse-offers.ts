/** Asking resources back: frameworks that have something on a machine whose maintenance is scheduled hear of it, and may say whether they can do without. */
import type { FrameworkId, OfferId } from '../../shared/ids.ts';
import type { Call } from '../../shared/mesos/scheduler.ts';
import type { Id } from '../../shared/mesos/v1.ts';
import type { InverseOffer, MasterAgent, MasterFramework } from './entities.ts';
import { refusalMs } from './filters.ts';
import { holdings } from './ledger.ts';
import { unavailabilityOf } from './machines.ts';
import { offerUrl } from './offer-message.ts';
import type { MasterTx } from './tx.ts';
import type { MasterWorld } from './world.ts';

type Answer = Extract<Call, { type: 'ACCEPT_INVERSE_OFFERS' }>['accept_inverse_offers'];

/** One outstanding inverse offer to each framework with something there; after an answer it comes again when the answer's filter ends. */
export function sendInverseOffers(tx: MasterTx): void {
  const { world } = tx;
  if (world.schedule.size === 0) return;
  for (const agent of world.agents.values()) {
    const unavailability = unavailabilityOf(world, agent);
    if (!unavailability || agent.connection === null) continue;
    for (const id of frameworksOn(agent)) {
      const framework = world.frameworks.get(id);
      if (framework?.connection == null || isAsked(tx, agent, id)) continue;
      const offer = world.offers.newId();
      world.inverseOffers.set(offer, { id: offer, framework: id, agent: agent.id });
      agent.inverseOffers.set(id, offer);
      tx.toFramework(framework, {
        type: 'INVERSE_OFFERS',
        inverse_offers: {
          inverse_offers: [
            {
              id: { value: offer },
              url: offerUrl(agent.info),
              framework_id: { value: id },
              agent_id: { value: agent.id },
              unavailability,
            },
          ],
        },
      });
    }
  }
}

/** Purely advice: what a framework says is shown to operators. */
export function answerInverseOffers(
  tx: MasterTx,
  framework: MasterFramework,
  { inverse_offer_ids: ids = [], filters }: Answer,
  status: 'ACCEPT' | 'DECLINE',
): void {
  const { world } = tx;
  for (const { value } of ids as readonly Id[]) {
    const offer = world.inverseOffers.get(value as OfferId);
    if (!offer || offer.framework !== framework.id) continue;
    forget(world, offer);
    const untilMs = tx.now + refusalMs(filters?.refuse_seconds);
    world.agents.get(offer.agent)?.inverseAnswers.set(framework.id, { status, atMs: tx.now, untilMs });
    world.timers.push(untilMs, { kind: 'inverse', framework: framework.id, agent: offer.agent });
  }
}

/** The schedule changed, or the agent is gone: what was asked is no longer asked. */
export function endInverseOffers(tx: MasterTx, agent: MasterAgent): void {
  agent.inverseAnswers.clear();
  for (const id of agent.inverseOffers.values()) {
    const offer = tx.world.inverseOffers.get(id);
    if (!offer) continue;
    forget(tx.world, offer);
    tx.toFramework(tx.world.frameworks.get(offer.framework), {
      type: 'RESCIND_INVERSE_OFFER',
      rescind_inverse_offer: { inverse_offer_id: { value: offer.id } },
    });
  }
}

/** Silently: a framework that comes or goes is asked anew. */
export function dropInverseOffers(world: MasterWorld, framework: MasterFramework): void {
  for (const offer of world.inverseOffers.values())
    if (offer.framework === framework.id) forget(world, offer);
}

function forget(world: MasterWorld, { id, agent, framework }: InverseOffer): void {
  world.inverseOffers.delete(id);
  world.agents.get(agent)?.inverseOffers.delete(framework);
}

function frameworksOn(agent: MasterAgent): Set<FrameworkId> {
  return new Set(holdings(agent).map(({ framework }) => framework));
}

/** It has not answered yet, or not long ago. */
function isAsked(tx: MasterTx, agent: MasterAgent, framework: FrameworkId): boolean {
  return agent.inverseOffers.has(framework) || (agent.inverseAnswers.get(framework)?.untilMs ?? 0) > tx.now;
}
