/** What master and agent print alike in the JSON of before the v1 API. */
import { type Bundle, type Piece, reservedRole } from '../../shared/mesos/bundle.ts';
import type { Attribute, TaskStatus } from '../../shared/mesos/v1.ts';
import { double, labelsModel, message, type Value } from './json.ts';

/** The Mesos that master and agent behave like; clients look at it to know what they may ask for. */
export const MESOS_VERSION = '1.12.0';

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

/** The same, of what is reserved and of what is not. @param sees roles that may be shown */
export function reservedModels(
  bundle: Bundle,
  sees: (role: string) => boolean = () => true,
): { reserved_resources: Value; unreserved_resources: Value } {
  const shown = [...reservedByRole(bundle)].filter(([role]) => sees(role));
  const reserved = shown.map(([role, part]) => [role, resourcesModel(part)] as const);
  return {
    reserved_resources: Object.fromEntries(reserved),
    unreserved_resources: resourcesModel(unreserved(bundle)),
  };
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

export function doubles(amounts: ReadonlyMap<string, number>): Value {
  return Object.fromEntries([...amounts].map(([name, value]) => [name, double(value)]));
}

export function attributesModel(attributes: readonly Attribute[]): Value {
  return Object.fromEntries(attributes.map((attribute) => [attribute.name, attributeValue(attribute)]));
}

function attributeValue({ scalar, ranges, set, text }: Attribute): Value {
  if (scalar) return double(scalar.value);
  if (ranges) return `[${(ranges.range ?? []).map(({ begin, end }) => `${begin}-${end}`).join(', ')}]`;
  return set ? `{${(set.item ?? []).join(', ')}}` : (text?.value ?? '');
}

export function statusModel({
  state,
  timestamp = 0,
  labels,
  container_status: container,
  healthy,
}: TaskStatus): Value {
  return {
    state,
    timestamp: double(timestamp),
    labels: labelsModel(labels),
    container_status: container && {
      container_id: container.container_id && message('mesos.v1.ContainerID', container.container_id),
      network_infos: (container.network_infos ?? []).map((info) => message('mesos.v1.NetworkInfo', info)),
    },
    healthy,
  };
}

function rangesText(ranges: readonly (readonly [number, number])[]): string {
  const sorted = [...ranges].sort(([a], [b]) => a - b);
  return `[${sorted.map(([begin, end]) => `${begin}-${end}`).join(', ')}]`;
}
