/** Offers as frameworks read them. */
import { type Format, resourcesOf } from '../../shared/mesos/bundle-format.ts';
import type { Bundle } from '../../shared/mesos/bundle.ts';
import type { AgentInfo } from '../../shared/mesos/agent.ts';
import type { FrameworkInfo, MesosResource, Offer } from '../../shared/mesos/v1.ts';
import { hasCapability } from './framework-problem.ts';
import type { MasterOffer } from './offer-book.ts';

/** What every offer of an agent says of it; made once for all of them. */
export interface AgentPart extends Pick<Offer, 'agent_id' | 'hostname'> {
  readonly url: NonNullable<Offer['url']>;
  readonly attributes: NonNullable<Offer['attributes']>;
}

export function agentPart(id: string, info: AgentInfo): AgentPart {
  const { hostname, attributes } = info;
  return { agent_id: { value: id }, hostname, url: offerUrl(info), attributes };
}

/** One after another, as one event tells them. Agents that are alike share what they have (`Alike`), so that it is written once for a role. */
export function offerMessages(offers: readonly MasterOffer[], framework: FrameworkInfo): Offer[] {
  const written = new Map<string, Map<Bundle, MesosResource[]>>();
  return offers.map((offer) => {
    const { role, resources } = offer;
    let ofRole = written.get(role);
    if (!ofRole) written.set(role, (ofRole = new Map()));
    let list = ofRole.get(resources);
    if (!list) ofRole.set(resources, (list = resourcesOf(resources, formatFor(framework, role))));
    return offerMessage(offer, framework, list);
  });
}

type Writable<Type> = { -readonly [Field in keyof Type]: Type[Field] };

/** Field by field: with `...` it takes several times as long. */
function offerMessage(offer: MasterOffer, framework: FrameworkInfo, resources: MesosResource[]): Offer {
  const { agent_id, hostname, url, attributes } = offer.agentPart;
  const message: Writable<Offer> = {
    id: { value: offer.id },
    framework_id: { value: offer.framework },
    agent_id,
    hostname,
    url,
    resources,
    attributes,
  };
  if (offer.executors.length > 0) message.executor_ids = offer.executors.map((value) => ({ value }));
  if (offer.unavailability) message.unavailability = offer.unavailability;
  if (hasCapability(framework, 'MULTI_ROLE')) message.allocation_info = { role: offer.role };
  return message;
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
