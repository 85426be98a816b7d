/** JSON → message by the rules of Mesos's stout, which are not proto3's. Texts are Mesos's. */
import type { EnumType, Field, MessageType, Scalar } from './schema.ts';

export type Message = Record<string, unknown>;

/** What is wrong with a message, in the words of Mesos's 400. */
export class WireProblem extends Error {}

/** Protobuf's own limit of nesting. */
export const DEPTH_MAX = 100;

/**
 * Unknown fields and unknown names of enums are dropped, null is unset, numbers may come as strings, one object may stand for a list of one.
 * @throws WireProblem
 */
export function messageFromJson(type: MessageType, value: unknown): Message {
  if (!isObject(value)) throw new WireProblem('Expecting a JSON object');
  const message = readMessage(type, value, 0);
  const missing: string[] = [];
  findMissing(type, message, '', missing);
  if (missing.length > 0) throw new WireProblem(`Missing required fields: ${missing.join(', ')}`);
  return message;
}

function readMessage(type: MessageType, value: Message, depth: number): Message {
  if (depth > DEPTH_MAX) throw new WireProblem('Message is nested too deeply');
  const message: Message = {};
  for (const [name, given] of Object.entries(value)) {
    const field = type.byName.get(name);
    if (!field || given === null) continue;
    const read = readField(field, given, depth);
    if (read !== undefined) message[name] = read;
  }
  return message;
}

function readField(field: Field, given: unknown, depth: number): unknown {
  if (field.label === 'map') {
    if (!isObject(given)) throw unexpected(field, given);
    return Object.fromEntries(
      Object.entries(given)
        .filter(([, value]) => value !== null)
        .map(([key, value]) => [key, readValue(field, value, depth)]),
    );
  }
  if (field.label !== 'repeated') return readValue(field, given, depth);
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return list.map((each) => readValue(field, each, depth)).filter((each) => each !== undefined);
}

function readValue(field: Field, given: unknown, depth: number): unknown {
  const { type } = field;
  if (typeof type === 'string') return readScalar(field, type, given);
  if (type.kind === 'enum') return readEnum(field, type, given);
  if (!isObject(given)) throw unexpected(field, given);
  return readMessage(type, given, depth + 1);
}

/** An unknown name is dropped. */
function readEnum(field: Field, type: EnumType, given: unknown): unknown {
  if (typeof given !== 'string') throw unexpected(field, given);
  return type.numbers.has(given) ? given : undefined;
}

function readScalar(field: Field, type: Scalar, given: unknown): unknown {
  if (type === 'bool') {
    if (typeof given !== 'boolean') throw unexpected(field, given);
    return given;
  }
  if (type === 'string' || type === 'bytes') {
    if (typeof given !== 'string') throw unexpected(field, given);
    return type === 'string' ? given : readBytes(field, given);
  }
  if (typeof given !== 'string' && typeof given !== 'number') throw unexpected(field, given);
  const number = type === 'double' ? readDouble(given) : readInteger(type, given);
  if (number === undefined)
    throw new WireProblem(`Failed to parse '${given}' as a number for field '${field.name}'`);
  return number;
}

function readDouble(given: string | number): number | undefined {
  if (typeof given === 'number') return given;
  if (given === 'Infinity' || given === '-Infinity' || given === 'NaN') return Number(given);
  return given.trim() === '' || Number.isNaN(Number(given)) ? undefined : Number(given);
}

const RANGES = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const;

/** A number where that is exact, else a bigint. A fraction is cut off, as a cast in C++ does. */
function readInteger(type: keyof typeof RANGES, given: string | number): number | bigint | undefined {
  let value: bigint;
  if (typeof given === 'string' && /^-?\d{1,20}$/.test(given)) value = BigInt(given);
  else {
    const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
    if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
    value = BigInt(Math.trunc(number));
  }
  const [least, most] = RANGES[type];
  return value < least || value > most ? undefined : shortest(value);
}

export function shortest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** stops at `=`, passes over white space; written again in the standard way. */
function readBytes(field: Field, given: string): string {
  const text = (given.split('=', 1)[0] ?? '').replace(/\s/g, '');
  const bad = /[^A-Za-z0-9+/]/.exec(text);
  if (bad)
    throw new WireProblem(
      `Failed to base64 decode bytes field '${field.name}': Invalid character '${bad[0]}'`,
    );
  // One character alone says less than a byte.
  const whole = text.length % 4 === 1 ? text.slice(0, -1) : text;
  return whole.padEnd(Math.ceil(whole.length / 4) * 4, '=');
}

function findMissing(type: MessageType, message: Message, where: string, missing: string[]): void {
  for (const field of type.fields) {
    const value = message[field.name];
    const here = `${where}${field.name}`;
    if (value === undefined) {
      if (field.label === 'required') missing.push(here);
    } else if (typeof field.type !== 'string' && field.type.kind === 'message') {
      if (field.label === 'repeated')
        (value as Message[]).forEach((each, at) =>
          findMissing(field.type as MessageType, each, `${here}[${at}].`, missing),
        );
      else if (field.label === 'map')
        for (const [key, each] of Object.entries(value as Record<string, Message>))
          findMissing(field.type, each, `${here}[${key}].`, missing);
      else findMissing(field.type, value as Message, `${here}.`, missing);
    }
  }
}

export function missingFields(type: MessageType, message: Message): string[] {
  const missing: string[] = [];
  findMissing(type, message, '', missing);
  return missing;
}

function unexpected({ name }: Field, given: unknown): WireProblem {
  const kind = Array.isArray(given) ? 'array' : given === null ? 'null' : typeof given;
  return new WireProblem(`Not expecting a JSON ${kind} for field '${name}'`);
}

function isObject(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
