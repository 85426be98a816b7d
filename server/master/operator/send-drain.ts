import type { MasterAgent } from '../entities.ts';
import type { MasterTx } from '../tx.ts';

/** Also to an agent that comes back while it is being drained: it may not have heard. */
export function sendDrain(tx: MasterTx, agent: MasterAgent): void {
  if (agent.drain?.state !== 'DRAINING') return;
  const { max_grace_period: grace, mark_gone } = agent.drain.config;
  tx.toAgent(agent, {
    type: 'DRAIN',
    drain: { mark_gone, ...(grace ? { max_grace_ms: Math.round(grace.nanoseconds / 1e6) } : {}) },
  });
}
