import { processPages } from '../../libprocess/process-pages.ts';
import { LoggingLevel } from '../../libprocess/logging-level.ts';
import { isOpenToAll, Viewer } from '../../master/visible.ts';
import { principalOfRequest } from '../auth/authenticate.ts';
import { legacyFiles } from './legacy/files.ts';
import { legacyReads } from './legacy/reads.ts';
import { legacyWrites } from './legacy/writes.ts';
import { operatorEndpoint } from './operator/endpoint.ts';
import type { OperatorParts } from './operator/parts.ts';
import { OperatorStream } from './operator/stream.ts';
import { sendText, type MesosHandler } from '../../libprocess/respond.ts';
import { schedulerEndpoint, type SchedulerParts } from './scheduler.ts';

export type MesosParts = SchedulerParts & OperatorParts;

/** Everything that a Mesos master answers, by path: each is found with and without `/master`, and for longer paths too. */
export function mesosRoutes(parts: MesosParts): ReadonlyMap<string, MesosHandler> {
  const stream = new OperatorStream(parts.master, parts.operators, parts.clock);
  const logging = new LoggingLevel(parts.clock);
  const operators = (seen: OperatorParts): Map<string, MesosHandler> =>
    new Map([
      ...legacyReads(seen, () => stream.size),
      ...legacyWrites(seen),
      ['api/v1', operatorEndpoint(seen, stream, logging)],
      ...pages,
    ]);
  const pages = processPages({ process: 'master', logging, paths: () => [...routes.keys()] });
  const routes: ReadonlyMap<string, MesosHandler> = new Map([
    ...(isOpenToAll(parts.acls) ? operators(parts) : asSeen(parts, operators)),
    ...legacyFiles(),
    ['api/v1/scheduler', schedulerEndpoint(parts)],
  ]);
  return routes;
}

/** Endpoints that tell nothing of anybody: whoever may ask gets what everybody gets. */
export const OF_NOBODY: ReadonlySet<string> = new Set([
  'health',
  'version',
  'redirect',
  'flags',
  'metrics/snapshot',
  'system/stats.json',
  '__processes__',
  'logging/toggle',
  'help',
]);

/** Which of those a rule about endpoints may close, as in Mesos. */
const CLOSABLE: ReadonlySet<string> = new Set(['metrics/snapshot', 'logging/toggle']);

/** Each request is answered out of what whoever sent it may see. Nothing is remembered from one to the next. */
function asSeen(
  parts: OperatorParts,
  make: (seen: OperatorParts) => ReadonlyMap<string, MesosHandler>,
): Map<string, MesosHandler> {
  const { acls, master } = parts;
  const all = make(parts);
  const handler =
    (path: string): MesosHandler =>
    (request, response) => {
      const viewer = new Viewer(acls, principalOfRequest(request));
      const isClosed =
        (path === 'flags' && !viewer.may('view_flags')) ||
        (CLOSABLE.has(path) && !viewer.may('get_endpoints', `/${path}`));
      if (isClosed) return sendText(response, 403, '403 Forbidden.');
      if (OF_NOBODY.has(path)) return all.get(path)?.(request, response);
      const flags = viewer.may('view_flags') ? parts.flags : {};
      const seen = { ...parts, viewer, flags, master: viewer.worldOf(master), whole: master };
      return make(seen).get(path)?.(request, response);
    };
  return new Map([...all.keys()].map((path) => [path, handler(path)]));
}
