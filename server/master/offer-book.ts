/** Outstanding offers, and who has them. */
import type { AgentId, FrameworkId, OfferId } from '../../shared/ids.ts';
import type { Bundle } from '../../shared/mesos/bundle.ts';
import type { Unavailability } from '../../shared/mesos/v1.ts';
import type { MasterAgent, MasterFramework } from './entities.ts';
import type { AgentPart } from './offer-message.ts';

/** What is offered of which agent, to whom. */
interface Terms {
  readonly framework: MasterFramework;
  readonly role: string;
  readonly agent: MasterAgent;
  readonly resources: Bundle;
  readonly atMs: number;
  readonly unavailability: Unavailability | undefined;
}

const NO_EXECUTORS: readonly string[] = [];

/** An offer with all that it says, as it was when it was made; nothing of that changes. */
export class MasterOffer {
  private readonly prefix: string;
  /** Counts up in a life of the master. */
  readonly number: number;
  readonly framework: FrameworkId;
  readonly role: string;
  readonly agent: AgentId;
  readonly resources: Bundle;
  readonly atMs: number;
  readonly agentPart: AgentPart;
  /** The framework's own, running on the agent. */
  readonly executors: readonly string[];
  readonly unavailability: Unavailability | undefined;
  /** Where it is in its framework's list; the book's to write. */
  place = 0;

  constructor(prefix: string, number: number, terms: Terms) {
    const { framework, agent } = terms;
    this.prefix = prefix;
    this.number = number;
    this.framework = framework.id;
    this.role = terms.role;
    this.agent = agent.id;
    this.resources = terms.resources;
    this.atMs = terms.atMs;
    this.agentPart = agent.part;
    this.executors = agent.executors.size === 0 ? NO_EXECUTORS : executorsOf(agent, framework.id);
    this.unavailability = terms.unavailability;
  }

  /** Written when somebody asks for it. Making names, hashing them and keeping a map by name took a quarter of an allocation's time. */
  get id(): OfferId {
    return `${this.prefix}${this.number}` as OfferId;
  }
}

/**
 * Offers by number, in the order in which they were made; of each agent, of which there are few; and of each framework, which may have thousands. Nothing but the offer
 * itself is made for one, so that an allocation leaves little behind for the collector.
 */
export class OfferBook {
  /** What ids begin with. They are unique over restarts of the master: they say when this life of it began. */
  prefix: string;
  private next = 0;
  private readonly byNumber = new Map<number, MasterOffer>();

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  get size(): number {
    return this.byNumber.size;
  }

  get(id: OfferId): MasterOffer | undefined {
    const offer = this.byNumber.get(Number(id.slice(this.prefix.length)));
    return offer?.id === id ? offer : undefined;
  }

  has(id: OfferId): boolean {
    return this.get(id) !== undefined;
  }

  holds({ number }: MasterOffer): boolean {
    return this.byNumber.has(number);
  }

  values(): IterableIterator<MasterOffer> {
    return this.byNumber.values();
  }

  *keys(): Generator<OfferId> {
    for (const { id } of this.byNumber.values()) yield id;
  }

  /** For an offer of another kind: a name that none has. */
  newId(): OfferId {
    return `${this.prefix}${this.next++}` as OfferId;
  }

  make(terms: Terms): MasterOffer {
    const { framework, agent } = terms;
    const offer = new MasterOffer(this.prefix, this.next++, terms);
    this.byNumber.set(offer.number, offer);
    agent.offers = agent.offers.length === 0 ? [offer] : [...agent.offers, offer];
    offer.place = framework.offers.push(offer) - 1;
    return offer;
  }

  remove(offer: MasterOffer, framework: MasterFramework | undefined, agent: MasterAgent | undefined): void {
    this.byNumber.delete(offer.number);
    if (agent) agent.offers = agent.offers.length === 1 ? NO_OFFERS : agent.offers.filter((each) => each !== offer);
    const last = framework?.offers.pop();
    if (!framework || !last || last === offer) return;
    framework.offers[offer.place] = last;
    last.place = offer.place;
  }

  /** Another book with those that are wanted, to look at. */
  only(isWanted: (offer: MasterOffer) => boolean): OfferBook {
    const book = new OfferBook(this.prefix);
    for (const offer of this.byNumber.values())
      if (isWanted(offer)) book.byNumber.set(offer.number, offer);
    return book;
  }
}

export const NO_OFFERS: readonly MasterOffer[] = [];

function executorsOf({ executors }: MasterAgent, framework: FrameworkId): string[] {
  const own = [...executors.values()].filter((executor) => executor.framework === framework);
  return own.map(({ id }) => id);
}
