/** What an agent answers to GET, as before the v1 API. */
import { bundleOf } from '../../../shared/mesos/bundle.ts';
import type { Action } from '../../../shared/mesos/acls.ts';
import { type Value, double, labelsModel, message, seconds } from '../../libprocess/json.ts';
import {
  MESOS_VERSION,
  attributesModel,
  doubles,
  reservedModels,
  resourcesModel,
  statusModel,
} from '../../libprocess/models.ts';
import { queryOf, sendJson } from '../../libprocess/reply.ts';
import { type MesosHandler, sendEmpty, sendText } from '../../libprocess/respond.ts';
import type { HeldTask } from '../state.ts';
import { measure } from '../usage.ts';
import type { Access } from './access.ts';
import type { ApiParts } from './calls.ts';
import { fileEndpoints } from './file-endpoints.ts';
import { fileName } from './files.ts';
import { containersSeen, statisticsOf } from './messages.ts';
import { agentMetrics } from './metrics.ts';
import { type ExecutorView, type FrameworkView, executorsOf } from './view.ts';

const CAPABILITIES = ['MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT', 'AGENT_DRAINING'];

export function legacyEndpoints(parts: ApiParts): Map<string, MesosHandler> {
  /** @param closedBy the action that it takes to be answered at all, and on what */
  const json =
    (
      read: (access: Access, query: URLSearchParams) => Value | Promise<Value>,
      closedBy?: [Action, string?],
    ): MesosHandler =>
    async (request, response) => {
      const access = parts.access(request);
      if (closedBy && !access.may(...closedBy)) return sendText(response, 403);
      return sendJson(request, response, await read(access, queryOf(request)));
    };
  const endpoint = (path: string, read: Parameters<typeof json>[0]): [string, MesosHandler] => [
    path,
    json(read, ['get_endpoints', `/${path}`]),
  ];
  return new Map<string, MesosHandler>([
    ['state', json((access) => stateModel(parts, access))],
    endpoint('containers', (access) => containers(parts, access, true)),
    endpoint('monitor/statistics', (access) => containers(parts, access, false)),
    endpoint('metrics/snapshot', () => doubles(agentMetrics(parts.state, parts.info, uptimeMs(parts)))),
    ['version', json(() => ({ version: MESOS_VERSION }))],
    ['health', (_request, response) => sendEmpty(response, 200)],
    ['flags', json(() => ({ flags: parts.flags }), ['view_flags'])],
    ...fileEndpoints(parts.files, parts.access),
  ]);
}

function uptimeMs({ clock, startedAtMs }: ApiParts): number {
  return clock.now() - startedAtMs;
}

function stateModel({ state, info, flags, startedAtMs, files }: ApiParts, access: Access): Value {
  const total = bundleOf(info.resources);
  const directory = directories(files.names());
  const frameworks = access.viewOf(state);
  const list = (wanted: boolean): Value =>
    frameworks
      .filter(({ running }) => running === wanted)
      .flatMap((framework) => frameworkModel(framework, directory) ?? []);
  return {
    version: MESOS_VERSION,
    start_time: seconds(startedAtMs),
    id: state.agentId ?? '',
    pid: `slave(1)@${info.ip}:${info.port}`,
    hostname: info.hostname,
    capabilities: CAPABILITIES,
    resources: resourcesModel(total),
    ...reservedModels(total, (role) => access.may('view_roles', role)),
    attributes: attributesModel(info.attributes),
    flags: access.may('view_flags') ? flags : undefined,
    frameworks: list(true),
    completed_frameworks: list(false),
  };
}

/** Container → where its sandbox lies. */
function directories(names: ReadonlyMap<string, string>): (container: string) => string {
  const found = new Map([...names].map(([name, path]) => [fileName(name), path]));
  return (container) => found.get(container) ?? '';
}

/** Undefined: nobody told the agent what it is. */
function frameworkModel(
  { info, executors: views }: FrameworkView,
  directory: (container: string) => string,
): Value | undefined {
  if (!info) return undefined;
  const { id, name, user, failover_timeout = 0, checkpoint = false } = info;
  const { hostname = '', principal, role, roles } = info;
  const executors = (wanted: boolean): Value =>
    views
      .filter(({ running }) => running === wanted)
      .map((view) => executorModel(view, directory(view.container)));
  return {
    id: id?.value ?? '',
    name,
    user,
    failover_timeout: double(failover_timeout),
    checkpoint,
    hostname,
    principal,
    role: roles ? undefined : (role ?? '*'),
    roles,
    executors: executors(true),
    completed_executors: executors(false),
  };
}

function executorModel(view: ExecutorView, directory: string): Value {
  const { info, container, launched, terminated, queued, completed } = view;
  const resources = [
    ...(launched.some(({ task }) => task.executor) ? (info.resources ?? []) : []),
    ...launched.flatMap(({ task }) => task.resources),
  ];
  return {
    id: info.executor_id.value,
    name: info.name ?? '',
    source: info.source ?? '',
    container,
    directory,
    resources: resourcesModel(bundleOf(resources)),
    role: roleOf([...resources, ...completed.flatMap(({ task }) => task.resources)]),
    labels: labelsModel(info.labels),
    type: info.type,
    tasks: [...launched, ...terminated].map(taskModel),
    queued_tasks: queued.map(taskModel),
    completed_tasks: completed.map(taskModel),
  };
}

function taskModel({ framework, task, status, statuses }: HeldTask): Value {
  const { task_id, name, executor, agent_id, resources, labels, discovery, container, health_check } = task;
  return {
    id: task_id.value,
    name,
    framework_id: framework,
    // Empty: run by the agent's own executor.
    executor_id: executor?.executor_id.value ?? '',
    slave_id: agent_id.value,
    state: status.state,
    resources: resourcesModel(bundleOf(resources)),
    role: roleOf(resources),
    statuses: statuses.map(statusModel),
    labels: labelsModel(labels),
    discovery: discovery && message('mesos.v1.DiscoveryInfo', discovery),
    container: container && message('mesos.v1.ContainerInfo', container),
    health_check: health_check && message('mesos.v1.HealthCheck', health_check),
  };
}

function roleOf(
  resources: readonly { readonly allocation_info?: { readonly role?: string } }[],
): string | undefined {
  return resources.find(({ allocation_info: info }) => info?.role !== undefined)?.allocation_info?.role;
}

async function containers(
  { state, clock, containers: { containerizer } }: ApiParts,
  access: Access,
  withStatus: boolean,
): Promise<Value> {
  // As in Mesos, statistics are shown to whoever may ask for them at all.
  const views = withStatus
    ? containersSeen(state, access)
    : executorsOf(state).filter((view) => view.running);
  const used = await measure(state, containerizer);
  return views.map(({ framework, info, container, launched, queued }) => {
    const statistics = statisticsOf(info, [...launched, ...queued], clock.now(), used.get(container));
    const where = launched.find((held) => held.container === container)?.status.container_status;
    return {
      ...(withStatus ? { container_id: container } : {}),
      executor_id: info.executor_id.value,
      executor_name: info.name ?? '',
      framework_id: framework,
      source: info.source ?? '',
      statistics: message('mesos.v1.ResourceStatistics', statistics),
      status: withStatus
        ? message('mesos.v1.ContainerStatus', {
            container_id: { value: container },
            executor_pid: where?.executor_pid,
          })
        : undefined,
    };
  });
}
