/** Messages that are put together from parts which are encoded already, in either encoding. */
import type { MediaType } from '../../shared/mesos/wire/codec.ts';
import { doubleText } from './json.ts';

/** A field of a message: what it is called, its number, and what is in it. */
export interface Field {
  readonly name: string;
  readonly number: number;
  /** A message of fields; … */
  readonly fields?: readonly Field[];
  /** … or repeated messages: in JSON joined by commas, in protobuf each with tag and length. Printed also when it is empty; … */
  readonly chunks?: readonly Buffer[];
  /** … or a word, of an enum. */
  readonly word?: { readonly name: string; readonly number: number };
  /** … or a number that need not be whole. */
  readonly double?: number;
}

export function writeFields(fields: readonly Field[], type: MediaType): Buffer[] {
  if (type !== 'application/json') return fields.flatMap(protobufField);
  const parts: Buffer[] = [Buffer.from('{')];
  fields.forEach((field, at) => {
    parts.push(Buffer.from(`${at > 0 ? ',' : ''}"${field.name}":`));
    if (field.word) parts.push(Buffer.from(`"${field.word.name}"`));
    else if (field.double !== undefined) parts.push(Buffer.from(doubleText(field.double)));
    else if (field.fields) parts.push(...writeFields(field.fields, type));
    else parts.push(Buffer.from('['), ...(field.chunks ?? []), Buffer.from(']'));
  });
  parts.push(Buffer.from('}'));
  return parts;
}

/** One item of a repeated message field, as it stands between others. */
export function repeatedItem(number: number, body: Buffer, type: MediaType): Buffer {
  return type === 'application/json' ? body : Buffer.concat([tag(number, 2), varint(body.length), body]);
}

export function separatorOf(type: MediaType): string {
  return type === 'application/json' ? ',' : '';
}

function protobufField({ number, fields, chunks, word, double }: Field): Buffer[] {
  if (double !== undefined) {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(double);
    return [tag(number, 1), bytes];
  }
  if (word) return [tag(number, 0), varint(word.number)];
  if (chunks) return [...chunks];
  const inner = (fields ?? []).flatMap(protobufField);
  return [tag(number, 2), varint(inner.reduce((sum, { length }) => sum + length, 0)), ...inner];
}

function tag(number: number, wireType: 0 | 1 | 2): Buffer {
  return varint(number * 8 + wireType);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}
