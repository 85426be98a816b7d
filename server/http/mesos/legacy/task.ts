import type { CommandInfo } from '../../../../shared/mesos/v1.ts';
import type { MasterExecutor, MasterTask } from '../../../master/entities.ts';
import { double, labelsModel, message, type Value } from '../../../libprocess/json.ts';
import { resourcesModel, statusModel } from '../../../libprocess/models.ts';

export function taskModel({
  id,
  info,
  framework,
  agent,
  state,
  resources,
  role,
  statuses,
}: MasterTask): Value {
  const { labels, discovery, container, health_check, limits } = info;
  return {
    id,
    name: info.name,
    framework_id: framework,
    // Empty: run by the agent's own executor.
    executor_id: info.executor?.executor_id.value ?? '',
    slave_id: agent,
    state,
    resources: resourcesModel(resources),
    role,
    limits:
      limits &&
      Object.fromEntries(
        Object.entries(limits).map(([name, { value }]) => [name, double(value ?? Infinity)]),
      ),
    statuses: statuses.map(statusModel),
    user: info.command?.user ?? info.executor?.command?.user,
    labels: labelsModel(labels),
    discovery: discovery && message('mesos.v1.DiscoveryInfo', discovery),
    container: container && message('mesos.v1.ContainerInfo', container),
    health_check: health_check && message('mesos.v1.HealthCheck', health_check),
  };
}

export function executorModel({ id, info, framework, agent, resources, role }: MasterExecutor): Value {
  return {
    executor_id: id,
    name: info.name ?? '',
    framework_id: framework,
    command: commandModel(info.command ?? {}),
    resources: resourcesModel(resources),
    role,
    labels: labelsModel(info.labels),
    type: info.type ?? 'UNKNOWN',
    slave_id: agent,
  };
}

function commandModel({
  shell = true,
  value,
  arguments: argv = [],
  environment,
  uris = [],
}: CommandInfo): Value {
  return {
    shell,
    value,
    argv,
    environment: environment && message('mesos.v1.Environment', environment),
    uris: uris.map(({ value: uri, executable = false }) => ({ value: uri, executable })),
  };
}
