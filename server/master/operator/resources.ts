import type { AgentId, OfferId } from '../../../shared/ids.ts';
import { type Bundle, add, contains } from '../../../shared/mesos/bundle.ts';
import { describeBundle } from '../../../shared/mesos/bundle-format.ts';
import type { ResourceOperation } from '../../../shared/mesos/v1.ts';
import { conversionOf, volumeClash } from '../convert.ts';
import type { MasterAgent } from '../entities.ts';
import type { CallAnswer } from '../facts.ts';
import { convertFree } from '../ledger.ts';
import { rescindOffer } from '../offers.ts';
import { finishOperation } from '../operations.ts';
import type { MasterTx } from '../tx.ts';

/** Reserves, unreserves, creates or destroys on an agent's free resources; offers that hold what is needed are rescinded. Accepted with 202, as Mesos answers before the agent knows. */
export function operateOn(tx: MasterTx, id: AgentId, operation: ResourceOperation): CallAnswer {
  const agent = tx.world.agents.get(id);
  if (!agent?.pooled) return { status: 400, message: 'No agent found with specified ID' };
  const made = conversionOf(operation, { role: undefined, principal: undefined });
  if (!made.ok) return { status: 400, message: made.problem };
  const clash = volumeClash(agent.total, made.before, made.after);
  if (clash !== null) return { status: 409, message: clash };
  if (!obtain(tx, agent, made.before))
    return {
      status: 409,
      message: `${describeBundle(agent.free)} does not contain ${describeBundle(made.before)}`,
    };
  convertFree(tx.world, agent, made.before, made.after);
  finishOperation(tx, undefined, agent, {});
  tx.world.dirtyAgents.add(id);
  return { status: 202 };
}

/** Rescinds the agent's offers one after another until that much is free. None, where even all would not do. */
function obtain(tx: MasterTx, agent: MasterAgent, wanted: Bundle): boolean {
  const offers = [...agent.offers].flatMap((id: OfferId) => tx.world.offers.get(id) ?? []);
  const most = offers.map(({ resources }) => resources).reduce(add, agent.free);
  if (!contains(most, wanted)) return false;
  for (const offer of offers) {
    if (contains(agent.free, wanted)) break;
    rescindOffer(tx, offer);
  }
  return contains(agent.free, wanted);
}
