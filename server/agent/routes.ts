import type { IncomingMessage } from 'node:http';
import type { Subject } from '../../shared/mesos/acls.ts';
import type { MesosHandler } from '../libprocess/respond.ts';
import type { Agent } from './agent.ts';
import { type ApiParts, callsEndpoint } from './api/calls.ts';
import { legacyEndpoints } from './api/legacy.ts';
import { executorEndpoint } from './executors/endpoint.ts';
import type { MasterLink } from './master-link.ts';

/** What a Mesos agent answers, by path: each is found with and without `/slave(1)`. */
export function agentRoutes(
  { executors }: Agent,
  parts: ApiParts & {
    readonly link: MasterLink;
    /** Who sent a request; undefined: nobody was asked. */
    readonly subject: (request: IncomingMessage) => Subject | undefined;
  },
): ReadonlyMap<string, MesosHandler> {
  const routes = legacyEndpoints(parts).set('api/v1', callsEndpoint(parts));
  const { state, link, subject } = parts;
  return executors
    ? routes.set('api/v1/executor', executorEndpoint({ executors, state, link, subject }))
    : routes;
}
