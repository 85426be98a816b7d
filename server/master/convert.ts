/** Reservations and persistent volumes: what an operation takes and what it leaves in its place (Mesos's getConsumed/getConverted). */
import { never } from '../../shared/errors.ts';
import {
  type Bundle,
  type Piece,
  add,
  bundleOf,
  contains,
  isVolume,
  reservedRole,
  reservationsOf,
  subtract,
} from '../../shared/mesos/bundle.ts';
import { resourcesOf } from '../../shared/mesos/bundle-format.ts';
import { resourcesProblem } from './resources-problem.ts';
import type { MesosResource, ReservationInfo, ResourceOperation } from '../../shared/mesos/v1.ts';

/** `before` becomes `after`; or why it cannot. */
export type Conversion =
  | { readonly ok: true; readonly before: Bundle; readonly after: Bundle }
  | { readonly ok: false; readonly problem: string };

/** Who asks: a framework for the role of its offer, or an operator (no role: any). */
export interface Asker {
  readonly role: string | undefined;
  readonly principal: string | undefined;
}

const bad = (problem: string): Conversion => ({ ok: false, problem });

export function conversionOf(operation: ResourceOperation, asker: Asker): Conversion {
  const invalid = resourcesProblem(resourcesIn(operation));
  return invalid === null
    ? convertible(operation, asker)
    : bad(`Invalid ${operation.type} Operation: ${invalid}`);
}

/** A volume that would be there twice: ids are unique within a role on an agent. Null: none. */
export function volumeClash(total: Bundle, before: Bundle, after: Bundle): string | null {
  const ids = (bundle: Bundle): string[] =>
    bundle
      .filter(isVolume)
      .map((piece) => `${reservedRole(piece) ?? '*'} ${piece.kind?.disk?.persistence?.id ?? ''}`);
  const [there, replaced, made] = [ids(total), ids(before), ids(after)];
  const twice = made.find(
    (id, at) => made.indexOf(id) < at || (there.includes(id) && !replaced.includes(id)),
  );
  return twice === undefined
    ? null
    : `Persistence ID '${twice.slice(twice.indexOf(' ') + 1)}' is in use already`;
}

function resourcesIn(operation: ResourceOperation): readonly MesosResource[] {
  switch (operation.type) {
    case 'RESERVE':
      return operation.reserve.resources ?? [];
    case 'UNRESERVE':
      return operation.unreserve.resources ?? [];
    case 'CREATE':
      return operation.create.volumes ?? [];
    case 'DESTROY':
      return operation.destroy.volumes ?? [];
    case 'GROW_VOLUME':
      return [operation.grow_volume.volume, operation.grow_volume.addition];
    case 'SHRINK_VOLUME':
      return [
        operation.shrink_volume.volume,
        { name: 'disk', type: 'SCALAR', scalar: operation.shrink_volume.subtract },
      ];
    default:
      return never(operation);
  }
}

function convertible(operation: ResourceOperation, asker: Asker): Conversion {
  switch (operation.type) {
    case 'RESERVE':
      return reserve(operation.reserve.resources ?? [], asker);
    case 'UNRESERVE':
      return unreserve(operation.unreserve.resources ?? []);
    case 'CREATE':
      return create(operation.create.volumes ?? []);
    case 'DESTROY':
      return turn(create(operation.destroy.volumes ?? []));
    case 'GROW_VOLUME':
      return grow(operation.grow_volume.volume, operation.grow_volume.addition);
    case 'SHRINK_VOLUME':
      return shrink(operation.shrink_volume.volume, operation.shrink_volume.subtract.value);
    default:
      return never(operation);
  }
}

function reserve(resources: readonly MesosResource[], { role, principal }: Asker): Conversion {
  if (resources.length === 0) return bad('Invalid RESERVE Operation: no resources');
  for (const resource of resources) {
    const last = reservationsOf(resource).at(-1);
    if (last?.type !== 'DYNAMIC')
      return bad(`Invalid RESERVE Operation: ${resource.name} is not dynamically reserved`);
    if (role !== undefined && last.role !== role)
      return bad(
        `Invalid RESERVE Operation: a reservation for role '${last.role ?? ''}' was asked for on an offer to role '${role}'`,
      );
    if (principal !== undefined && last.principal !== principal)
      return bad(
        `Invalid RESERVE Operation: the reservation's principal '${last.principal ?? ''}' is not '${principal}'`,
      );
    const parent = reservationsOf(resource).at(-2);
    if (parent && !(last.role ?? '').startsWith(`${parent.role ?? ''}/`))
      return bad(
        `Invalid RESERVE Operation: role '${last.role ?? ''}' does not refine '${parent.role ?? ''}'`,
      );
    if (resource.disk?.persistence)
      return bad('Invalid RESERVE Operation: a persistent volume cannot be reserved');
    if (resource.revocable) return bad('Invalid RESERVE Operation: revocable resources cannot be reserved');
  }
  return { ok: true, before: bundleOf(resources.map(popped)), after: bundleOf(resources) };
}

function unreserve(resources: readonly MesosResource[]): Conversion {
  if (resources.length === 0) return bad('Invalid UNRESERVE Operation: no resources');
  for (const resource of resources) {
    if (reservationsOf(resource).at(-1)?.type !== 'DYNAMIC')
      return bad(`Invalid UNRESERVE Operation: ${resource.name} is not dynamically reserved`);
    if (resource.disk?.persistence)
      return bad('Invalid UNRESERVE Operation: a persistent volume must be destroyed first');
  }
  return { ok: true, before: bundleOf(resources), after: bundleOf(resources.map(popped)) };
}

function create(volumes: readonly MesosResource[]): Conversion {
  if (volumes.length === 0) return bad('Invalid CREATE Operation: no volumes');
  for (const volume of volumes) {
    const { persistence, volume: mount } = volume.disk ?? {};
    if (volume.name !== 'disk' || !persistence)
      return bad('Invalid CREATE Operation: not a persistent volume');
    if (/[/\\\s]|^\.{0,2}$/.test(persistence.id))
      return bad(`Invalid CREATE Operation: '${persistence.id}' is not a valid persistence id`);
    if (reservationsOf(volume).length === 0)
      return bad('Invalid CREATE Operation: Persistent volumes cannot be created from unreserved resources');
    if (!mount) return bad("Invalid CREATE Operation: Expecting 'volume' to be set for persistent volume");
    if (mount.host_path !== undefined)
      return bad("Invalid CREATE Operation: Expecting 'host_path' to be unset for persistent volume");
    if (mount.mode !== 'RW')
      return bad("Invalid CREATE Operation: Expecting 'mode' to be RW for persistent volume");
  }
  return { ok: true, before: bundleOf(volumes.map(plain)), after: bundleOf(volumes) };
}

function grow(volume: MesosResource, addition: MesosResource): Conversion {
  const amount = addition.scalar?.value ?? 0;
  if (!volume.disk?.persistence || amount <= 0)
    return bad('Invalid GROW_VOLUME Operation: a volume and an addition are wanted');
  const after = { ...volume, scalar: { value: (volume.scalar?.value ?? 0) + amount } };
  return { ok: true, before: bundleOf([volume, addition]), after: bundleOf([after]) };
}

function shrink(volume: MesosResource, amount: number): Conversion {
  const size = volume.scalar?.value ?? 0;
  if (!volume.disk?.persistence || amount <= 0 || amount >= size)
    return bad(
      'Invalid SHRINK_VOLUME Operation: less than the volume, and more than nothing, can be taken from it',
    );
  const after = { ...volume, scalar: { value: size - amount } };
  const freed = { ...plain(volume), scalar: { value: amount } };
  return { ok: true, before: bundleOf([volume]), after: bundleOf([after, freed]) };
}

function turn(conversion: Conversion): Conversion {
  if (!conversion.ok) return bad(conversion.problem.replace('CREATE', 'DESTROY'));
  return { ok: true, before: conversion.after, after: conversion.before };
}

/** Without its last reservation. */
function popped(resource: MesosResource): MesosResource {
  const { role: _role, reservation: _reservation, reservations: _stack, ...rest } = resource;
  const reservations: readonly ReservationInfo[] = reservationsOf(resource).slice(0, -1);
  return { ...rest, ...(reservations.length > 0 ? { reservations } : {}) };
}

/** Dynamically reserved, or a volume: made by an operation. */
export function isKept(piece: Piece): boolean {
  return isVolume(piece) || piece.kind?.reservations.at(-1)?.type === 'DYNAMIC';
}

/** What an agent has, with what operations made of it. @returns null where it does not have that much any more. */
export function withKept(own: Bundle, kept: Bundle): Bundle | null {
  const before = bundleOf(resourcesOf(kept).map(original));
  return contains(own, before) ? add(subtract(own, before), kept) : null;
}

/** As the agent itself announces it. */
function original(resource: MesosResource): MesosResource {
  let own = plain(resource);
  while (own.reservations?.at(-1)?.type === 'DYNAMIC') own = popped(own);
  return own;
}

/** A volume as the disk that it is made of. */
function plain(volume: MesosResource): MesosResource {
  const { disk, ...rest } = volume;
  return { ...rest, ...(disk?.source ? { disk: { source: disk.source } } : {}) };
}
