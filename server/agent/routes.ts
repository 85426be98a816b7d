import type { IncomingMessage } from 'node:http';
import type { Subject } from '../../shared/mesos/acls.ts';
import { processPages } from '../libprocess/process-pages.ts';
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
  const routes = mainRoutes(parts);
  const { state, link, subject } = parts;
  return executors
    ? routes.set('api/v1/executor', executorEndpoint({ executors, state, link, subject }))
    : routes;
}

/** All but what executors ask. */
export function mainRoutes(parts: ApiParts): Map<string, MesosHandler> {
  const { logging } = parts;
  const routes = legacyEndpoints(parts).set('api/v1', callsEndpoint(parts));
  const pages = processPages({ process: 'slave(1)', logging, paths: () => [...routes.keys()] });
  for (const [path, page] of pages) routes.set(path, page);
  return routes;
}
