/**
 * The allocator as its rules read, with nothing remembered between two looks: every share, every quota and every order is made anew from who holds what. Slow and short;
 * what the real one is compared with.
 */
import {
  type Bundle,
  add,
  isAllocatableTo,
  reservedRole,
  scalarOf,
  subtract,
} from '../../../shared/mesos/bundle.ts';
import { isTellable } from '../../../shared/mesos/bundle-format.ts';
import { isOfferable } from '../../../server/master/allocator/allocate.ts';
import { formatFor } from '../../../server/master/offer-message.ts';
import { top } from '../../../server/master/allocator/quota.ts';
import type { Minimums } from '../../../server/master/allocator/least.ts';
import type { RoleNode } from '../../../server/master/allocator/role-tree.ts';
import type { MasterAgent } from '../../../server/master/entities.ts';
import { contains } from '../../../shared/mesos/bundle.ts';
import { hasCapability } from '../../../server/master/framework-problem.ts';
import { holdings } from '../../../server/master/ledger.ts';
import type { MasterWorld } from '../../../server/master/world.ts';

export interface ReferenceOffer {
  readonly framework: string;
  readonly role: string;
  readonly agent: string;
  readonly resources: Bundle;
}

interface Place {
  readonly framework: string;
  readonly role: string;
}

const USUAL: Minimums = [new Map([['cpus', 10]]), new Map([['mem', 32_000]])];
const SCALARS = ['cpus', 'mem', 'disk', 'gpus'];

/** What an allocation over these agents, in this order, must offer. */
export class ReferenceAllocator {
  readonly offers: ReferenceOffer[] = [];
  private readonly world: MasterWorld;
  private readonly now: number;
  private readonly minimums: Minimums;
  private readonly held: ReferenceOffer[] = [];
  private readonly free = new Map<string, Bundle>();
  /** How often each role (by path, `.` for its own frameworks) and each framework in a role was given something. */
  private readonly given = new Map<string, number>();
  private readonly places: Place[] = [];

  /** @param minimums of these amounts (thousandths) of any, as `--min_allocatable_resources` says */
  constructor(world: MasterWorld, now: number, minimums: Minimums = USUAL) {
    this.world = world;
    this.now = now;
    this.minimums = minimums;
    for (const agent of world.agents.values()) {
      this.free.set(agent.id, agent.free);
      if (!agent.pooled) continue;
      for (const each of holdings(agent)) this.held.push({ ...each, agent: agent.id });
    }
    for (const { framework, role, active, allocations } of world.roles.leaves()) {
      this.given.set(`${framework} ${role}`, allocations);
      if (active) this.places.push({ framework, role });
    }
    const walk = (node: RoleNode): void => {
      this.given.set(node.name === '.' ? `${node.path}/.` : node.path, node.allocations);
      for (const child of node.children.values()) walk(child);
    };
    walk(world.roles.root);
  }

  run(agents: readonly MasterAgent[]): ReferenceOffer[] {
    const worth = agents.filter((agent) => isOfferable(this.world, agent) && this.isWorth(agent.free));
    for (const agent of worth) {
      const guaranteed = (place: Place): Bundle => {
        const role = top(place.role);
        const lacks = SCALARS.some((name) => this.missing(role, name) > 0);
        return lacks ? this.upTo(place, agent, (name) => this.missing(role, name)) : [];
      };
      while (this.isForAll(agent) && this.offerTo('', agent, guaranteed));
    }
    for (const agent of worth) {
      const allowed = (place: Place): Bundle =>
        this.upTo(place, agent, (name) => this.most(top(place.role), name));
      const unlessFull = (place: Place): Bundle => (this.isFull(top(place.role)) ? [] : allowed(place));
      while (this.isOpen(agent) && this.offerTo('', agent, unlessFull));
      const owners = new Set(
        this.freeOf(agent).flatMap((piece) => (piece.kind ? [reservedRole(piece) ?? '*'] : [])),
      );
      for (const owner of owners) while (this.offerTo(owner, agent, allowed));
    }
    return this.offers;
  }

  private isForAll(agent: MasterAgent): boolean {
    return this.isWorth(this.freeOf(agent).filter((piece) => reservedRole(piece) === undefined));
  }

  private isOpen(agent: MasterAgent): boolean {
    if (!this.isForAll(agent)) return false;
    if (this.world.quotas.size === 0 || !this.needsCpusOrMem()) return true;
    return ['cpus', 'mem'].some((name) => this.freeOfAll(name) > this.missingOfAll(name));
  }

  private offerTo(under: string, agent: MasterAgent, share: (place: Place) => Bundle): boolean {
    for (const place of this.inOrder(under)) {
      const framework = this.world.frameworks.get(place.framework as never)!;
      const { role } = place;
      if (framework.offerConstraints?.excludes(role, agent.info) === true) continue;
      if (scalarOf(agent.total, 'gpus') > 0 && !hasCapability(framework.info, 'GPU_RESOURCES')) continue;
      const resources = share(place).filter((piece) => isTellable(piece, formatFor(framework.info, role)));
      const least = framework.info.offer_filters?.[role]?.min_allocatable_resources?.quantities;
      const isEnough = least
        ? resources.length > 0 &&
          (least.length === 0 ||
            least.some(({ quantities = {} }) =>
              Object.entries(quantities).every(
                ([name, { value }]) => scalarOf(resources, name) >= value * 1000,
              ),
            ))
        : this.isWorth(resources);
      if (!isEnough) continue;
      const filters = framework.filters.get(agent.id) ?? [];
      if (
        filters.some(
          (each) => each.role === role && each.untilMs > this.now && contains(each.refused, resources),
        )
      )
        continue;
      const offer = { ...place, agent: agent.id, resources };
      this.offers.push(offer);
      this.held.push(offer);
      this.free.set(agent.id, subtract(this.freeOf(agent), resources));
      for (const name of [`${place.framework} ${role}`, '', ...pathsOf(role)])
        this.given.set(name, (this.given.get(name) ?? 0) + 1);
      return true;
    }
    return false;
  }

  /** Frameworks in this role and in those below it, the least served first. The whole tree: ''. */
  private inOrder(under: string): Place[] {
    const below = this.places.filter(
      ({ role }) => under === '' || role === under || role.startsWith(`${under}/`),
    );
    const groups = new Map<string, Place[]>();
    for (const place of below) {
      const group = pathsOf(place.role)[depthOf(under)]!;
      groups.set(group, [...(groups.get(group) ?? []), place]);
    }
    const ordered = [...groups].map(([group, places]) => {
      const weight = group.endsWith('/.') ? 1 : (this.world.roles.weights.get(group) ?? 1);
      const isIn = ({ role }: Place): boolean => pathsOf(role).includes(group);
      return {
        group,
        places,
        share: this.share(isIn) / weight,
        given: this.given.get(group) ?? 0,
        name: lastOf(group),
      };
    });
    return ordered.sort(byShare).flatMap(({ group, places }) => {
      if (!group.endsWith('/.')) return this.inOrder(group);
      const leaves = places.map((place) => ({
        place,
        share: this.share(({ framework, role }) => framework === place.framework && role === place.role),
        given: this.given.get(`${place.framework} ${place.role}`) ?? 0,
        name: place.framework,
      }));
      return leaves.sort(byShare).map(({ place }) => place);
    });
  }

  /** The dominant one, of all that the whole cluster has. */
  private share(isIn: (place: Place) => boolean): number {
    const pooled = [...this.world.agents.values()].filter((agent) => agent.pooled);
    return Math.max(
      0,
      ...SCALARS.map((name) => {
        const total = sum(pooled.map((agent) => scalarOf(agent.total, name)));
        return total === 0
          ? 0
          : sum(this.held.filter(isIn).map(({ resources }) => scalarOf(resources, name))) / total;
      }),
    );
  }

  private isWorth(bundle: Bundle): boolean {
    const isMet = (each: ReadonlyMap<string, number>): boolean =>
      [...each].every(([name, milli]) => amountOf(bundle, name) >= milli);
    return bundle.length > 0 && (this.minimums.length === 0 || this.minimums.some(isMet));
  }

  /** Whoever may have neither is offered nothing. */
  private needsCpusOrMem(): boolean {
    const { minimums } = this;
    return minimums.length > 0 && minimums.every((each) => each.has('cpus') || each.has('mem'));
  }

  private upTo({ role }: Place, agent: MasterAgent, most: (name: string) => number): Bundle {
    return this.freeOf(agent).flatMap((piece) => {
      if (!isAllocatableTo(piece, role)) return [];
      if (piece.type !== 'SCALAR' || reservedRole(piece) !== undefined) return [piece];
      const milli = Math.min(piece.milli, most(piece.name));
      return milli > 0 ? [{ ...piece, milli }] : [];
    });
  }

  private most(role: string, name: string): number {
    const limit = this.world.quotas.get(role)?.limits.get(name) ?? Infinity;
    const kept = this.missingOfAll(name) - this.missing(role, name);
    const surplus = kept === 0 ? Infinity : this.freeOfAll(name) - kept;
    return Math.max(0, Math.min(limit - this.consumed(role, name), surplus));
  }

  /** At its limit of both: only what is reserved for it is left to it. */
  private isFull(role: string): boolean {
    if (!this.needsCpusOrMem()) return false;
    const limits = this.world.quotas.get(role)?.limits;
    return ['cpus', 'mem'].every((name) => (limits?.get(name) ?? Infinity) <= this.consumed(role, name));
  }

  private missing(role: string, name: string): number {
    const guarantee = this.world.quotas.get(role)?.guarantees.get(name) ?? 0;
    return Math.max(0, guarantee - this.consumed(role, name));
  }

  private missingOfAll(name: string): number {
    return sum([...this.world.quotas].map(([role]) => this.missing(role, name)));
  }

  /** Held, or reserved and in nobody's hands. */
  private consumed(role: string, name: string): number {
    const isOwn = (owner: string | undefined): boolean => owner !== undefined && top(owner) === role;
    const held = this.held
      .filter((each) => isOwn(each.role))
      .map(({ resources }) => scalarOf(resources, name));
    const idle = this.idle().map((bundle) =>
      scalarOf(
        bundle.filter((piece) => isOwn(reservedRole(piece))),
        name,
      ),
    );
    return sum(held) + sum(idle);
  }

  private freeOfAll(name: string): number {
    const unreserved = (bundle: Bundle): Bundle =>
      bundle.filter((piece) => reservedRole(piece) === undefined);
    return sum(this.idle().map((bundle) => scalarOf(unreserved(bundle), name)));
  }

  /** Free, of agents that an operator has not taken out. */
  private idle(): Bundle[] {
    const agents = [...this.world.agents.values()];
    return agents.filter((agent) => agent.pooled && !agent.deactivated).map((agent) => this.freeOf(agent));
  }

  private freeOf(agent: MasterAgent): Bundle {
    return this.free.get(agent.id) ?? [];
  }
}

function amountOf(bundle: Bundle, name: string): number {
  const own = bundle.filter((piece) => piece.name === name);
  return sum(
    own.map(({ milli, ranges }) => milli + 1000 * sum(ranges.map(([begin, end]) => end - begin + 1))),
  );
}

function byShare(
  a: { share: number; given: number; name: string },
  b: { share: number; given: number; name: string },
): number {
  return a.share - b.share || a.given - b.given || (a.name < b.name ? -1 : 1);
}

/** `eng/web` → `eng`, `eng/web`, `eng/web/.`. */
function pathsOf(role: string): string[] {
  const names = role.split('/');
  return [...names.map((_, at) => names.slice(0, at + 1).join('/')), `${role}/.`];
}

function depthOf(role: string): number {
  return role === '' ? 0 : role.split('/').length;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((all, each) => all + each, 0);
}

/** What frameworks were offered, in the same terms; order within one agent matters. */
export function offersOf(world: MasterWorld, before: ReadonlySet<string>): ReferenceOffer[] {
  return [...world.offers.values()]
    .filter(({ id }) => !before.has(id))
    .map(({ framework, role, agent, resources }) => ({
      framework,
      role,
      agent,
      resources: add([], resources),
    }));
}
