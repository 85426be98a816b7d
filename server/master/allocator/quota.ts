import {
  type Bundle,
  type Piece,
  isAllocatableTo,
  partOf,
  reservedRole,
} from '../../../shared/mesos/bundle.ts';
import { CPUS, MEM, addAmount, named, none, numberOf, type Quantities } from './quantities.ts';
import type { RoleTree } from './role-tree.ts';

/** What a top-level role is promised, and what it may have at most; scalars in thousandths. Absent: no promise, no limit. */
export interface Quota {
  readonly guarantees: ReadonlyMap<string, number>;
  readonly limits: ReadonlyMap<string, number>;
}

/** Amounts by name, and by role. */
export interface QuotaSums {
  readonly free: Readonly<Record<string, number>>;
  readonly idle: Readonly<Record<string, unknown>>;
  readonly missing: Readonly<Record<string, unknown>>;
  readonly missingOfAll: Readonly<Record<string, number>>;
  readonly lacking: readonly string[];
}

/**
 * Quotas, and how far each is met, kept up with every change of hands. A role's consumption is what it and its subroles were given, with what is reserved for it and not
 * given. Guarantees are met first, and what is still missing of them is kept back from everybody else (headroom); limits hold always. Reservations and what is no scalar
 * are outside of both.
 */
export class QuotaBook {
  private readonly quotas = new Map<string, Quota>();
  private readonly roles: Pick<RoleTree, 'find' | 'mark'>;
  /** Free and unreserved, of all agents that count. */
  private readonly free = none();
  /** Reserved for a top-level role (or its subroles) and in nobody's hands. */
  private readonly idle = new Map<string, Quantities>();
  /** What each role with a quota lacks of its guarantees, and all of them together. */
  private readonly missing = new Map<string, Quantities>();
  private readonly missingOfAll = none();
  /** Roles with an unmet guarantee. */
  private readonly lacking = new Set<string>();

  constructor(roles: Pick<RoleTree, 'find' | 'mark'>) {
    this.roles = roles;
  }

  get size(): number {
    return this.quotas.size;
  }

  get(role: string): Quota | undefined {
    return this.quotas.get(role);
  }

  has(role: string): boolean {
    return this.quotas.has(role);
  }

  [Symbol.iterator](): IterableIterator<[string, Quota]> {
    return this.quotas.entries();
  }

  set(role: string, quota: Quota): void {
    this.quotas.set(role, quota);
    this.lookAgain(role);
  }

  delete(role: string): void {
    this.quotas.set(role, { guarantees: new Map(), limits: new Map() });
    this.lookAgain(role);
    this.quotas.delete(role);
    this.missing.delete(role);
  }

  get isAnyLacking(): boolean {
    return this.lacking.size > 0;
  }

  /** False: all that is free and unreserved is kept back for roles that lack it. */
  get isAnythingLeft(): boolean {
    return this.free[CPUS]! > this.missingOfAll[CPUS]! || this.free[MEM]! > this.missingOfAll[MEM]!;
  }

  /** Of an agent that counts some became free (1), or is not any more (−1). */
  changeFree(bundle: Bundle, sign: 1 | -1): void {
    for (const piece of bundle) {
      const owner = reservedRole(piece);
      const [number, milli] = [numberOf(piece.name), sign * piece.milli];
      if (owner === undefined) addAmount(this.free, number, milli);
      else this.changeIdle(top(owner), number, milli);
    }
  }

  /** What the role (or one below it) was given has changed, or it came to be. */
  changed(role: string): void {
    if (this.quotas.size > 0) this.lookAgain(top(role));
  }

  /** Of a role with an unmet guarantee: its reservations, what is no scalar, and as much as is missing. Nothing for others. */
  guaranteed(role: string, free: Bundle): Bundle {
    const missing = this.missing.get(top(role));
    if (!missing || !this.lacking.has(top(role))) return [];
    return cut(role, free, (number) => missing[number] ?? 0);
  }

  /** Up to the role's limit, and leaving what others were promised. */
  allowed(role: string, free: Bundle): Bundle {
    const first = top(role);
    const limits = this.quotas.get(first)?.limits;
    if (this.lacking.size === 0 && (limits === undefined || limits.size === 0)) return allOf(role, free);
    return cut(role, free, (number, name) => {
      const most = limits?.get(name);
      const below = most === undefined ? Infinity : Math.max(0, most - this.consumed(first, number));
      return Math.min(below, this.surplus(first, number));
    });
  }

  /** What was kept up, in plain terms. */
  get sums(): QuotaSums {
    const { free, idle, missing, missingOfAll, lacking } = this;
    const byRole = (of: ReadonlyMap<string, Quantities>): Readonly<Record<string, unknown>> =>
      Object.fromEntries([...of].map(([role, amounts]) => [role, Object.fromEntries(named(amounts))]));
    return {
      free: Object.fromEntries(named(free)),
      idle: byRole(idle),
      missing: byRole(missing),
      missingOfAll: Object.fromEntries(named(missingOfAll)),
      lacking: [...lacking].sort(),
    };
  }

  private lookAgain(role: string): void {
    const quota = this.quotas.get(role);
    if (!quota) return;
    const before = this.missing.get(role) ?? none();
    const missing = none();
    let isLacking = false;
    for (const [name, guarantee] of quota.guarantees) {
      const number = numberOf(name);
      const milli = Math.max(0, guarantee - this.consumed(role, number));
      addAmount(missing, number, milli);
      if (milli > 0) isLacking = true;
    }
    for (let at = 0; at < Math.max(before.length, missing.length); at++)
      addAmount(this.missingOfAll, at, (missing[at] ?? 0) - (before[at] ?? 0));
    this.missing.set(role, missing);
    if (isLacking) this.lacking.add(role);
    else this.lacking.delete(role);
    const isFull = this.isSpent(role, quota, 'cpus', CPUS) && this.isSpent(role, quota, 'mem', MEM);
    this.roles.mark(role, isLacking, isFull);
  }

  /** At its limit. */
  private isSpent(role: string, { limits }: Quota, name: string, number: number): boolean {
    const limit = limits.get(name);
    return limit !== undefined && limit <= this.consumed(role, number);
  }

  private consumed(role: string, number: number): number {
    const given = this.roles.find(role)?.allocated[number] ?? 0;
    return given + (this.idle.get(role)?.[number] ?? 0);
  }

  /** Free beyond what the other roles still miss of their guarantees. */
  private surplus(role: string, number: number): number {
    const kept = (this.missingOfAll[number] ?? 0) - (this.missing.get(role)?.[number] ?? 0);
    return kept === 0 ? Infinity : Math.max(0, (this.free[number] ?? 0) - kept);
  }

  private changeIdle(role: string, number: number, milli: number): void {
    const idle = this.idle.get(role) ?? none();
    addAmount(idle, number, milli);
    if (idle.every((each) => each === 0)) this.idle.delete(role);
    else this.idle.set(role, idle);
    this.lookAgain(role);
  }
}

/** The pieces that the role may have. */
export function allOf(role: string, free: Bundle): Bundle {
  return free.every((piece) => piece.kind === null)
    ? free
    : free.filter((piece) => isAllocatableTo(piece, role));
}

/** The pieces that the role may have, unreserved scalars up to an amount. */
function cut(role: string, free: Bundle, mostOf: (number: number, name: string) => number): Bundle {
  const given: Piece[] = [];
  for (const piece of free) {
    if (!isAllocatableTo(piece, role)) continue;
    if (piece.type !== 'SCALAR' || reservedRole(piece) !== undefined) given.push(piece);
    else {
      const milli = Math.min(piece.milli, mostOf(numberOf(piece.name), piece.name));
      if (milli > 0) given.push(milli === piece.milli ? piece : partOf(piece, milli));
    }
  }
  return given;
}

export function top(role: string): string {
  const end = role.indexOf('/');
  return end < 0 ? role : role.slice(0, end);
}
