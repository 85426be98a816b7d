import type { AgentId } from '../../../shared/ids.ts';
import { add, contains } from '../../../shared/mesos/bundle.ts';
import { describeBundle } from '../../../shared/mesos/bundle-format.ts';
import type { ResourceOperation } from '../../../shared/mesos/v1.ts';
import { conversionOf, volumeClash } from '../convert.ts';
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
  const { offers } = agent;
  const most = offers.map(({ resources }) => resources).reduce(add, agent.free);
  if (!contains(most, made.before))
    return {
      status: 409,
      message: `${describeBundle(most)} does not contain ${describeBundle(made.before)}`,
    };
  for (const offer of offers) {
    if (contains(agent.free, made.before)) break;
    rescindOffer(tx, offer);
  }
  convertFree(tx.world, agent, made.before, made.after);
  finishOperation(tx, undefined, agent, {});
  tx.world.freed.agents.add(id);
  return { status: 202 };
}
