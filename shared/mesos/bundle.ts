/**
 * Mesos's algebra of resources with all that tells one kind from another: reservations, persistent volumes, disk sources. Two resources add up when they are of one
 * kind; scalars are counted in thousandths, as Mesos does, so that nothing drifts. Who a resource is allocated to is not part of it: an offer or a task says that.
 */
import type { PortRange } from '../resources.ts';
import { addPorts, countPorts, mergePorts, subtractPorts } from '../resources.ts';
import type { MesosResource, ReservationInfo } from './v1.ts';

/** Some amount of one kind of resource. */
export interface Piece {
  /** Same key, same kind. */
  readonly key: string;
  readonly name: string;
  readonly type: MesosResource['type'];
  /** Thousandths, of a scalar. */
  readonly milli: number;
  readonly ranges: readonly PortRange[];
  readonly items: readonly string[];
  /** The resource without amount, role and allocation; null where the name says it all. */
  readonly kind: Kind | null;
}

export interface Kind {
  readonly reservations: readonly ReservationInfo[];
  readonly disk: MesosResource['disk'];
  readonly rest: Pick<MesosResource, 'revocable' | 'shared' | 'provider_id'>;
}

/** At most one piece per kind, none of them empty. */
export type Bundle = readonly Piece[];

export const EMPTY: Bundle = [];
const NO_RANGES: readonly PortRange[] = [];
const NO_ITEMS: readonly string[] = [];

/** Any of Mesos's formats → pieces. Empty amounts are dropped, as Mesos drops them. */
export function bundleOf(resources: readonly MesosResource[]): Bundle {
  const bundle: Piece[] = [];
  for (const resource of resources) put(bundle, pieceOf(resource));
  return bundle;
}

export function add(a: Bundle, b: Bundle): Bundle {
  if (a.length === 0) return b;
  const sum = [...a];
  for (const piece of b) put(sum, piece);
  return sum;
}

/** a − b, where a contains b; what it does not have is passed over. */
export function subtract(a: Bundle, b: Bundle): Bundle {
  if (b.length === 0) return a;
  const left: Piece[] = [];
  for (const piece of a) {
    const other = find(b, piece.key);
    // Whole pieces change hands as they are.
    if (other === piece) continue;
    const rest = other ? minus(piece, other) : piece;
    if (!isNothing(rest)) left.push(rest);
  }
  return left;
}

export function contains(a: Bundle, b: Bundle): boolean {
  return b.every((piece) => {
    const has = find(a, piece.key);
    if (has === piece) return true;
    if (!has || has.milli < piece.milli) return false;
    // A volume is whole or not at all.
    if (isVolume(piece) && has.milli !== piece.milli) return false;
    if (piece.ranges.length > 0 && countPorts(subtractPorts(piece.ranges, has.ranges)) > 0) return false;
    return piece.items.every((item) => has.items.includes(item));
  });
}

export function sameBundle(a: Bundle, b: Bundle): boolean {
  return contains(a, b) && contains(b, a);
}

/** Thousandths of a scalar over all of its kinds. */
export function scalarOf(bundle: Bundle, name: string): number {
  let sum = 0;
  for (const piece of bundle) if (piece.name === name) sum += piece.milli;
  return sum;
}

/** Whom it is reserved for: the last of the stack. Undefined: nobody. */
export function reservedRole(piece: Piece): string | undefined {
  return piece.kind === null ? undefined : piece.kind.reservations.at(-1)?.role;
}

/** May be offered to this role: unreserved, or reserved for it or for an ancestor (`eng` for `eng/prod`). */
export function isAllocatableTo(piece: Piece, role: string): boolean {
  const owner = reservedRole(piece);
  return owner === undefined || owner === role || role.startsWith(`${owner}/`);
}

export function isVolume(piece: Piece): boolean {
  return piece.kind?.disk?.persistence !== undefined;
}

function find(bundle: Bundle, key: string): Piece | undefined {
  for (const piece of bundle) if (piece.key === key) return piece;
  return undefined;
}

/** Into a bundle in the making. */
function put(bundle: Piece[], piece: Piece): void {
  if (isNothing(piece)) return;
  const at = bundle.findIndex((each) => each.key === piece.key);
  if (at < 0) bundle.push(piece);
  else bundle[at] = plus(bundle[at]!, piece);
}

function plus(a: Piece, b: Piece): Piece {
  const items = b.items.length === 0 ? a.items : [...new Set([...a.items, ...b.items])].sort();
  return withAmount(a, a.milli + b.milli, addPorts(a.ranges, b.ranges), items);
}

function minus(a: Piece, b: Piece): Piece {
  const items = b.items.length === 0 ? a.items : a.items.filter((item) => !b.items.includes(item));
  return withAmount(a, a.milli - b.milli, subtractPorts(a.ranges, b.ranges), items);
}

/** That much of a scalar piece. */
export function partOf(piece: Piece, milli: number): Piece {
  return withAmount(piece, milli, piece.ranges, piece.items);
}

/** As much of the same kind. Field by field: copying with `...` takes several times as long, and this is most of what a master adds and subtracts. */
function withAmount(
  { key, name, type, kind }: Piece,
  milli: number,
  ranges: Piece['ranges'],
  items: Piece['items'],
): Piece {
  return { key, name, type, milli, ranges, items, kind };
}

function isNothing(piece: Piece): boolean {
  return piece.milli === 0 && piece.ranges.length === 0 && piece.items.length === 0;
}

function pieceOf(resource: MesosResource): Piece {
  const kind = kindOf(resource);
  return {
    key: kind ? `${resource.name}|${keyOf(kind)}` : resource.name,
    name: resource.name,
    type: resource.type,
    milli: Math.round((resource.scalar?.value ?? 0) * 1000),
    ranges: resource.ranges
      ? mergePorts((resource.ranges.range ?? []).map((range): PortRange => [range.begin, range.end]))
      : NO_RANGES,
    items: resource.set ? [...new Set(resource.set.item)].sort() : NO_ITEMS,
    kind,
  };
}

function kindOf(resource: MesosResource): Kind | null {
  const reservations = reservationsOf(resource);
  const { disk, revocable, shared, provider_id } = resource;
  if (reservations.length === 0 && !disk && !revocable && !shared && !provider_id) return null;
  return {
    reservations,
    disk,
    rest: {
      ...(revocable ? { revocable } : {}),
      ...(shared ? { shared } : {}),
      ...(provider_id ? { provider_id } : {}),
    },
  };
}

/** `role` with or without `reservation` is the format before refinement; both formats come in, one is kept. */
export function reservationsOf({
  role,
  reservation,
  reservations,
}: MesosResource): readonly ReservationInfo[] {
  if (reservations && reservations.length > 0)
    return reservations.map(({ type = 'STATIC', ...rest }) => ({ type, ...rest }));
  if (role === undefined || role === '*') return [];
  return [reservation ? { type: 'DYNAMIC', role, ...reservation } : { type: 'STATIC', role }];
}

function keyOf({ reservations, disk, rest }: Kind): string {
  const stack = reservations.map(({ type, role, principal, labels }) => [
    type,
    role,
    principal ?? null,
    labels?.labels?.map(({ key, value }) => [key, value ?? null]) ?? null,
  ]);
  const { persistence, volume, source } = disk ?? {};
  return JSON.stringify([
    stack,
    persistence ? [persistence.id, persistence.principal ?? null] : null,
    volume ? [volume.container_path, volume.host_path ?? null, volume.mode] : null,
    source ?? null,
    Object.keys(rest),
    rest.provider_id?.value ?? null,
  ]);
}
