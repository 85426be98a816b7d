/** Mesos's endpoints of before the v1 API that only read: whatever the method is. */
import type { IncomingMessage } from 'node:http';
import { add } from '../../../../shared/mesos/bundle.ts';
import { MESOS_VERSION, doubles } from '../../../libprocess/models.ts';
import { masterInfo } from '../master-info.ts';
import { maintenanceSchedule, maintenanceStatus } from '../operator/maintenance.ts';
import { metricsOf } from '../operator/metrics.ts';
import type { OperatorParts } from '../operator/parts.ts';
import type { MasterInfo } from '../../../../shared/mesos/v1.ts';
import { quotaStatus, roleRows, type RoleRow } from '../operator/roles.ts';
import { Together } from '../together.ts';
import { begin, sendEmpty, sendText, type MesosHandler } from '../../../libprocess/respond.ts';
import { double, message, seconds, write, type Raw, type Value } from '../../../libprocess/json.ts';
import { LegacyLists } from './lists.ts';
import type { Parts } from '../../../libprocess/reply.ts';
import { pathOf, queryOf, sendJson } from '../../../libprocess/reply.ts';
import { amountsModel } from './resources.ts';
import { stateSummary } from './summary.ts';
import { tasksPage } from './tasks-page.ts';

/** By path, as the door knows them. @param watchers how many read the operators' stream */
export function legacyReads(parts: OperatorParts, watchers: () => number): Map<string, MesosHandler> {
  const { master, flags } = parts;
  const lists = new LegacyLists(master);
  const answers = new Together<Parts>();
  const json =
    (read: (request: IncomingMessage) => Value | Parts): MesosHandler =>
    (request, response) =>
      sendJson(request, response, read(request));
  /** Lists of everything: made in slices. @param begin what it hangs on besides the path and what is asked, and the way to make it */
  const long =
    (
      begin: (request: IncomingMessage) => { readonly of?: string; readonly make: () => Parts },
    ): MesosHandler =>
    async (request, response) => {
      const { of = '', make } = begin(request);
      const key = `${pathOf(request)[0]} ${String(queryOf(request))} ${of}`;
      return sendJson(request, response, await answers.get(key, make));
    };
  const metrics = json(() => {
    const { startedAtMs, electedAtMs } = parts;
    const now = {
      nowMs: parts.clock.now(),
      startedAtMs,
      elected: electedAtMs !== null,
      watchers: watchers(),
    };
    return doubles(metricsOf(master, now));
  });
  return new Map<string, MesosHandler>([
    [
      'state',
      long((request) => {
        const info = infoOf(parts, request);
        return { of: info.pid, make: () => state(parts, lists, info) };
      }),
    ],
    [
      'state-summary',
      json((request) => stateSummary(master, infoOf(parts, request).hostname, parts.cluster)),
    ],
    [
      'slaves',
      long((request) => {
        const only = queryOf(request).get('slave_id');
        return { make: () => braces(lists.slaves({ isFull: true, only })) };
      }),
    ],
    [
      'frameworks',
      long((request) => {
        const only = queryOf(request).get('framework_id');
        return { make: () => braces(frameworks(lists, only)) };
      }),
    ],
    ['tasks', long((request) => ({ make: () => tasksPage(lists, queryOf(request)) }))],
    ['roles', json(() => ({ roles: roleRows(parts).map((row) => roleModel(row, parts)) }))],
    ['metrics/snapshot', metrics],
    ['version', json(() => ({ version: MESOS_VERSION }))],
    ['health', (_request, response) => sendEmpty(response, 200)],
    ['flags', json(() => ({ flags }))],
    ['redirect', redirect(parts)],
    ['maintenance/status', json(() => maintenanceModel('ClusterStatus', maintenanceStatus(parts)))],
  ]);
}

export function scheduleModel(parts: OperatorParts): Raw {
  return maintenanceModel('Schedule', maintenanceSchedule(parts));
}

export function quotaModel({ master }: OperatorParts): Raw {
  return message('mesos.v1.quota.QuotaStatus', quotaStatus(master));
}

export function weightsModel({ master }: OperatorParts): Value {
  return [...master.roles.weights].map(([role, weight]) => ({ role, weight: double(weight) }));
}

function maintenanceModel(name: string, value: object): Raw {
  return message(`mesos.v1.maintenance.${name}`, value);
}

function state(parts: OperatorParts, lists: LegacyLists, info: MasterInfo): Parts {
  const { master, startedAtMs, electedAtMs, flags, cluster } = parts;
  const { id, pid, port, hostname, capabilities } = info;
  const agents = [...master.agents.values()];
  const count = (wanted: (agent: (typeof agents)[number]) => boolean): Raw =>
    double(agents.filter(wanted).length);
  const head = {
    version: MESOS_VERSION,
    start_time: seconds(startedAtMs),
    elected_time: seconds(electedAtMs ?? 0),
    id,
    pid,
    hostname,
    capabilities: capabilities.map(({ type }) => type),
    activated_slaves: count(({ connection, deactivated }) => connection !== null && !deactivated),
    deactivated_slaves: count(
      ({ bootId, state: reach, connection, deactivated }) =>
        bootId !== '' && reach === 'reachable' && (connection === null || deactivated),
    ),
    unreachable_slaves: count(({ state: reach }) => reach === 'unreachable'),
    leader: pid,
    leader_info: { id, pid, port, hostname },
    cluster,
    flags,
  };
  return [
    Buffer.from(`${write(head).slice(0, -1)},`),
    ...lists.slaves({ isFull: false, only: null }),
    Buffer.from(','),
    ...lists.frameworks(null),
    Buffer.from(',"orphan_tasks":[],"unregistered_frameworks":[]}'),
  ];
}

function frameworks(lists: LegacyLists, only: string | null): Parts {
  return [...lists.frameworks(only), Buffer.from(',"unregistered_frameworks":[]')];
}

function braces(members: Parts): Parts {
  return [Buffer.from('{'), ...members, Buffer.from('}')];
}

function roleModel(row: RoleRow, { master }: OperatorParts): Value {
  const { name, weight, allocated, offered, reserved, consumed } = row;
  const quota = master.quotas.get(name);
  const amounts = (milli: ReadonlyMap<string, number> = new Map()): Value =>
    doubles(
      new Map([...milli].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, value / 1000])),
    );
  return {
    name,
    weight: double(weight),
    quota: {
      role: name,
      guarantee: amounts(quota?.guarantees),
      limit: amounts(quota?.limits),
      consumed: doubles(consumed),
    },
    resources: amountsModel(add(allocated, offered)),
    allocated: amountsModel(allocated),
    offered: amountsModel(offered),
    reserved: amountsModel(reserved),
    frameworks: row.frameworks,
  };
}

/** To the leader, which is here. Whatever stands behind the path is nowhere. */
function redirect(parts: OperatorParts): MesosHandler {
  return (request, response) => {
    if (pathOf(request).length > 1) return sendText(response, 404);
    const { hostname, port } = infoOf(parts, request);
    begin(response);
    response.writeHead(307, { Location: `//${hostname}:${port}`, 'Content-Length': '0' }).end();
  };
}

function infoOf({ master, advertised }: OperatorParts, { socket }: IncomingMessage): MasterInfo {
  return masterInfo(master.id, socket, advertised);
}
