/** Offers as frameworks read them. */
import { type Format, isTellable, resourceOf } from '../../shared/mesos/bundle-format.ts';
import type { Bundle, Piece } from '../../shared/mesos/bundle.ts';
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

/** One after another, as one event tells them. Agents that are alike share what they have (`Alike`): that is written once for a role. */
export function offerMessages(offers: readonly MasterOffer[], framework: FrameworkInfo): Offer[] {
  const written = new Map<string, WrittenForRole>();
  return offers.map((offer) => {
    const { role, resources } = offer;
    let forRole = written.get(role);
    if (!forRole) written.set(role, (forRole = new WrittenForRole(formatFor(framework, role))));
    return offerMessage(offer, forRole.format, forRole.resources(resources));
  });
}

/** What was put into words for a role: whole bundles, and the pieces that are in several. */
class WrittenForRole {
  readonly format: Format;
  private readonly bundles = new Map<Bundle, readonly MesosResource[]>();
  private readonly pieces = new Map<Piece, MesosResource>();

  constructor(format: Format) {
    this.format = format;
  }

  resources(bundle: Bundle): readonly MesosResource[] {
    let written = this.bundles.get(bundle);
    if (!written) {
      written = bundle.filter((piece) => isTellable(piece, this.format)).map((piece) => this.resource(piece));
      this.bundles.set(bundle, written);
    }
    return written;
  }

  private resource(piece: Piece): MesosResource {
    let written = this.pieces.get(piece);
    if (!written) this.pieces.set(piece, (written = resourceOf(piece, this.format)));
    return written;
  }
}

type Writable<Type> = { -readonly [Field in keyof Type]: Type[Field] };

/** Field by field: with `...` it takes several times as long. */
function offerMessage(
  offer: MasterOffer,
  { role, multiRole }: Format,
  resources: readonly MesosResource[],
): Offer {
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
  if (multiRole === true && role !== undefined) message.allocation_info = { role };
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
