import { type Bundle, type Piece, reservedRole } from '../../../../shared/mesos/bundle.ts';
import type { MesosResource } from '../../../../shared/mesos/v1.ts';
import { double, message, type Raw, type Value } from '../../../libprocess/json.ts';
import { amountsOf } from '../operator/roles.ts';

/** Always there, also where there is nothing of it. */
const SCALARS = ['disk', 'mem', 'gpus', 'cpus'] as const;

/** `{"disk":0.0,"mem":32.0,"gpus":0.0,"cpus":0.1,"ports":"[31000-32000]"}`: over all reservations; revocable ones under names of their own. */
export function resourcesModel(bundle: Bundle): Value {
  const milli = new Map<string, number>(SCALARS.map((name) => [name, 0]));
  const ranges = new Map<string, (readonly [number, number])[]>();
  const items = new Map<string, string[]>();
  for (const piece of bundle) {
    const name = piece.kind?.rest.revocable ? `${piece.name}_revocable` : piece.name;
    if (piece.type === 'SCALAR') milli.set(name, (milli.get(name) ?? 0) + piece.milli);
    else if (piece.type === 'RANGES') ranges.set(name, [...(ranges.get(name) ?? []), ...piece.ranges]);
    else items.set(name, [...(items.get(name) ?? []), ...piece.items]);
  }
  return {
    ...Object.fromEntries([...milli].map(([name, amount]) => [name, double(amount / 1000)])),
    ...Object.fromEntries([...ranges].map(([name, all]) => [name, rangesText(all)])),
    ...Object.fromEntries([...items].map(([name, all]) => [name, `{${all.join(', ')}}`])),
  };
}

/** `{"cpus":4.0,"ports":1001.0}`: what there is of it, and how many of what is counted. */
export function amountsModel(bundle: Bundle): Value {
  return doubles(amountsOf(bundle));
}

export function doubles(amounts: ReadonlyMap<string, number>): Value {
  return Object.fromEntries([...amounts].map(([name, value]) => [name, double(value)]));
}

export function resourceList(resources: readonly MesosResource[]): readonly Raw[] {
  return resources.map((resource) => message('mesos.v1.Resource', resource));
}

/** What is reserved, by role: each once, in the order in which it is met. */
export function reservedByRole(bundle: Bundle): ReadonlyMap<string, Bundle> {
  const found = new Map<string, Piece[]>();
  for (const piece of bundle) {
    const role = reservedRole(piece);
    if (role !== undefined) found.set(role, [...(found.get(role) ?? []), piece]);
  }
  return found;
}

export function unreserved(bundle: Bundle): Bundle {
  return bundle.filter((piece) => reservedRole(piece) === undefined);
}

function rangesText(ranges: readonly (readonly [number, number])[]): string {
  const sorted = [...ranges].sort(([a], [b]) => a - b);
  return `[${sorted.map(([begin, end]) => `${begin}-${end}`).join(', ')}]`;
}
