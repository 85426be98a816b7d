/** What an agent answers to GET, as before the v1 API. */
import { bundleOf } from '../../../shared/mesos/bundle.ts';
import type { FrameworkInfo } from '../../../shared/mesos/v1.ts';
import { type Value, double, labelsModel, message, seconds } from '../../libprocess/json.ts';
import {
  MESOS_VERSION,
  attributesModel,
  doubles,
  reservedModels,
  resourcesModel,
  statusModel,
} from '../../libprocess/models.ts';
import { sendJson } from '../../libprocess/reply.ts';
import { type MesosHandler, sendEmpty } from '../../libprocess/respond.ts';
import type { Usage } from '../containerizer.ts';
import type { HeldTask } from '../state.ts';
import { measure } from '../usage.ts';
import type { ApiParts } from './calls.ts';
import { fileEndpoints } from './file-endpoints.ts';
import { fileName } from './files.ts';
import { frameworksOf, statisticsOf } from './messages.ts';
import { agentMetrics } from './metrics.ts';
import { type ExecutorView, executorsOf } from './view.ts';

const CAPABILITIES = ['MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT', 'AGENT_DRAINING'];

export function legacyEndpoints(parts: ApiParts): Map<string, MesosHandler> {
  const json =
    (read: () => Value): MesosHandler =>
    (request, response) =>
      sendJson(request, response, read());
  const measured =
    (withStatus: boolean): MesosHandler =>
    async (request, response) => {
      const used = await measure(parts.state, parts.containers.containerizer);
      return sendJson(request, response, containers(parts, withStatus, used));
    };
  return new Map<string, MesosHandler>([
    ['state', json(() => stateModel(parts))],
    ['containers', measured(true)],
    ['monitor/statistics', measured(false)],
    ['metrics/snapshot', json(() => doubles(agentMetrics(parts.state, parts.info, uptimeMs(parts))))],
    ['version', json(() => ({ version: MESOS_VERSION }))],
    ['health', (_request, response) => sendEmpty(response, 200)],
    ['flags', json(() => ({ flags: parts.flags }))],
    ...fileEndpoints(parts.files),
  ]);
}

function uptimeMs({ clock, startedAtMs }: ApiParts): number {
  return clock.now() - startedAtMs;
}

function stateModel({ state, info, flags, startedAtMs, files }: ApiParts): Value {
  const views = executorsOf(state);
  const total = bundleOf(info.resources);
  const directory = directories(files.names());
  const running = new Set(views.filter((view) => view.running).map(({ framework }) => framework));
  const framework = (each: FrameworkInfo): Value =>
    frameworkModel(
      each,
      views.filter(({ framework: id }) => id === each.id?.value),
      directory,
    );
  const all = frameworksOf(state, views);
  return {
    version: MESOS_VERSION,
    start_time: seconds(startedAtMs),
    id: state.agentId ?? '',
    pid: `slave(1)@${info.ip}:${info.port}`,
    hostname: info.hostname,
    capabilities: CAPABILITIES,
    resources: resourcesModel(total),
    ...reservedModels(total),
    attributes: attributesModel(info.attributes),
    flags,
    frameworks: all.filter(({ id }) => running.has(id?.value ?? '')).map(framework),
    completed_frameworks: all.filter(({ id }) => !running.has(id?.value ?? '')).map(framework),
  };
}

/** Container → where its sandbox lies. */
function directories(names: ReadonlyMap<string, string>): (container: string) => string {
  const found = new Map([...names].map(([name, path]) => [fileName(name), path]));
  return (container) => found.get(container) ?? '';
}

function frameworkModel(
  {
    id,
    name,
    user,
    failover_timeout = 0,
    checkpoint = false,
    hostname = '',
    principal,
    role,
    roles,
  }: FrameworkInfo,
  views: readonly ExecutorView[],
  directory: (container: string) => string,
): Value {
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

function taskModel({ framework, task, status }: HeldTask): Value {
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
    statuses: [statusModel(status)],
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

function containers(
  { state, clock }: ApiParts,
  withStatus: boolean,
  used: ReadonlyMap<string, Usage>,
): Value {
  return executorsOf(state)
    .filter(({ running }) => running)
    .map(({ framework, info, container, launched, queued }) => {
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
