import type { FrameworkId } from '../../../shared/ids.ts';
import type { Bundle } from '../../../shared/mesos/bundle.ts';
import { addQuantities, dominantShare, type Quantities } from './quantities.ts';

/** What competes with its siblings for offers: a framework in a role, or a role among the roles of its parent. */
interface Contender {
  readonly name: string;
  readonly parent: RoleNode | null;
  readonly allocated: Quantities;
  /** Times that it was given something: the tie-break of Mesos's sorter. */
  allocations: number;
  share: number;
}

/** One framework in one of its roles. */
export interface Leaf extends Contender {
  readonly kind: 'leaf';
  readonly framework: FrameworkId;
  readonly role: string;
  readonly parent: RoleNode;
  /** Subscribed, connected and not suppressed in this role: takes part. */
  active: boolean;
}

/** A role: `eng` is the parent of `eng/web`. Frameworks of an inner role compete with its child roles as one, as Mesos's virtual leaf `eng/.` does. */
export interface RoleNode extends Contender {
  readonly kind: 'role';
  /** The whole path; empty for the root. */
  readonly path: string;
  readonly children: Map<string, RoleNode>;
  readonly leaves: Map<FrameworkId, Leaf>;
  weight: number;
  /** Contenders by share, as of the last allocation. */
  order: (RoleNode | Leaf)[];
  stale: boolean;
}

/** The virtual child that holds a role's own frameworks. */
const OWN = '.';

/** Shares of roles and frameworks (DRF, hierarchical, weighted), kept up with every allocation. */
export class RoleTree {
  readonly root: RoleNode = newRole('', '', null, 1);
  /** What all agents have together. */
  readonly total: Quantities = new Map();
  /** Set by an operator; others weigh 1. */
  readonly weights = new Map<string, number>();
  private readonly places = new Map<FrameworkId, Map<string, Leaf>>();

  /** Every agent's share of the whole changes with the whole. */
  changeTotal(bundle: Bundle, sign: 1 | -1): void {
    addQuantities(this.total, bundle, sign);
    this.staleAll(this.root);
  }

  setWeight(role: string, weight: number): void {
    this.weights.set(role, weight);
    const node = this.find(role);
    if (!node) return;
    node.weight = weight;
    if (node.parent) node.parent.stale = true;
  }

  weightOf(role: string): number {
    return this.weights.get(role) ?? 1;
  }

  find(role: string): RoleNode | undefined {
    let node: RoleNode | undefined = this.root;
    for (const name of role.split('/')) node = node?.children.get(name);
    return node;
  }

  /** The framework's place in a role, made if it has none. */
  leaf(framework: FrameworkId, role: string): Leaf {
    const known = this.places.get(framework)?.get(role);
    if (known) return known;
    const holder = this.holder(role);
    const leaf: Leaf = {
      kind: 'leaf',
      name: framework,
      framework,
      role,
      parent: holder,
      allocated: new Map(),
      allocations: 0,
      share: 0,
      active: false,
    };
    holder.leaves.set(framework, leaf);
    const places = this.places.get(framework);
    if (places) places.set(role, leaf);
    else this.places.set(framework, new Map([[role, leaf]]));
    return leaf;
  }

  setActive(framework: FrameworkId, role: string, active: boolean): void {
    const leaf = this.leaf(framework, role);
    if (leaf.active === active) return;
    leaf.active = active;
    for (let node: RoleNode | null = leaf.parent; node; node = node.parent) node.stale = true;
  }

  /** Forgets a place that holds nothing, and the roles that only it kept. */
  prune(framework: FrameworkId, role: string): void {
    const leaf = this.leaf(framework, role);
    if (leaf.active || [...leaf.allocated.values()].some((milli) => milli !== 0)) return;
    leaf.parent.leaves.delete(framework);
    this.places.get(framework)?.delete(role);
    if (this.places.get(framework)?.size === 0) this.places.delete(framework);
    let node: RoleNode | null = leaf.parent;
    node.stale = true;
    while (node?.parent && node.leaves.size === 0 && node.children.size === 0) {
      node.parent.children.delete(node.name);
      node.parent.stale = true;
      node = node.parent;
    }
  }

  /** @param sign 1: given to the framework; −1: taken back. */
  account(framework: FrameworkId, role: string, bundle: Bundle, sign: 1 | -1): void {
    if (bundle.length === 0) return;
    const leaf = this.leaf(framework, role);
    let at: RoleNode | Leaf | null = leaf;
    while (at) {
      const place: number = at.parent && !at.parent.stale ? placeOf(at.parent.order, at) : -1;
      const ordered = place >= 0 && at.parent?.order[place] === at ? at.parent.order : null;
      ordered?.splice(place, 1);
      addQuantities(at.allocated, bundle, sign);
      if (sign > 0) at.allocations += 1;
      at.share = this.shareOf(at);
      ordered?.splice(placeOf(ordered, at), 0, at);
      at = at.parent;
    }
    if (sign < 0 && !leaf.active) this.prune(framework, role);
  }

  /** Frameworks with their roles, the least served first. Stop walking before anything is accounted for. */
  *leavesInOrder(node: RoleNode = this.root): Generator<Leaf> {
    if (node.stale) this.sort(node);
    for (const each of node.order) {
      if (each.kind === 'role') yield* this.leavesInOrder(each);
      else yield each;
    }
  }

  /** All of them, in no order. */
  *leaves(node: RoleNode = this.root): Generator<Leaf> {
    yield* node.leaves.values();
    for (const child of node.children.values()) yield* this.leaves(child);
  }

  private sort(node: RoleNode): void {
    node.stale = false;
    const order = [...node.children.values(), ...node.leaves.values()].filter(hasActive);
    for (const each of order) each.share = this.shareOf(each);
    node.order = order.sort(byShare);
  }

  private shareOf(contender: RoleNode | Leaf): number {
    const weight = contender.kind === 'role' ? contender.weight : 1;
    return dominantShare(contender.allocated, this.total) / weight;
  }

  private holder(role: string): RoleNode {
    let node = this.root;
    let path = '';
    for (const name of role.split('/')) {
      path = path === '' ? name : `${path}/${name}`;
      let child = node.children.get(name);
      if (!child) node.children.set(name, (child = newRole(name, path, node, this.weightOf(path))));
      node = child;
    }
    let own = node.children.get(OWN);
    if (!own) node.children.set(OWN, (own = newRole(OWN, path, node, 1)));
    return own;
  }

  private staleAll(node: RoleNode): void {
    node.stale = true;
    for (const child of node.children.values()) this.staleAll(child);
  }
}

function newRole(name: string, path: string, parent: RoleNode | null, weight: number): RoleNode {
  return {
    kind: 'role',
    name,
    path,
    parent,
    allocated: new Map(),
    allocations: 0,
    share: 0,
    children: new Map(),
    leaves: new Map(),
    weight,
    order: [],
    stale: true,
  };
}

function hasActive(contender: RoleNode | Leaf): boolean {
  if (contender.kind === 'leaf') return contender.active;
  for (const leaf of contender.leaves.values()) if (leaf.active) return true;
  for (const child of contender.children.values()) if (hasActive(child)) return true;
  return false;
}

/** Where it is, or belongs, among contenders that are in order. */
function placeOf(order: readonly (RoleNode | Leaf)[], contender: Contender): number {
  let [from, to] = [0, order.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (byShare(order[middle]!, contender) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function byShare(a: Contender, b: Contender): number {
  return (
    a.share - b.share || a.allocations - b.allocations || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  );
}
