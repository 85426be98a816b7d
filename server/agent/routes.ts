import type { MesosHandler } from '../libprocess/respond.ts';
import type { Agent } from './agent.ts';
import { executorEndpoint } from './executors/endpoint.ts';
import type { AgentParts } from './parts.ts';

/** What a Mesos agent answers, by path: each is found with and without `/slave(1)`. */
export function agentRoutes(
  agent: Agent,
  { state, link }: Pick<AgentParts, 'state' | 'link'>,
): ReadonlyMap<string, MesosHandler> {
  const { executors } = agent;
  return new Map(executors ? [['api/v1/executor', executorEndpoint({ executors, state, link })]] : []);
}
