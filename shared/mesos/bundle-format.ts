import type { Resources } from '../resources.ts';
import { mergePorts } from '../resources.ts';
import { type Bundle, type Piece, scalarOf } from './bundle.ts';
import type { MesosResource, ReservationInfo } from './v1.ts';

/** How resources are written for a reader. */
export interface Format {
  /** Whom they are allocated to; absent for an agent's own. */
  readonly role?: string;
  /** The reader knows several roles (MULTI_ROLE) and so what is allocated to which. */
  readonly multiRole?: boolean;
  /** The reader knows stacks of reservations (RESERVATION_REFINEMENT); others get `role` and `reservation`. */
  readonly refinement?: boolean;
}

/** As the master keeps them and as agents get them. */
export const PLAIN: Format = { multiRole: true, refinement: true };

/**
 * Pieces as Mesos resources. A refined reservation cannot be told to a reader who does not know refinement: those pieces are left out (Mesos never offers them to such
 * frameworks).
 */
export function resourcesOf(bundle: Bundle, format: Format = PLAIN): MesosResource[] {
  return bundle.filter((piece) => isTellable(piece, format)).map((piece) => resourceOf(piece, format));
}

export function isTellable(piece: Piece, { refinement }: Format): boolean {
  return refinement === true || (piece.kind?.reservations.length ?? 0) <= 1;
}

type Writable<Type> = { -readonly [Field in keyof Type]: Type[Field] };

/** Field by field: an allocation writes tens of thousands of these, and copying with `...` takes several times as long. */
export function resourceOf(piece: Piece, { role, multiRole, refinement }: Format): MesosResource {
  const { kind } = piece;
  const resource: Writable<MesosResource> = { name: piece.name, type: piece.type };
  if (piece.type === 'SCALAR') resource.scalar = { value: piece.milli / 1000 };
  else if (piece.type === 'RANGES')
    resource.ranges = { range: piece.ranges.map(([begin, end]) => ({ begin, end })) };
  else resource.set = { item: piece.items };
  if (refinement !== true) addOldReservation(resource, kind?.reservations.at(-1));
  if (multiRole === true && role !== undefined) resource.allocation_info = { role };
  if (!kind) return resource;
  if (refinement === true && kind.reservations.length > 0) resource.reservations = kind.reservations;
  if (kind.disk) resource.disk = kind.disk;
  return Object.assign(resource, kind.rest);
}

function addOldReservation(resource: Writable<MesosResource>, last: ReservationInfo | undefined): void {
  const { type, role = '*', ...reservation }: ReservationInfo = last ?? {};
  resource.role = role;
  if (type === 'DYNAMIC') resource.reservation = reservation;
}

/** The resources that Dawn's own scheduler deals in, over all kinds. */
export function flatOf(bundle: Bundle): Resources {
  return {
    cpusMilli: scalarOf(bundle, 'cpus'),
    memMb: Math.floor(scalarOf(bundle, 'mem') / 1000),
    diskMb: Math.floor(scalarOf(bundle, 'disk') / 1000),
    gpus: Math.floor(scalarOf(bundle, 'gpus') / 1000),
    ports: mergePorts(bundle.filter(({ name }) => name === 'ports').flatMap(({ ranges }) => ranges)),
  };
}

/** For sentences, as Mesos prints them: `cpus(allocated: dev)(reservations: [(DYNAMIC,dev,p1)]):1; ports:[31000-32000]`. */
export function describeBundle(bundle: Bundle, role?: string): string {
  return bundle.length === 0 ? '{}' : bundle.map((piece) => describePiece(piece, role)).join('; ');
}

function describePiece(piece: Piece, role: string | undefined): string {
  const { name, kind } = piece;
  const stack = kind?.reservations ?? [];
  const allocated = role === undefined ? '' : `(allocated: ${role})`;
  const reserved =
    stack.length === 0
      ? ''
      : `(reservations: [${stack.map((each) => `(${describeReservation(each)})`).join(',')}])`;
  const volume = kind?.disk?.persistence;
  const disk = volume ? `[${volume.id}:${kind.disk?.volume?.container_path ?? ''}]` : '';
  return `${name}${allocated}${reserved}${disk}:${describeAmount(piece)}`;
}

function describeReservation({ type = 'STATIC', role = '*', principal, labels }: ReservationInfo): string {
  const pairs = labels?.labels?.map(({ key, value }) => (value === undefined ? key : `${key}: ${value}`));
  return [
    type,
    role,
    ...(principal === undefined ? [] : [principal]),
    ...(pairs ? [`{${pairs.join(', ')}}`] : []),
  ].join(',');
}

function describeAmount({ type, milli, ranges, items }: Piece): string {
  if (type === 'SCALAR') return String(milli / 1000);
  return type === 'RANGES'
    ? `[${ranges.map(([begin, end]) => `${begin}-${end}`).join(', ')}]`
    : `{${items.join(', ')}}`;
}
