/** What a Mesos master answers that does not lead. */
import { emptyMaster } from '../../master/world.ts';
import { authorityOf, type Leadership } from '../../store/leadership.ts';
import { pathOf } from '../../libprocess/reply.ts';
import { begin, sendText, type MesosHandler } from '../../libprocess/respond.ts';
import type { OperatorHub } from './operator/parts.ts';
import { mesosRoutes, OF_NOBODY, type MesosParts } from './routes.ts';
import type { FrameworkHub } from './scheduler.ts';

export type StandbyParts = Omit<MesosParts, 'hub' | 'operators' | 'master' | 'masterId' | 'electedAtMs'>;

const nobody = (): never => {
  throw new Error('this master does not lead');
};
const NO_FRAMEWORKS: FrameworkHub = { open: nobody, call: nobody, closed: nobody };
const NO_OPERATORS: OperatorHub = { perform: nobody, watch: () => nobody };

/**
 * The paths of the master. What tells of the process alone is answered here, and `/files`, which are libprocess's; everything else is sent on to the leader before its method,
 * type or body is looked at.
 */
export function standbyRoutes(
  parts: StandbyParts,
  leadership: () => Leadership,
): ReadonlyMap<string, MesosHandler> {
  const nothing = { master: emptyMaster(''), masterId: '', electedAtMs: null };
  const routes = mesosRoutes({ ...parts, ...nothing, hub: NO_FRAMEWORKS, operators: NO_OPERATORS });
  const elsewhere = toLeader(leadership);
  const isOwn = (path: string): boolean =>
    path.startsWith('files/') || (OF_NOBODY.has(path) && path !== 'redirect');
  return new Map([...routes].map(([path, handler]) => [path, isOwn(path) ? handler : elsewhere]));
}

/** Scheme-relative and always behind `/master`, as Mesos has it; `/redirect` leads to the leader itself, and whatever is behind that nowhere. */
function toLeader(leadership: () => Leadership): MesosHandler {
  return (request, response) => {
    const now = leadership();
    if (now.kind === 'none') return sendText(response, 503, 'No leader elected');
    if (now.kind === 'leading') return sendText(response, 503, 'Master has not finished recovery');
    const path = pathOf(request);
    if (path[0] === 'redirect' && path.length > 1) return sendText(response, 404);
    const rest = (request.url ?? '').replace(/^\/+/, '').replace(/^master\/+/, '');
    const location = `//${authorityOf(now.leader)}${path[0] === 'redirect' ? '' : `/master/${rest}`}`;
    begin(response);
    response.writeHead(307, { Location: location, 'Content-Length': '0' }).end();
  };
}
