import type { AgentId, JobKey, OfferId } from '../../../shared/ids.ts';
import type { Attribute, Offer } from '../../../shared/mesos/v1.ts';
import type { Resources } from '../../../shared/resources.ts';
import { NO_RESOURCES, addResources, countPorts } from '../../../shared/resources.ts';
import type { GroupKey } from '../group-key.ts';
import type { HostRow, TaskRow } from '../rows.ts';
import type { Pool } from './pools.ts';
import { poolsOf, sumOf } from './pools.ts';

/** An agent as placement sees it: one slot, kept for as long as the agent is known. */
export interface AgentSlot {
  readonly slot: number;
  readonly agent: AgentId;
  host: string;
  /** Attribute name → values as text; `host` is always there (the agent's own attribute wins). */
  attributes: ReadonlyMap<string, readonly string[]>;
  /** Held offers and what each brings. An agent may have several: Mesos offers each freed fragment separately. */
  readonly offers: Map<OfferId, readonly Pool[]>;
  /** Sum of the held offers. */
  free: Resources;
  /** Start of an announced maintenance window, ms; Infinity when there is none. */
  unavailableAtMs: number;
}

/**
 * Offers (of one turn: what is not used goes back at its end), and the counters that a pass over agents runs on: free scalars by slot in typed arrays, tasks per
 * job and attribute value for limit constraints. Counters are changed only by `take`/`release`, which `apply` calls; offers are volatile.
 */
export class Placement {
  readonly slots: AgentSlot[] = [];
  /** By slot: cpus (milli), memory, disk (MiB), gpus, number of ports that the held offers bring. */
  free = freeArrays(64);
  /** Counts up whenever static feasibility of any agent may have changed (host or attributes). */
  staticVersion = 0;
  /** Slots that were offered since the last pass. */
  readonly touched = new Set<number>();
  /** Jobs of which a task left its agent since the last pass: their limits may allow more, on other agents too. */
  readonly relieved = new Set<JobKey>();
  /** Pending groups that nothing offered so far fits; tried again on what is offered anew. */
  readonly parked = new Set<GroupKey>();
  private readonly byAgent = new Map<AgentId, AgentSlot>();
  private readonly byOffer = new Map<OfferId, AgentSlot>();
  /** job → agent → tasks of the job there. */
  private readonly counts = new Map<JobKey, Map<AgentId, number>>();

  get offerCount(): number {
    return this.byOffer.size;
  }

  slotOf(agent: AgentId): AgentSlot | undefined {
    return this.byAgent.get(agent);
  }

  setHost(row: HostRow): void {
    const known = this.byAgent.get(row.agent);
    const attributes = attributeMap(row.attributes, row.host);
    if (known) {
      known.host = row.host;
      known.attributes = attributes;
    } else this.addSlot(row.agent, row.host, attributes);
    this.staticVersion += 1;
  }

  dropHost(agent: AgentId): void {
    const slot = this.byAgent.get(agent);
    if (!slot) return;
    for (const id of slot.offers.keys()) this.byOffer.delete(id);
    slot.offers.clear();
    this.setFree(slot, NO_RESOURCES);
    slot.attributes = new Map();
    this.byAgent.delete(agent);
    this.staticVersion += 1;
  }

  /** A task of a job is on an agent from now on. */
  take(task: TaskRow): void {
    this.count(task, 1);
  }

  /** … and no longer. */
  release(task: TaskRow): void {
    this.count(task, -1);
  }

  /** Keeps an offer. The agent must have been made known by a `host` write. */
  hold(offer: Offer): void {
    const slot = this.byAgent.get(offer.agent_id.value as AgentId);
    const id = offer.id.value as OfferId;
    if (!slot || this.byOffer.has(id)) return;
    const pools = poolsOf(offer);
    slot.offers.set(id, pools);
    this.byOffer.set(id, slot);
    slot.unavailableAtMs = offer.unavailability ? offer.unavailability.start.nanoseconds / 1e6 : Infinity;
    this.setFree(slot, addResources(slot.free, sumOf(pools)));
    this.touched.add(slot.slot);
  }

  rescind(id: OfferId): void {
    const slot = this.byOffer.get(id);
    if (!slot) return;
    this.byOffer.delete(id);
    slot.offers.delete(id);
    let free = NO_RESOURCES;
    for (const pools of slot.offers.values()) free = addResources(free, sumOf(pools));
    this.setFree(slot, free);
  }

  /** Takes every offer of an agent, to use them in one ACCEPT; what is left of them comes back as new offers. */
  takeOffers(slot: AgentSlot): OfferId[] {
    const ids = [...slot.offers.keys()];
    for (const id of ids) this.byOffer.delete(id);
    slot.offers.clear();
    this.setFree(slot, NO_RESOURCES);
    return ids;
  }

  /** Takes all there are: they go back, or are void because the link is down. */
  takeAllOffers(): OfferId[] {
    if (this.byOffer.size === 0) return [];
    return [...new Set(this.byOffer.values())].flatMap((slot) => this.takeOffers(slot));
  }

  setFree(slot: AgentSlot, free: Resources): void {
    slot.free = free;
    const at = slot.slot;
    this.free.cpus[at] = free.cpusMilli;
    this.free.mem[at] = free.memMb;
    this.free.disk[at] = free.diskMb;
    this.free.gpus[at] = free.gpus;
    this.free.ports[at] = countPorts(free.ports);
  }

  /** Tasks of a job by agent; the basis of every limit constraint. */
  tasksOf(job: JobKey): ReadonlyMap<AgentId, number> {
    return this.counts.get(job) ?? NO_COUNTS;
  }

  private count(task: TaskRow, by: 1 | -1): void {
    if (task.agent === null) return;
    let counts = this.counts.get(task.job);
    if (!counts) this.counts.set(task.job, (counts = new Map()));
    const next = (counts.get(task.agent) ?? 0) + by;
    if (next > 0) counts.set(task.agent, next);
    else counts.delete(task.agent);
    if (counts.size === 0) this.counts.delete(task.job);
  }

  private addSlot(agent: AgentId, host: string, attributes: AgentSlot['attributes']): void {
    const slot = this.slots.length;
    if (slot === this.free.cpus.length) this.free = grown(this.free);
    const entry: AgentSlot = {
      slot,
      agent,
      host,
      attributes,
      offers: new Map(),
      free: NO_RESOURCES,
      unavailableAtMs: Infinity,
    };
    this.slots.push(entry);
    this.byAgent.set(agent, entry);
  }
}

const NO_COUNTS: ReadonlyMap<AgentId, number> = new Map();

interface FreeArrays {
  readonly cpus: Float64Array;
  readonly mem: Float64Array;
  readonly disk: Float64Array;
  readonly gpus: Float64Array;
  readonly ports: Float64Array;
}

function freeArrays(size: number): FreeArrays {
  const array = (): Float64Array => new Float64Array(size);
  return { cpus: array(), mem: array(), disk: array(), gpus: array(), ports: array() };
}

function grown(old: FreeArrays): FreeArrays {
  const fresh = freeArrays(old.cpus.length * 2);
  for (const key of ['cpus', 'mem', 'disk', 'gpus', 'ports'] as const) fresh[key].set(old[key]);
  return fresh;
}

/** Attribute values as constraints compare them: as text. A scalar is written without trailing zeroes. */
export function attributeMap(attributes: readonly Attribute[], host: string): Map<string, readonly string[]> {
  const map = new Map<string, readonly string[]>([['host', [host]]]);
  const own = new Map<string, string[]>();
  for (const attribute of attributes) {
    const values =
      attribute.text !== undefined
        ? [attribute.text.value]
        : attribute.scalar !== undefined
          ? [String(attribute.scalar.value)]
          : attribute.set !== undefined
            ? [...(attribute.set.item ?? [])]
            : (attribute.ranges?.range ?? []).map(({ begin, end }) => `${begin}-${end}`);
    own.set(attribute.name, [...(own.get(attribute.name) ?? []), ...values]);
  }
  for (const [name, values] of own) map.set(name, values);
  return map;
}
