/** Offers as frameworks read them. */
import { type Format, resourcesOf } from '../../shared/mesos/bundle-format.ts';
import type { AgentInfo } from '../../shared/mesos/agent.ts';
import type { FrameworkInfo, Offer, Unavailability } from '../../shared/mesos/v1.ts';
import type { MasterAgent, MasterFramework, MasterOffer } from './entities.ts';
import { hasCapability } from './framework-problem.ts';
import { unavailabilityOf } from './machines.ts';
import type { MasterWorld } from './world.ts';

/** All that the message says, as it was when the offer was made; nothing of it changes any more. */
export interface OfferMade {
  readonly offer: MasterOffer;
  readonly framework: FrameworkInfo;
  readonly agent: AgentInfo;
  /** The framework's own, running on the agent. */
  readonly executors: readonly string[];
  readonly unavailability: Unavailability | undefined;
}

const NO_EXECUTORS: readonly string[] = [];

export function offerMade(
  world: MasterWorld,
  offer: MasterOffer,
  framework: MasterFramework,
  agent: MasterAgent,
): OfferMade {
  const executors = agent.executors.size === 0 ? NO_EXECUTORS : executorsOf(agent, framework);
  const unavailability = unavailabilityOf(world, agent);
  return { offer, framework: framework.info, agent: agent.info, executors, unavailability };
}

export function offerMessage({ offer, framework, agent, executors, unavailability }: OfferMade): Offer {
  const format = formatFor(framework, offer.role);
  return {
    id: { value: offer.id },
    framework_id: { value: offer.framework },
    agent_id: { value: offer.agent },
    hostname: agent.hostname,
    url: offerUrl(agent),
    resources: resourcesOf(offer.resources, format),
    attributes: agent.attributes,
    ...(executors.length > 0 ? { executor_ids: executors.map((value) => ({ value })) } : {}),
    ...(unavailability ? { unavailability } : {}),
    ...(format.multiRole === true ? { allocation_info: { role: offer.role } } : {}),
  };
}

export function formatFor(info: FrameworkInfo, role: string): Format {
  return {
    role,
    multiRole: hasCapability(info, 'MULTI_ROLE'),
    refinement: hasCapability(info, 'RESERVATION_REFINEMENT'),
  };
}

/** Where the agent answers. */
export function offerUrl({ hostname, ip, port }: AgentInfo): NonNullable<Offer['url']> {
  return { scheme: 'http', address: { hostname, ip, port }, path: '/slave(1)' };
}

function executorsOf(agent: MasterAgent, { id }: MasterFramework): string[] {
  return [...agent.executors.values()]
    .filter(({ framework }) => framework === id)
    .map((executor) => executor.id);
}
