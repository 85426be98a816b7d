/** Tasks, agents, frameworks and executors as mesos.v1.master shows them. */
import { bundleOf } from '../../../../shared/mesos/bundle.ts';
import { PLAIN, resourcesOf } from '../../../../shared/mesos/bundle-format.ts';
import type { FrameworkInfo, TaskState, TaskStatus } from '../../../../shared/mesos/v1.ts';
import type { CompletedFramework } from '../../../master/completed.ts';
import type { MasterAgent, MasterExecutor, MasterFramework, MasterTask } from '../../../master/entities.ts';
import { unavailabilityOf } from '../../../master/machines.ts';
import { offerMessages, offerUrl } from '../../../master/offer-message.ts';
import type { MasterWorld } from '../../../master/world.ts';
import { MESOS_VERSION } from '../../../libprocess/models.ts';
import {
  offeredOf,
  shownByRole,
  shownResources,
  usedOfAgent,
  usedOfFramework,
  type usedByAll,
} from './holdings.ts';
import { seenByRole, seenOf } from './seen-resources.ts';

/** Those of the Mesos agent that ours behaves like. */
export const AGENT_CAPABILITIES = [
  'MULTI_ROLE',
  'HIERARCHICAL_ROLE',
  'RESERVATION_REFINEMENT',
  'RESOURCE_PROVIDER',
  'RESIZE_VOLUME',
  'AGENT_OPERATION_FEEDBACK',
  'AGENT_DRAINING',
  'TASK_RESOURCE_LIMITS',
] as const;

export function timeOf(ms: number): { nanoseconds: number } {
  return { nanoseconds: ms * 1e6 };
}

/** mesos.v1.Task */
export function taskMessage(
  task: MasterTask,
  state: TaskState = task.state,
  statuses: readonly TaskStatus[] = task.statuses,
): object {
  const { info } = task;
  const told = statuses.findLast(({ uuid }) => uuid !== undefined);
  const user = info.command?.user ?? info.executor?.command?.user;
  return {
    name: info.name,
    task_id: info.task_id,
    framework_id: { value: task.framework },
    ...(info.executor ? { executor_id: info.executor.executor_id } : {}),
    agent_id: { value: task.agent },
    state,
    resources: resourcesOf(task.resources, { ...PLAIN, role: task.role }),
    ...(statuses.length > 0 ? { statuses } : {}),
    ...(told ? { status_update_state: told.state, status_update_uuid: told.uuid } : {}),
    ...(info.labels ? { labels: info.labels } : {}),
    ...(info.discovery ? { discovery: info.discovery } : {}),
    ...(info.container ? { container: info.container } : {}),
    ...(info.health_check ? { health_check: info.health_check } : {}),
    ...(info.kill_policy ? { kill_policy: info.kill_policy } : {}),
    ...(user === undefined ? {} : { user }),
    ...(info.limits ? { limits: info.limits } : {}),
  };
}

/** mesos.v1.AgentInfo, without what is ours alone. */
export function agentInfoMessage(world: MasterWorld, { id, info }: MasterAgent): object {
  return {
    hostname: info.hostname,
    port: info.port,
    resources: resourcesOf(seenOf(world, bundleOf(info.resources))),
    attributes: info.attributes,
    id: { value: id },
  };
}

export function pidOf({ info }: MasterAgent): string {
  return `slave(1)@${info.ip}:${info.port}`;
}

export function isActive(agent: MasterAgent): boolean {
  return agent.connection !== null && !agent.deactivated;
}

/** mesos.v1.master.Response.GetAgents.Agent. An agent that just came is told of without its offers. */
export function agentMessage(world: MasterWorld, agent: MasterAgent, isNews = false): object {
  const used = shownByRole(seenByRole(world, usedOfAgent(agent)));
  const offered = isNews ? [] : shownByRole(seenByRole(world, offeredOf(world, agent)));
  return {
    agent_info: { ...agentInfoMessage(world, agent), ...(isNews ? {} : { checkpoint: true }) },
    active: isActive(agent),
    deactivated: agent.deactivated,
    version: MESOS_VERSION,
    pid: pidOf(agent),
    ...(agent.registeredAtMs === null ? {} : { registered_time: timeOf(agent.registeredAtMs) }),
    ...(agent.reregisteredAtMs === null ? {} : { reregistered_time: timeOf(agent.reregisteredAtMs) }),
    total_resources: shownResources(seenOf(world, agent.total)),
    ...(used.length > 0 ? { allocated_resources: used } : {}),
    ...(offered.length > 0 ? { offered_resources: offered } : {}),
    capabilities: AGENT_CAPABILITIES.map((type) => ({ type })),
    ...drainMessage(agent),
  };
}

function drainMessage({ drain }: MasterAgent): object {
  if (!drain) return {};
  const { state, config, sinceMs } = drain;
  // To the second, as Mesos has it here.
  const start = Math.floor(sinceMs / 1000) * 1000;
  return { drain_info: { state, config }, estimated_drain_start_time: timeOf(start) };
}

/** mesos.v1.FrameworkInfo with its id, and what is printed also where it was not given. */
export function frameworkInfoMessage(info: FrameworkInfo): object {
  const { user, name, id, failover_timeout = 0, checkpoint = false, ...rest } = info;
  return { user, name, id, failover_timeout, checkpoint, ...rest };
}

/** mesos.v1.master.Response.GetFrameworks.Framework. One that just came is told of without offers and what it uses. */
export function frameworkMessage(
  world: MasterWorld,
  framework: MasterFramework,
  isNews = false,
  usedAll?: ReturnType<typeof usedByAll>,
): object {
  const isHere = framework.connection !== null;
  const used = isNews ? [] : shownByRole(usedOfFramework(world, framework, usedAll));
  const offered = isNews ? [] : shownByRole(offeredOf(world, framework));
  const offers = isNews ? [] : offersOf(framework);
  const inverse = isNews ? [] : inverseOffersOf(world, framework);
  return {
    framework_info: frameworkInfoMessage(framework.info),
    active: isHere,
    connected: isHere,
    recovered: framework.registeredAtMs === null,
    ...timesOf(framework),
    ...(isNews ? { unregistered_time: timeOf(0) } : {}),
    ...(offers.length > 0 ? { offers } : {}),
    ...(inverse.length > 0 ? { inverse_offers: inverse } : {}),
    ...(used.length > 0 ? { allocated_resources: used } : {}),
    ...(offered.length > 0 ? { offered_resources: offered } : {}),
    ...(isNews ? {} : { offer_constraints: framework.offerConstraints?.given ?? {} }),
  };
}

export function completedFrameworkMessage(framework: CompletedFramework): object {
  return {
    framework_info: frameworkInfoMessage(framework.info),
    active: false,
    connected: false,
    recovered: false,
    ...timesOf(framework),
    unregistered_time: timeOf(framework.unregisteredAtMs),
    offer_constraints: {},
  };
}

/** mesos.v1.master.Response.GetExecutors.Executor */
export function executorMessage({ info, resources, role, agent }: MasterExecutor): object {
  const { type, executor_id, framework_id, resources: _given, ...rest } = info;
  return {
    executor_info: {
      ...(type === undefined ? {} : { type }),
      executor_id,
      ...(framework_id ? { framework_id } : {}),
      ...rest,
      resources: resourcesOf(resources, { ...PLAIN, role }),
    },
    agent_id: { value: agent },
  };
}

function offersOf({ offers, info }: MasterFramework): object[] {
  return offerMessages(offers, info).map((message, at) => {
    const { resources, role } = offers[at]!;
    return {
      ...message,
      resources: resourcesOf(resources, { ...PLAIN, role }),
      allocation_info: { role },
    };
  });
}

function inverseOffersOf(world: MasterWorld, framework: MasterFramework): object[] {
  return [...world.inverseOffers.values()].flatMap((offer) => {
    const agent = world.agents.get(offer.agent);
    const unavailability = agent && unavailabilityOf(world, agent);
    if (offer.framework !== framework.id || !agent || !unavailability) return [];
    return [
      {
        id: { value: offer.id },
        url: offerUrl(agent.info),
        framework_id: { value: framework.id },
        agent_id: { value: agent.id },
        unavailability,
      },
    ];
  });
}

/** One that never subscribed again is shown as re-registered when it registered. */
function timesOf({
  registeredAtMs,
  reregisteredAtMs,
}: Pick<MasterFramework, 'registeredAtMs' | 'reregisteredAtMs'>): object {
  if (registeredAtMs === null) return {};
  return {
    registered_time: timeOf(registeredAtMs),
    reregistered_time: timeOf(reregisteredAtMs ?? registeredAtMs),
  };
}
