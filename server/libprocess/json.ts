/**
 * JSON of Mesos's endpoints of before the v1 API, which say by themselves what is a double: `4.0` where it is one, `4` where it is none. Members are written in the order in
 * which they stand; those that are undefined are left out.
 */
import { jsonText } from '../../shared/mesos/wire/codec.ts';
import type { Labels } from '../../shared/mesos/v1.ts';

/** Text that is JSON already. */
export class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Value =
  | string
  | number
  | boolean
  | Raw
  | readonly Value[]
  | { readonly [name: string]: Value | undefined };

export function double(value: number): Raw {
  return new Raw(Number.isFinite(value) ? doubleText(value) : `"${value}"`);
}

/** A double as Mesos's JSON has it: `4.0` where other writers have `4`. */
export function doubleText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}

/** Seconds since 1970, of milliseconds. */
export function seconds(ms: number): Raw {
  return double(ms / 1000);
}

/** A message of the v1 API; most have the same fields here. @param name as in `mesos.v1.Resource` */
export function message(name: string, value: object): Raw {
  return new Raw(jsonText(name, value));
}

export function labelsModel(labels: Labels | undefined): Value | undefined {
  return labels && (labels.labels ?? []).map((label) => message('mesos.v1.Label', label));
}

export function write(value: Value): string {
  if (value instanceof Raw) return value.text;
  if (typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(write).join(',')}]`;
  const members: string[] = [];
  for (const name in value) {
    const member = value[name];
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${write(member)}`);
  }
  return `{${members.join(',')}}`;
}

function isList(value: object): value is readonly Value[] {
  return Array.isArray(value);
}
