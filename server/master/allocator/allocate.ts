import { type Bundle, reservedRole, scalarOf } from '../../../shared/mesos/bundle.ts';
import { type Format, isTellable } from '../../../shared/mesos/bundle-format.ts';
import type { MasterAgent, MasterFramework } from '../entities.ts';
import { isFiltered } from '../filters.ts';
import { hasCapability } from '../framework-problem.ts';
import { hold } from '../ledger.ts';
import { unavailabilityOf } from '../machines.ts';
import type { MasterOffer } from '../offer-book.ts';
import { formatFor } from '../offer-message.ts';
import type { MasterTx } from '../tx.ts';
import type { MasterWorld } from '../world.ts';
import { Least } from './least.ts';
import { allOf } from './quota.ts';
import type { Leaf, RoleNode } from './role-tree.ts';

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
  const least = new Least(tx.env.limits.minAllocatable);
  const offerable = agents.filter((agent) => isOfferable(world, agent) && least.isMetBy(agent.free));
  if (offerable.length === 0 || world.frameworks.size === 0) return;
  // Only where frameworks compete does it matter who meets which agent first.
  if (world.frameworks.size > 1) tx.env.random.stream('allocation').shuffle(offerable);
  const run = new Run(tx, least);
  if (world.quotas.isAnyLacking) for (const agent of offerable) run.offerGuaranteed(agent);
  for (const agent of offerable) run.offer(agent);
  run.send();
}

/** Connected, and no operator has taken it out, or left it out of the whitelist. */
export function isOfferable({ whitelist }: MasterWorld, agent: MasterAgent): boolean {
  if (agent.connection === null || !agent.pooled || agent.deactivated) return false;
  return whitelist === null || whitelist.has(agent.info.hostname);
}

/** What of an agent's free resources a role may have, before filters. */
type Share = (leaf: Leaf, free: Bundle) => Bundle;
/** Top-level roles that need not be asked. */
type Skips = (role: RoleNode) => boolean;

const noOne: Skips = () => false;
const satisfied: Skips = ({ lacks }) => !lacks;
const full: Skips = ({ isFull }) => isFull;

class Run {
  private readonly tx: MasterTx;
  private readonly least: Least;
  /** Roles that are at their limit of cpus and mem. */
  private readonly full: Skips;
  private readonly allowed: Share;
  private readonly guaranteed: Share;
  private readonly offers = new Map<MasterFramework, MasterOffer[]>();

  constructor(tx: MasterTx, least: Least) {
    this.tx = tx;
    this.least = least;
    this.full = least.needsCpusOrMem ? full : noOne;
    const { quotas } = tx.world;
    this.allowed =
      quotas.size === 0 ? ({ role }, free) => allOf(role, free) : (leaf, free) => quotas.allowed(leaf, free);
    this.guaranteed = (leaf, free) => quotas.guaranteed(leaf, free);
  }

  /** Until nobody takes anything of it any more. Whoever was given something was given all that it may have, so this ends. */
  offer(agent: MasterAgent): void {
    const { roles } = this.tx.world;
    while (this.isOpen(agent) && this.offerTo(roles.root, agent, this.allowed, this.full));
    if (isPlain(agent.free)) return;
    // What is reserved concerns the owner and its subroles only; also where they are at their limit.
    for (const owner of ownersOf(agent.free)) {
      const node = roles.find(owner);
      if (node) while (this.offerTo(node, agent, this.allowed, noOne));
    }
  }

  /** To roles that lack something of what they were promised, and of that no more than is missing. */
  offerGuaranteed(agent: MasterAgent): void {
    const { roles, quotas } = this.tx.world;
    while (quotas.isAnyLacking && this.least.isMetForAllBy(agent.free))
      if (!this.offerTo(roles.root, agent, this.guaranteed, satisfied)) return;
  }

  /** One OFFERS event to each framework. */
  send(): void {
    for (const [{ connection, info: framework }, offers] of this.offers)
      if (connection !== null) this.tx.effects.push({ kind: 'offers', connection, framework, offers });
  }

  private isOpen(agent: MasterAgent): boolean {
    const { quotas } = this.tx.world;
    if (quotas.size > 0 && !quotas.isAnythingLeft && this.least.needsCpusOrMem) return false;
    return this.least.isMetForAllBy(agent.free);
  }

  /** To the first of these roles' frameworks that wants some. False: none does. */
  private offerTo(among: RoleNode, agent: MasterAgent, share: Share, skips: Skips): boolean {
    const order = this.tx.world.roles.ordered(among);
    for (let at = 0; at < order.length; at++) {
      const each = order[at]!;
      if (each.kind === 'leaf') {
        // Who is given something changes places: nobody is asked after it.
        if (this.takes(each, agent, share)) return true;
      } else if (!skips(each) && this.offerTo(each, agent, share, noOne)) return true;
    }
    return false;
  }

  /** At least one of the framework's own minimal quantities for the role, or of the master's. */
  private isEnough({ info }: MasterFramework, role: string, resources: Bundle): boolean {
    const own = info.offer_filters?.[role]?.min_allocatable_resources;
    return own ? isAnyOf(own.quantities ?? [], resources) : this.least.isMetBy(resources);
  }

  private takes(leaf: Leaf, agent: MasterAgent, share: Share): boolean {
    const { role, holder: framework } = leaf;
    if (!framework || !isFit(framework, role, agent)) return false;
    const resources = tellable(framework, role, share(leaf, agent.free));
    if (!this.isEnough(framework, role, resources)) return false;
    if (isFiltered(this.tx, framework, role, agent, resources)) return false;
    const offer = makeOffer(this.tx, leaf, framework, agent, resources);
    const list = this.offers.get(framework);
    if (list) list.push(offer);
    else this.offers.set(framework, [offer]);
    return true;
  }
}

/** Nothing of it is reserved, a volume, or otherwise for somebody only. */
function isPlain(bundle: Bundle): boolean {
  for (const { kind } of bundle) if (kind !== null) return false;
  return true;
}

function ownersOf(free: Bundle): Set<string> {
  const owners = new Set<string>();
  for (const piece of free) if (piece.kind) owners.add(reservedRole(piece) ?? '*');
  return owners;
}

/** Without what the framework could not make sense of: stacks of reservations, before it knows refinement. */
function tellable(framework: MasterFramework, role: string, resources: Bundle): Bundle {
  return isPlain(resources) ? resources : onlyTellable(resources, formatFor(framework.info, role));
}

function onlyTellable(resources: Bundle, format: Format): Bundle {
  const told = resources.filter((piece) => isTellable(piece, format));
  return told.length === resources.length ? resources : told;
}

/** Mesos keeps agents with GPUs for those that know about them, and from each framework those that its constraints exclude. */
function isFit(framework: MasterFramework, role: string, agent: MasterAgent): boolean {
  if (framework.offerConstraints?.excludes(role, agent.info) === true) return false;
  return scalarOf(agent.total, 'gpus') === 0 || hasCapability(framework.info, 'GPU_RESOURCES');
}

function isAnyOf(
  wanted: readonly { readonly quantities?: Readonly<Record<string, { readonly value: number }>> }[],
  resources: Bundle,
): boolean {
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

function makeOffer(
  tx: MasterTx,
  leaf: Leaf,
  framework: MasterFramework,
  agent: MasterAgent,
  resources: Bundle,
): MasterOffer {
  const { world, now: atMs } = tx;
  const { role } = leaf;
  const unavailability = unavailabilityOf(world, agent);
  const offer = world.offers.make({ framework, role, agent, resources, atMs, unavailability });
  hold(world, agent, offer, leaf);
  return offer;
}
