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

/** Numbers below which looking for stragglers is not worth it. */
const RECENT_MIN = 1024;

/**
 * Offers by number, in the order in which they were made; of each agent, of which there are few; and of each framework, which may have thousands. Nothing but the offer
 * itself and its place in a list is made for one, so that an allocation leaves little behind for the collector.
 */
export class OfferBook {
  /** What ids begin with. They are unique over restarts of the master: they say when this life of it began. */
  prefix: string;
  /** By number − `from`. An array takes a fifth of the time of a map; those that are held while many others come and go move into a map after all. */
  private recent: (MasterOffer | undefined)[] = [];
  private from = 0;
  private readonly stragglers = new Map<number, MasterOffer>();
  private count = 0;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  get size(): number {
    return this.count;
  }

  get(id: OfferId): MasterOffer | undefined {
    const offer = this.at(Number(id.slice(this.prefix.length)));
    return offer?.id === id ? offer : undefined;
  }

  has(id: OfferId): boolean {
    return this.get(id) !== undefined;
  }

  holds(offer: MasterOffer): boolean {
    return this.at(offer.number) === offer;
  }

  *values(): Generator<MasterOffer> {
    yield* this.stragglers.values();
    const { recent } = this;
    for (const offer of recent) if (offer) yield offer;
  }

  *keys(): Generator<OfferId> {
    for (const { id } of this.values()) yield id;
  }

  /** For an offer of another kind: a name that none has. */
  newId(): OfferId {
    return `${this.prefix}${this.newNumber(undefined)}` as OfferId;
  }

  make(terms: Terms): MasterOffer {
    const { framework, agent } = terms;
    const offer = new MasterOffer(this.prefix, this.from + this.recent.length, terms);
    this.newNumber(offer);
    this.count += 1;
    agent.offers = agent.offers.length === 0 ? [offer] : [...agent.offers, offer];
    offer.place = framework.offers.push(offer) - 1;
    return offer;
  }

  remove(offer: MasterOffer, framework: MasterFramework | undefined, agent: MasterAgent | undefined): void {
    if (offer.number >= this.from) this.recent[offer.number - this.from] = undefined;
    else this.stragglers.delete(offer.number);
    this.count -= 1;
    if (agent)
      agent.offers = agent.offers.length === 1 ? NO_OFFERS : agent.offers.filter((each) => each !== offer);
    const last = framework?.offers.pop();
    if (!framework || !last || last === offer) return;
    framework.offers[offer.place] = last;
    last.place = offer.place;
  }

  /** Another book with those that are wanted, to look at. */
  only(isWanted: (offer: MasterOffer) => boolean): OfferBook {
    const book = new OfferBook(this.prefix);
    for (const offer of this.values()) if (isWanted(offer)) book.stragglers.set(offer.number, offer);
    book.from = this.from + this.recent.length;
    book.count = book.stragglers.size;
    return book;
  }

  private at(number: number): MasterOffer | undefined {
    return number >= this.from ? this.recent[number - this.from] : this.stragglers.get(number);
  }

  /** The next number, for an offer of these or for none of them. */
  private newNumber(offer: MasterOffer | undefined): number {
    if (this.recent.length >= RECENT_MIN && this.recent.length > 4 * this.count) this.setStragglersAside();
    return this.from + this.recent.push(offer) - 1;
  }

  /** Most of the recent ones are over: the list begins anew. */
  private setStragglersAside(): void {
    for (const offer of this.recent) if (offer) this.stragglers.set(offer.number, offer);
    this.from += this.recent.length;
    this.recent = [];
  }
}

export const NO_OFFERS: readonly MasterOffer[] = [];

function executorsOf({ executors }: MasterAgent, framework: FrameworkId): string[] {
  const own = [...executors.values()].filter((executor) => executor.framework === framework);
  return own.map(({ id }) => id);
}
