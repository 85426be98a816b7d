import type { Message } from './from-json.ts';
import type { Field, MessageType } from './schema.ts';

/**
 * A message as Mesos writes it: fields of the schema and no others, in its order, with the defaults that are worth showing; doubles with a fraction, 64-bit integers with
 * all digits, on one line.
 */
export function jsonOf(type: MessageType, message: Message): string {
  const parts: string[] = [];
  for (const field of type.fields) {
    const value = message[field.name] ?? field.shownDefault;
    if (value === undefined || value === null) continue;
    if (field.label === 'repeated' && (value as readonly unknown[]).length === 0) continue;
    parts.push(`"${field.name}":${fieldJson(field, value)}`);
  }
  return `{${parts.join(',')}}`;
}

function fieldJson(field: Field, value: unknown): string {
  if (field.label === 'repeated')
    return `[${(value as readonly unknown[]).map((each) => valueJson(field, each)).join(',')}]`;
  if (field.label === 'map')
    return `{${Object.entries(value as Message)
      .map(([key, each]) => `${JSON.stringify(key)}:${valueJson(field, each)}`)
      .join(',')}}`;
  return valueJson(field, value);
}

function valueJson({ type }: Field, value: unknown): string {
  if (typeof type !== 'string')
    return type.kind === 'enum' ? JSON.stringify(value) : jsonOf(type, value as Message);
  if (type === 'double') return doubleJson(Number(value));
  // A number that is no safe integer came from arithmetic: all the digits that it stands for.
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return BigInt(Math.trunc(value)).toString();
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}

function doubleJson(value: number): string {
  if (!Number.isFinite(value))
    return `"${Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'}"`;
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
