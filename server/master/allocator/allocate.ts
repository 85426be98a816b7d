import type { FrameworkId, OfferId } from '../../../shared/ids.ts';
import { type Bundle, isAllocatableTo, reservedRole, scalarOf } from '../../../shared/mesos/bundle.ts';
import { type Format, isTellable, resourcesOf } from '../../../shared/mesos/bundle-format.ts';
import type { Offer } from '../../../shared/mesos/v1.ts';
import { isFiltered } from '../filters.ts';
import { hold } from '../ledger.ts';
import { unavailabilityOf } from '../machines.ts';
import type { MasterTx } from '../tx.ts';
import type { MasterWorld } from '../world.ts';
import { hasCapability } from '../framework-problem.ts';
import type { MasterAgent, MasterFramework } from '../entities.ts';
import { QuotaRun } from './quota.ts';
import type { Leaf, RoleNode } from './role-tree.ts';

/** Mesos's min_allocatable_resources (`cpus:0.01|mem:32`): less than this of both is not worth an offer. */
const MIN_CPUS = 10;
const MIN_MEM = 32_000;

/**
 * Offers what is free (Mesos's hierarchical DRF): for each agent with news, the least served role's least served framework gets all that it may have of the agent; what
 * is reserved for others goes on to the next. Only agents that changed are looked at; nothing changed, nothing is done. Each freed fragment is an offer of its own;
 * outstanding ones stay.
 */
export function allocate(tx: MasterTx): void {
  const { world } = tx;
  if (!world.allDirty && world.dirtyAgents.size === 0) return;
  const agents = world.allDirty
    ? [...world.agents.values()]
    : [...world.dirtyAgents].flatMap((id) => world.agents.get(id) ?? []);
  world.dirtyAgents.clear();
  world.allDirty = false;
  const offerable = agents.filter((agent) => isOfferable(agent) && isWorth(agent.free));
  if (offerable.length === 0 || world.frameworks.size === 0) return;
  // Only where frameworks compete does it matter who meets which agent first.
  if (world.frameworks.size > 1) tx.env.random.stream('allocation').shuffle(offerable);
  const quota = world.quotas.size === 0 ? null : new QuotaRun(world);
  const run = new Run(tx, quota);
  if (quota) for (const agent of offerable) run.offerGuaranteed(agent, quota);
  for (const agent of offerable) run.offer(agent, quota ? (leaf, free) => quota.allowed(leaf, free) : allOf);
  run.send();
}

/** What of an agent's free resources a framework may have in a role, before filters. */
type Share = (leaf: Leaf, free: Bundle) => Bundle;

function allOf({ role }: Leaf, free: Bundle): Bundle {
  return free.every((piece) => piece.kind === null)
    ? free
    : free.filter((piece) => isAllocatableTo(piece, role));
}

/** Connected, and no operator has taken it out. */
export function isOfferable(agent: MasterAgent): boolean {
  return agent.connection !== null && agent.pooled && !agent.deactivated;
}

function isWorth(bundle: Bundle): boolean {
  return scalarOf(bundle, 'cpus') >= MIN_CPUS || scalarOf(bundle, 'mem') >= MIN_MEM;
}

class Run {
  private readonly tx: MasterTx;
  private readonly quota: QuotaRun | null;
  private readonly offers = new Map<MasterFramework, Offer[]>();

  constructor(tx: MasterTx, quota: QuotaRun | null) {
    this.tx = tx;
    this.quota = quota;
  }

  /** Until nobody takes anything of it any more. Whoever was given something was given all that it may have, so this ends. */
  offer(agent: MasterAgent, share: Share): void {
    const { roles } = this.tx.world;
    const isOpen = (): boolean => this.quota?.isAnythingLeft !== false && hasUnreserved(agent.free);
    while (isOpen() && this.offerTo(roles.root, agent, share));
    // What is reserved concerns the owner and its subroles only.
    for (const owner of ownersOf(agent.free)) {
      const node = roles.find(owner);
      if (node) while (this.offerTo(node, agent, share));
    }
  }

  /** To roles that lack something of what they were promised, and of that no more than is missing. */
  offerGuaranteed(agent: MasterAgent, quota: QuotaRun): void {
    for (const role of quota.lacking) {
      if (!isWorth(agent.free)) return;
      const node = this.tx.world.roles.find(role);
      if (node) this.offerTo(node, agent, (leaf, free) => quota.guaranteed(leaf, free));
    }
  }

  /** One OFFERS event to each framework. */
  send(): void {
    for (const [framework, offers] of this.offers)
      this.tx.toFramework(framework, { type: 'OFFERS', offers: { offers } });
  }

  /** To the first of these roles' frameworks that wants some. False: none does. */
  private offerTo(among: RoleNode, agent: MasterAgent, share: Share): boolean {
    const { world } = this.tx;
    for (const leaf of world.roles.leavesInOrder(among)) {
      const framework = world.frameworks.get(leaf.framework);
      if (!framework || !isFit(framework, leaf.role, agent)) continue;
      const resources = tellable(framework, leaf.role, share(leaf, agent.free));
      if (!isEnough(framework, leaf.role, resources)) continue;
      if (isFiltered(this.tx, framework, leaf.role, agent, resources)) continue;
      const offer = makeOffer(this.tx, framework, leaf.role, agent, resources);
      this.quota?.given(leaf.role, resources);
      const list = this.offers.get(framework);
      if (list) list.push(offer);
      else this.offers.set(framework, [offer]);
      return true;
    }
    return false;
  }
}

function hasUnreserved(free: Bundle): boolean {
  return isWorth(free) && free.some((piece) => reservedRole(piece) === undefined);
}

function ownersOf(free: Bundle): Set<string> {
  const owners = new Set<string>();
  for (const piece of free) if (piece.kind) owners.add(reservedRole(piece) ?? '*');
  return owners;
}

/** Without what the framework could not make sense of: stacks of reservations, before it knows refinement. */
function tellable(framework: MasterFramework, role: string, resources: Bundle): Bundle {
  if (resources.every((piece) => piece.kind === null)) return resources;
  const format = formatFor(framework, role);
  return resources.filter((piece) => isTellable(piece, format));
}

/** Mesos keeps agents with GPUs for those that know about them, and from each framework those that its constraints exclude. */
function isFit(framework: MasterFramework, role: string, agent: MasterAgent): boolean {
  if (framework.offerConstraints?.excludes(role, agent.info) === true) return false;
  return scalarOf(agent.total, 'gpus') === 0 || hasCapability(framework.info, 'GPU_RESOURCES');
}

/** At least one of the framework's own minimal quantities for the role, or of the master's. */
function isEnough({ info }: MasterFramework, role: string, resources: Bundle): boolean {
  const own = info.offer_filters?.[role]?.min_allocatable_resources;
  if (!own) return isWorth(resources);
  const wanted = own.quantities ?? [];
  if (resources.length === 0) return false;
  return (
    wanted.length === 0 ||
    wanted.some(({ quantities = {} }) =>
      Object.entries(quantities).every(
        ([name, { value }]) => scalarOf(resources, name) >= Math.round(value * 1000),
      ),
    )
  );
}

export function formatFor({ info }: MasterFramework, role: string): Format {
  return {
    role,
    multiRole: hasCapability(info, 'MULTI_ROLE'),
    refinement: hasCapability(info, 'RESERVATION_REFINEMENT'),
  };
}

function makeOffer(
  tx: MasterTx,
  framework: MasterFramework,
  role: string,
  agent: MasterAgent,
  resources: Bundle,
): Offer {
  const { world } = tx;
  const id = `${world.offerPrefix}${world.nextOffer++}` as OfferId;
  const offer = { id, framework: framework.id, role, agent: agent.id, resources, atMs: tx.now };
  hold(world, agent, offer);
  agent.offers.add(id);
  framework.offers.add(id);
  world.offers.set(id, offer);
  return offerMessage(world, offer, framework, agent);
}

/** As the framework reads it. */
export function offerMessage(
  world: MasterWorld,
  offer: { readonly id: OfferId; readonly role: string; readonly resources: Bundle },
  framework: MasterFramework,
  agent: MasterAgent,
): Offer {
  const format = formatFor(framework, offer.role);
  const executors = executorsOf(agent, framework.id);
  const unavailability = unavailabilityOf(world, agent);
  return {
    id: { value: offer.id },
    framework_id: { value: framework.id },
    agent_id: { value: agent.id },
    hostname: agent.info.hostname,
    url: offerUrl(agent),
    resources: resourcesOf(offer.resources, format),
    attributes: agent.info.attributes,
    ...(executors.length > 0 ? { executor_ids: executors.map((value) => ({ value })) } : {}),
    ...(unavailability ? { unavailability } : {}),
    ...(format.multiRole === true ? { allocation_info: { role: offer.role } } : {}),
  };
}

/** Where the agent answers. */
export function offerUrl({ info }: MasterAgent): NonNullable<Offer['url']> {
  return {
    scheme: 'http',
    address: { hostname: info.hostname, ip: info.ip, port: info.port },
    path: '/slave(1)',
  };
}

function executorsOf(agent: MasterAgent, framework: FrameworkId): string[] {
  const ids: string[] = [];
  for (const executor of agent.executors.values())
    if (executor.framework === framework) ids.push(executor.id);
  return ids;
}
