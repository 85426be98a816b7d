import type { MasterAgent } from '../../../master/entities.ts';
import type { MasterWorld } from '../../../master/world.ts';
import { offeredOf, shownByRole, shownResources, together, usedOfAgent } from '../operator/holdings.ts';
import { AGENT_CAPABILITIES, isActive, pidOf } from '../operator/messages.ts';
import { seenByRole, seenOf } from '../operator/seen-resources.ts';
import { message, seconds, type Value } from '../../../libprocess/json.ts';
import {
  MESOS_VERSION,
  attributesModel,
  reservedByRole,
  reservedModels,
  resourcesModel,
  unreserved,
} from '../../../libprocess/models.ts';
import { resourceList } from './resources.ts';

type Members = Readonly<Record<string, Value | undefined>>;

/** As `/state` has it. Sums hide nothing, as in Mesos: of what there is and of what is used. */
export function agentModel(world: MasterWorld, agent: MasterAgent): Members {
  const { id, info, total, drain } = agent;
  return {
    id,
    hostname: info.hostname,
    port: info.port,
    attributes: attributesModel(info.attributes),
    pid: pidOf(agent),
    registered_time: agent.registeredAtMs === null ? undefined : seconds(agent.registeredAtMs),
    reregistered_time: agent.reregisteredAtMs === null ? undefined : seconds(agent.reregisteredAtMs),
    resources: resourcesModel(total),
    used_resources: resourcesModel(together(usedOfAgent(agent))),
    offered_resources: resourcesModel(together(offeredOf(world, agent))),
    ...reservedModels(total, world.seesRole),
    active: isActive(agent),
    deactivated: agent.deactivated,
    version: MESOS_VERSION,
    capabilities: AGENT_CAPABILITIES,
    drain_info: drain
      ? message('mesos.v1.DrainInfo', { state: drain.state, config: drain.config })
      : undefined,
    estimated_drain_start_time_seconds: drain ? seconds(drain.sinceMs) : undefined,
  };
}

/** As `/slaves` has it: with every kind of resource apart. */
export function fullAgentModel(world: MasterWorld, agent: MasterAgent): Members {
  return {
    ...agentModel(world, agent),
    reserved_resources_full: Object.fromEntries(
      [...reservedByRole(seenOf(world, agent.total))].map(([role, bundle]) => [
        role,
        resourceList(shownResources(bundle)),
      ]),
    ),
    unreserved_resources_full: resourceList(shownResources(unreserved(agent.total))),
    used_resources_full: resourceList(shownByRole(seenByRole(world, usedOfAgent(agent)))),
    offered_resources_full: resourceList(shownByRole(seenByRole(world, offeredOf(world, agent)))),
  };
}

/** One that is not back since the master started. */
export function recoveredAgentModel({ id, info }: MasterAgent): Value {
  return { id, hostname: info.hostname, port: info.port, attributes: attributesModel(info.attributes) };
}
