import { type Bundle, type Piece, isAllocatableTo, reservedRole } from '../../../shared/mesos/bundle.ts';
import type { MasterWorld } from '../world.ts';
import { addQuantities, type Quantities } from './quantities.ts';
import type { Leaf } from './role-tree.ts';

/** What a top-level role is promised, and what it may have at most; scalars in thousandths. Absent: no promise, no limit. */
export interface Quota {
  readonly guarantees: ReadonlyMap<string, number>;
  readonly limits: ReadonlyMap<string, number>;
}

/**
 * Quota in one allocation. A role's consumption is what it and its subroles were given, with what is reserved for it and not given. Guarantees are met first, and what is
 * still missing of them is kept back from everybody else (headroom); limits hold always. Reservations and what is no scalar are outside of both.
 */
export class QuotaRun {
  private readonly world: MasterWorld;
  /** Reserved for a top-level role (or its subroles) and in nobody's hands. */
  private readonly idle = new Map<string, Quantities>();
  /** Free and unreserved, of all agents. */
  private readonly free: Quantities = new Map();
  /** What each role lacks of its guarantees, and all of them together. */
  private readonly missing = new Map<string, Quantities>();
  private readonly missingOfAll: Quantities = new Map();

  constructor(world: MasterWorld) {
    this.world = world;
    for (const agent of world.agents.values()) {
      if (!agent.pooled || agent.deactivated) continue;
      for (const piece of agent.free) {
        const owner = reservedRole(piece);
        addQuantities(owner === undefined ? this.free : this.idleOf(top(owner)), [piece], 1);
      }
    }
    for (const role of world.quotas.keys()) this.lookAgain(role);
  }

  /** Roles with an unmet guarantee. */
  readonly lacking = new Set<string>();

  /** False: all that is free and unreserved is kept back for roles that lack it. */
  get isAnythingLeft(): boolean {
    for (const name of ['cpus', 'mem'])
      if ((this.free.get(name) ?? 0) > (this.missingOfAll.get(name) ?? 0)) return true;
    return false;
  }

  /** Of a role with an unmet guarantee: its reservations, what is no scalar, and as much as is missing. Nothing for others. */
  guaranteed(leaf: Leaf, free: Bundle): Bundle {
    const missing = this.missing.get(top(leaf.role));
    if (!missing || missing.size === 0) return [];
    return cut(leaf.role, free, (name) => missing.get(name) ?? 0);
  }

  /** Up to the role's limit, and leaving what others were promised. */
  allowed(leaf: Leaf, free: Bundle): Bundle {
    const role = top(leaf.role);
    const limits = this.world.quotas.get(role)?.limits;
    return cut(leaf.role, free, (name) => {
      const most = limits?.get(name);
      const below = most === undefined ? Infinity : Math.max(0, most - this.consumed(role, name));
      return Math.min(below, this.surplus(role, name));
    });
  }

  /** Something was offered: less is free, and less may be missing. */
  given(role: string, resources: Bundle): void {
    for (const piece of resources) {
      const owner = reservedRole(piece);
      addQuantities(owner === undefined ? this.free : this.idleOf(top(owner)), [piece], -1);
    }
    this.lookAgain(top(role));
  }

  private lookAgain(role: string): void {
    const quota = this.world.quotas.get(role);
    if (!quota) return;
    const missing: Quantities = new Map();
    for (const [name, guarantee] of quota.guarantees) {
      const milli = Math.max(0, guarantee - this.consumed(role, name));
      const before = this.missing.get(role)?.get(name) ?? 0;
      if (milli > 0) missing.set(name, milli);
      this.missingOfAll.set(name, (this.missingOfAll.get(name) ?? 0) + milli - before);
    }
    this.missing.set(role, missing);
    if (missing.size > 0) this.lacking.add(role);
    else this.lacking.delete(role);
  }

  private consumed(role: string, name: string): number {
    const given = this.world.roles.find(role)?.allocated.get(name) ?? 0;
    return given + (this.idle.get(role)?.get(name) ?? 0);
  }

  /** Free beyond what the other roles still miss of their guarantees. */
  private surplus(role: string, name: string): number {
    const kept = (this.missingOfAll.get(name) ?? 0) - (this.missing.get(role)?.get(name) ?? 0);
    return kept === 0 ? Infinity : Math.max(0, (this.free.get(name) ?? 0) - kept);
  }

  private idleOf(role: string): Quantities {
    let idle = this.idle.get(role);
    if (!idle) this.idle.set(role, (idle = new Map()));
    return idle;
  }
}

/** The pieces that the role may have, unreserved scalars up to an amount. */
function cut(role: string, free: Bundle, mostOf: (name: string) => number): Bundle {
  const given: Piece[] = [];
  for (const piece of free) {
    if (!isAllocatableTo(piece, role)) continue;
    if (piece.type !== 'SCALAR' || reservedRole(piece) !== undefined) given.push(piece);
    else {
      const milli = Math.min(piece.milli, mostOf(piece.name));
      if (milli > 0) given.push(milli === piece.milli ? piece : { ...piece, milli });
    }
  }
  return given;
}

export function top(role: string): string {
  const end = role.indexOf('/');
  return end < 0 ? role : role.slice(0, end);
}
