import type { FrameworkId } from '../../../shared/ids.ts';
import type { Bundle } from '../../../shared/mesos/bundle.ts';
import type { MasterFramework } from '../entities.ts';
import { type Contender, byShare, move, placeOf } from './by-share.ts';
import { addQuantities, dominantShare, none, type Quantities, quantitiesOf } from './quantities.ts';

/** One framework in one of its roles. */
export interface Leaf extends Contender {
  readonly kind: 'leaf';
  readonly framework: FrameworkId;
  readonly role: string;
  readonly parent: RoleNode;
  /** The framework itself, once it took part: an allocation need not look it up by name. */
  holder: MasterFramework | null;
  /** Subscribed, connected and not suppressed in this role: takes part. */
  active: boolean;
}

/** A role: `eng` is the parent of `eng/web`. Frameworks of an inner role compete with its child roles as one, as Mesos's virtual leaf `eng/.` does. */
export interface RoleNode extends Contender {
  readonly parent: RoleNode | null;
  readonly kind: 'role';
  /** The whole path; empty for the root. */
  readonly path: string;
  /** The top-level role that it is, or is below of: the one that quotas are of. Null for the root. */
  readonly top: RoleNode | null;
  readonly children: Map<string, RoleNode>;
  readonly leaves: Map<FrameworkId, Leaf>;
  weight: number;
  /** Frameworks in it and below it that take part. */
  active: number;
  /** By its quota: promised more than it has; or at its limit, so that nothing unreserved is given to it. Of a top-level role. */
  lacks: boolean;
  isFull: boolean;
  /** Contenders that take part, by share; as of the tree's version `orderedAt`. */
  order: (RoleNode | Leaf)[];
  orderedAt: number;
}

/** The virtual child that holds a role's own frameworks. */
const OWN = '.';

/** Shares of roles and frameworks (DRF, hierarchical, weighted), kept up with every allocation. */
export class RoleTree {
  readonly root: RoleNode = newRole('', '', null, 1);
  /** What all agents have together. */
  readonly total: Quantities = none();
  /** Set by an operator; others weigh 1. */
  readonly weights = new Map<string, number>();
  private readonly places = new Map<FrameworkId, Map<string, Leaf>>();
  /** Goes up with every change of the whole, which is a change of everybody's share. */
  private version = 0;

  changeTotal(bundle: Bundle, sign: 1 | -1): void {
    addQuantities(this.total, quantitiesOf(bundle), sign);
    this.version += 1;
  }

  setWeight(role: string, weight: number): void {
    this.weights.set(role, weight);
    const node = this.find(role);
    if (!node) return;
    node.weight = weight;
    if (node.parent) node.parent.orderedAt = STALE;
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
      holder: null,
      allocated: none(),
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

  /** A top-level role. */
  topLevel(role: string): RoleNode | undefined {
    return this.root.children.get(role);
  }

  setActive(framework: MasterFramework, role: string, active: boolean): void {
    const leaf = this.leaf(framework.id, role);
    leaf.holder = framework;
    if (leaf.active === active) return;
    leaf.active = active;
    for (let node: RoleNode | null = leaf.parent; node; node = node.parent) {
      node.active += active ? 1 : -1;
      node.orderedAt = STALE;
    }
  }

  /** How a top-level role stands to its quota. */
  mark(role: string, lacks: boolean, isFull: boolean): void {
    const node = this.topLevel(role);
    if (!node) return;
    node.lacks = lacks;
    node.isFull = isFull;
  }

  /** Forgets a place that holds nothing, and the roles that only it kept. */
  prune(framework: FrameworkId, role: string): void {
    const leaf = this.leaf(framework, role);
    if (leaf.active || leaf.allocated.some((milli) => milli !== 0)) return;
    leaf.parent.leaves.delete(framework);
    this.places.get(framework)?.delete(role);
    if (this.places.get(framework)?.size === 0) this.places.delete(framework);
    let node: RoleNode | null = leaf.parent;
    node.orderedAt = STALE;
    while (node?.parent && node.leaves.size === 0 && node.children.size === 0) {
      node.parent.children.delete(node.name);
      node.parent.orderedAt = STALE;
      node = node.parent;
    }
  }

  /** @param sign 1: given to the framework; −1: taken back. */
  account(leaf: Leaf, amounts: Quantities, sign: 1 | -1): void {
    let at: RoleNode | Leaf = leaf;
    // The root competes with nobody.
    while (at.parent) {
      const parent: RoleNode = at.parent;
      const order = parent.orderedAt === this.version ? parent.order : null;
      // Whoever is offered something is the first, or not far from it.
      const place = !order || order[0] === at ? 0 : placeOf(order, at, 0, order.length);
      addQuantities(at.allocated, amounts, sign);
      if (sign > 0) at.allocations += 1;
      at.share = this.shareOf(at);
      if (order?.[place] === at) move(order, place);
      at = parent;
    }
    if (sign < 0 && !leaf.active) this.prune(leaf.framework, leaf.role);
  }

  /** Roles and frameworks of a role that take part, the least served first. The very list: whoever is accounted for changes places in it. */
  ordered(node: RoleNode): readonly (RoleNode | Leaf)[] {
    if (node.orderedAt !== this.version) this.sort(node);
    return node.order;
  }

  /** All of them, in no order. */
  *leaves(node: RoleNode = this.root): Generator<Leaf> {
    yield* node.leaves.values();
    for (const child of node.children.values()) yield* this.leaves(child);
  }

  private sort(node: RoleNode): void {
    node.orderedAt = this.version;
    node.order = [];
    for (const child of node.children.values()) if (child.active > 0) node.order.push(child);
    for (const leaf of node.leaves.values()) if (leaf.active) node.order.push(leaf);
    for (const each of node.order) each.share = this.shareOf(each);
    node.order.sort(byShare);
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
}

/** Of no version. */
const STALE = -1;

function newRole(name: string, path: string, parent: RoleNode | null, weight: number): RoleNode {
  const node: RoleNode & { top: RoleNode | null } = {
    kind: 'role',
    name,
    path,
    parent,
    top: parent?.top ?? null,
    allocated: none(),
    allocations: 0,
    share: 0,
    children: new Map(),
    leaves: new Map(),
    weight,
    active: 0,
    lacks: false,
    isFull: false,
    order: [],
    orderedAt: STALE,
  };
  if (parent && !node.top) node.top = node;
  return node;
}
