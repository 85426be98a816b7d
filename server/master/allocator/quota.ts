import {
  type Bundle,
  EMPTY,
  type Piece,
  isAllocatableTo,
  partOf,
  reservedRole,
} from '../../../shared/mesos/bundle.ts';
import { CPUS, MEM, addAmount, named, none, numberOf, type Quantities } from './quantities.ts';
import type { Leaf, RoleTree } from './role-tree.ts';

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

/** How a role stands to its quota. */
interface Standing {
  readonly quota: Quota;
  readonly guarantees: Quantities;
  /** Where there is none: infinite. */
  readonly limits: Quantities;
  /** What it lacks of its guarantees. */
  readonly missing: Quantities;
  lacks: boolean;
}

/**
 * Quotas, and how far each is met, kept up with every change of hands. A role's consumption is what it and its subroles were given, with what is reserved for it and not
 * given. Guarantees are met first, and what is still missing of them is kept back from everybody else (headroom); limits hold always. Reservations and what is no scalar
 * are outside of both.
 */
export class QuotaBook {
  private readonly standings = new Map<string, Standing>();
  private readonly roles: Pick<RoleTree, 'topLevel' | 'mark'>;
  /** Free and unreserved, of all agents that count. */
  private readonly free = none();
  /** Reserved for a top-level role (or its subroles) and in nobody's hands. */
  private readonly idle = new Map<string, Quantities>();
  /** What all roles lack of their guarantees together, and how many lack something. */
  private readonly missingOfAll = none();
  private lacking = 0;
  /** Used again for each question: an allocation asks for every agent. */
  private readonly most: Quantities = [];

  constructor(roles: Pick<RoleTree, 'topLevel' | 'mark'>) {
    this.roles = roles;
  }

  get size(): number {
    return this.standings.size;
  }

  get(role: string): Quota | undefined {
    return this.standings.get(role)?.quota;
  }

  has(role: string): boolean {
    return this.standings.has(role);
  }

  *[Symbol.iterator](): Generator<[string, Quota]> {
    for (const [role, { quota }] of this.standings) yield [role, quota];
  }

  set(role: string, quota: Quota): void {
    const guarantees = none();
    for (const [name, milli] of quota.guarantees) addAmount(guarantees, numberOf(name), milli);
    const limits: Quantities = [];
    for (const [name, milli] of quota.limits) {
      const number = numberOf(name);
      while (limits.length <= number) limits.push(Infinity);
      limits[number] = milli;
    }
    const { missing = none(), lacks = false } = this.standings.get(role) ?? {};
    this.standings.set(role, { quota, guarantees, limits, missing, lacks });
    this.changed(role);
  }

  delete(role: string): void {
    this.set(role, { guarantees: new Map(), limits: new Map() });
    this.standings.delete(role);
  }

  get isAnyLacking(): boolean {
    return this.lacking > 0;
  }

  /** False: all that is free and unreserved is kept back for roles that lack it. */
  get isAnythingLeft(): boolean {
    return this.free[CPUS]! > this.missingOfAll[CPUS]! || this.free[MEM]! > this.missingOfAll[MEM]!;
  }

  /** Of an agent that counts some became free (1), or is not any more (−1). */
  changeFree(bundle: Bundle, sign: 1 | -1): void {
    for (const piece of bundle) {
      if (piece.milli === 0) continue;
      const owner = reservedRole(piece);
      const number = numberOf(piece.name);
      const milli = sign * piece.milli;
      if (owner === undefined) addAmount(this.free, number, milli);
      else this.changeIdle(top(owner), number, milli);
    }
  }

  /** What a top-level role (or one below it) was given has changed, or it came to be. */
  changed(role: string): void {
    const standing = this.standings.get(role);
    if (!standing) return;
    const { guarantees, missing } = standing;
    const given = this.roles.topLevel(role)?.allocated;
    const idle = this.idle.get(role);
    let lacks = false;
    for (let number = 0; number < missing.length; number++) {
      this.missingOfAll[number]! -= missing[number]!;
      missing[number] = 0;
    }
    for (let number = 0; number < guarantees.length; number++) {
      const milli = guarantees[number]! - (given?.[number] ?? 0) - (idle?.[number] ?? 0);
      if (milli <= 0) continue;
      lacks = true;
      addAmount(missing, number, milli);
      addAmount(this.missingOfAll, number, milli);
    }
    if (lacks !== standing.lacks) this.lacking += lacks ? 1 : -1;
    standing.lacks = lacks;
    const isFull = this.isSpent(role, standing, CPUS) && this.isSpent(role, standing, MEM);
    this.roles.mark(role, lacks, isFull);
  }

  /** To a role with an unmet guarantee: its reservations, what is no scalar, and as much as is missing. Nothing to others. */
  guaranteed({ role, parent }: Leaf, free: Bundle): Bundle {
    const standing = parent.top?.lacks === true ? this.standings.get(parent.top.name) : undefined;
    if (!standing) return EMPTY;
    return cut(role, free, standing.missing, 0);
  }

  /** Up to the role's limit, and leaving what others were promised. */
  allowed({ role, parent }: Leaf, free: Bundle): Bundle {
    const first = parent.top?.name ?? role;
    const standing = this.standings.get(first);
    const limits = standing?.limits.length ?? 0;
    if (this.lacking === 0 && limits === 0) return allOf(role, free);
    this.most.length = 0;
    for (let number = 0; number < Math.max(limits, this.missingOfAll.length); number++) {
      const below = (standing?.limits[number] ?? Infinity) - this.consumed(first, number);
      this.most.push(Math.max(0, Math.min(below, this.surplus(standing, number))));
    }
    return cut(role, free, this.most, Infinity);
  }

  /** What was kept up, in plain terms. */
  get sums(): QuotaSums {
    const plain = (amounts: Quantities): Record<string, number> => Object.fromEntries(named(amounts));
    const standings = [...this.standings];
    return {
      free: plain(this.free),
      idle: Object.fromEntries([...this.idle].map(([role, amounts]) => [role, plain(amounts)])),
      missing: Object.fromEntries(standings.map(([role, { missing }]) => [role, plain(missing)])),
      missingOfAll: plain(this.missingOfAll),
      lacking: standings.flatMap(([role, { lacks }]) => (lacks ? [role] : [])).sort(),
    };
  }

  /** At its limit. */
  private isSpent(role: string, { limits }: Standing, number: number): boolean {
    return (limits[number] ?? Infinity) <= this.consumed(role, number);
  }

  private consumed(role: string, number: number): number {
    const given = this.roles.topLevel(role)?.allocated[number] ?? 0;
    return given + (this.idle.get(role)?.[number] ?? 0);
  }

  /** Free beyond what the other roles still miss of their guarantees. */
  private surplus(standing: Standing | undefined, number: number): number {
    const kept = (this.missingOfAll[number] ?? 0) - (standing?.missing[number] ?? 0);
    return kept === 0 ? Infinity : (this.free[number] ?? 0) - kept;
  }

  private changeIdle(role: string, number: number, milli: number): void {
    const idle = this.idle.get(role) ?? none();
    addAmount(idle, number, milli);
    if (idle.every((each) => each === 0)) this.idle.delete(role);
    else this.idle.set(role, idle);
    this.changed(role);
  }
}

/** The pieces that the role may have. */
export function allOf(role: string, free: Bundle): Bundle {
  for (const piece of free) if (!isAllocatableTo(piece, role)) return cut(role, free, [], Infinity);
  return free;
}

/**
 * The pieces that the role may have; of unreserved scalars so much of each, by number, and `others` of those without one. The very bundle where that is all of it: it is
 * taken whole then, and shared with whoever has the same.
 */
function cut(role: string, free: Bundle, most: Quantities, others: number): Bundle {
  let given: Piece[] | null = null;
  for (let at = 0; at < free.length; at++) {
    const piece = free[at]!;
    const part = isAllocatableTo(piece, role) ? upTo(piece, most, others) : null;
    if (part !== piece) given ??= free.slice(0, at);
    if (part && given) given.push(part);
  }
  return given ?? free;
}

function upTo(piece: Piece, most: Quantities, others: number): Piece | null {
  if (piece.type !== 'SCALAR' || reservedRole(piece) !== undefined) return piece;
  const milli = most[numberOf(piece.name)] ?? others;
  if (milli >= piece.milli) return piece;
  return milli > 0 ? partOf(piece, milli) : null;
}

export function top(role: string): string {
  const end = role.indexOf('/');
  return end < 0 ? role : role.slice(0, end);
}
