/** Taking one agent out: deactivated (nothing more is offered of it), drained (its tasks are ended as well), or gone for good. */
import type { AgentId } from '../../../shared/ids.ts';
import type { OperatorCall } from '../../../shared/mesos/operator.ts';
import { removeAgent } from '../agents.ts';
import type { MasterAgent } from '../entities.ts';
import type { CallAnswer } from '../facts.ts';
import { unavailabilityOf } from '../machines.ts';
import { rescindAgentOffers } from '../offers.ts';
import { sendDrain } from './send-drain.ts';
import type { MasterTx } from '../tx.ts';

const DONE: CallAnswer = { status: 200 };
const bad = (message: string): CallAnswer => ({ status: 400, message });

export function drainAgent(
  tx: MasterTx,
  {
    agent_id,
    max_grace_period: grace,
    mark_gone = false,
  }: Extract<OperatorCall, { type: 'DRAIN_AGENT' }>['drain_agent'],
): CallAnswer {
  const agent = tx.world.agents.get(agent_id.value as AgentId);
  if (!agent) return bad('Unknown agent');
  if (unavailabilityOf(tx.world, agent)) return bad('Agent is part of a maintenance schedule');
  const graceNs = grace ? (grace.seconds ?? 0) * 1e9 + (grace.nanos ?? 0) : undefined;
  if (graceNs !== undefined && graceNs < 0) return bad("'max_grace_period' must be non-negative");
  const config = {
    ...(graceNs === undefined ? {} : { max_grace_period: { nanoseconds: graceNs } }),
    mark_gone,
  };
  tx.write({
    w: 'agent-operator',
    id: agent.id,
    deactivated: true,
    drain: { state: 'DRAINING', config, sinceMs: tx.now },
  });
  rescindAgentOffers(tx, agent);
  sendDrain(tx, agent);
  return DONE;
}

export function settleDrains(tx: MasterTx): void {
  for (const id of tx.world.draining) {
    const agent = tx.world.agents.get(id);
    if (agent) settleDrain(tx, agent);
  }
}

/** Nothing runs there any more, and every end is acknowledged: it is drained, and gone if that was asked. */
function settleDrain(tx: MasterTx, agent: MasterAgent): void {
  if (agent.drain?.state !== 'DRAINING' || agent.tasks.size > 0 || agent.executors.size > 0) return;
  // One that has not come back yet may still have some.
  if (agent.bootId === '') return;
  const drain = { ...agent.drain, state: 'DRAINED' } as const;
  tx.write({ w: 'agent-operator', id: agent.id, deactivated: true, drain });
  if (drain.config.mark_gone) markGone(tx, agent.id);
}

export function deactivateAgent(tx: MasterTx, id: AgentId): CallAnswer {
  const agent = tx.world.agents.get(id);
  if (!agent) return bad('Unknown agent');
  if (!agent.deactivated) tx.write({ w: 'agent-operator', id, deactivated: true, drain: agent.drain });
  rescindAgentOffers(tx, agent);
  return DONE;
}

export function reactivateAgent(tx: MasterTx, id: AgentId): CallAnswer {
  const agent = tx.world.agents.get(id);
  if (!agent) return bad('Unknown agent');
  if (!agent.deactivated) return bad('Agent is not deactivated');
  if (agent.drain?.state === 'DRAINING') return bad('Agent is still draining');
  tx.write({ w: 'agent-operator', id, deactivated: false, drain: null });
  tx.world.freed.agents.add(id);
  return DONE;
}

/** It will not come back: its tasks are gone, its id is never admitted again. */
export function markGone(tx: MasterTx, id: AgentId): CallAnswer {
  if (tx.world.goneAgents.has(id)) return DONE;
  const agent = tx.world.agents.get(id);
  if (!agent) return { status: 404, message: `Agent '${id}' not found` };
  tx.toAgent(agent, { type: 'SHUTDOWN', shutdown: { message: 'Agent has been marked gone' } });
  tx.write({ w: 'agent-marked-gone', id, atMs: tx.now });
  removeAgent(tx, agent, {
    state: 'TASK_GONE_BY_OPERATOR',
    reason: 'REASON_AGENT_REMOVED_BY_OPERATOR',
    message: 'Agent has been marked gone',
  });
  return DONE;
}
