/** Protobuf's wire format, to and from messages in JSON shape. Packed and unpacked lists are read; unknown fields are passed over. */
import { DEPTH_MAX, type Message, WireProblem, shortest } from './from-json.ts';
import { BYTES, FIXED64, Reader, VARINT, Writer } from './bytes.ts';
import type { Field, MessageType, Scalar } from './schema.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws WireProblem for bytes that are no such message */
export function messageFromProtobuf(type: MessageType, bytes: Uint8Array): Message {
  return readMessage(type, new Reader(bytes), 0);
}

export function protobufOf(type: MessageType, message: Message): Uint8Array {
  const writer = new Writer();
  writeMessage(type, message, writer);
  return writer.done();
}

function readMessage(type: MessageType, reader: Reader, depth: number): Message {
  if (depth > DEPTH_MAX) throw new WireProblem('nested too deeply');
  const message: Message = {};
  while (!reader.atEnd) {
    const key = Number(reader.varint() & 0xffffffffn);
    const field = type.byNumber.get(key >>> 3);
    const wire = key & 7;
    if (key >>> 3 === 0) throw new WireProblem('a field has the number 0');
    if (!field) reader.skip(wire, depth);
    else readField(field, wire, reader, message, depth);
  }
  return message;
}

function readField(field: Field, wire: number, reader: Reader, message: Message, depth: number): void {
  const { name, type } = field;
  if (field.label === 'map') {
    const entry = new Reader(expect(wire, BYTES, reader).bytes());
    let [key, value]: [string, unknown] = ['', undefined];
    while (!entry.atEnd) {
      const part = Number(entry.varint() & 0xffffffffn);
      if (part >>> 3 === 1) key = text(expect(part & 7, BYTES, entry).bytes());
      else if (part >>> 3 === 2) value = readValue(field, part & 7, entry, depth);
      else entry.skip(part & 7, depth);
    }
    // An own property, also where the key is `__proto__`.
    const before = Object.entries((message[name] ?? {}) as Message);
    message[name] = Object.fromEntries([...before, [key, value ?? {}]]);
    return;
  }
  if (field.label === 'repeated') {
    const list = (message[name] ??= []) as unknown[];
    const packed = wire === BYTES && wireOf(field) !== BYTES;
    if (!packed) return keep(list, readValue(field, wire, reader, depth));
    const run = new Reader(reader.bytes());
    while (!run.atEnd) keep(list, readValue(field, wireOf(field), run, depth));
    return;
  }
  const value = readValue(field, wire, reader, depth);
  if (value === undefined) return;
  // The last one wins; messages that come twice are merged.
  const before = message[name];
  message[name] =
    before !== undefined && typeof type !== 'string' && type.kind === 'message'
      ? { ...(before as Message), ...(value as Message) }
      : value;
}

function keep(list: unknown[], value: unknown): void {
  if (value !== undefined) list.push(value);
}

function readValue(field: Field, wire: number, reader: Reader, depth: number): unknown {
  const { type } = field;
  expect(wire, wireOf(field), reader);
  if (typeof type !== 'string') {
    if (type.kind === 'message') return readMessage(type, new Reader(reader.bytes()), depth + 1);
    return type.names.get(Number(BigInt.asIntN(32, reader.varint())));
  }
  switch (type) {
    case 'string':
      return text(reader.bytes());
    case 'bytes':
      return base64(reader.bytes());
    case 'double':
      return reader.double();
    case 'bool':
      return reader.varint() !== 0n;
    case 'int32':
      return Number(BigInt.asIntN(32, reader.varint()));
    case 'uint32':
      return Number(BigInt.asUintN(32, reader.varint()));
    case 'int64':
      return shortest(BigInt.asIntN(64, reader.varint()));
    case 'uint64':
      return shortest(BigInt.asUintN(64, reader.varint()));
  }
}

function wireOf({ type }: Field): number {
  if (typeof type !== 'string') return type.kind === 'enum' ? VARINT : BYTES;
  if (type === 'double') return FIXED64;
  return type === 'string' || type === 'bytes' ? BYTES : VARINT;
}

function expect(wire: number, wanted: number, reader: Reader): Reader {
  if (wire !== wanted) throw new WireProblem(`wire type ${wire} where ${wanted} belongs`);
  return reader;
}

function writeMessage(type: MessageType, message: Message, writer: Writer): void {
  for (const field of type.fields) {
    const value = message[field.name];
    if (value === undefined || value === null) continue;
    if (field.label === 'repeated')
      for (const each of value as readonly unknown[]) writeField(field, each, writer);
    else if (field.label === 'map')
      for (const [key, each] of Object.entries(value as Message)) {
        writer.key(field.number, BYTES);
        writer.within(() => {
          writer.key(1, BYTES);
          writer.text(key);
          writeField({ ...field, number: 2 }, each, writer);
        });
      }
    else writeField(field, value, writer);
  }
}

function writeField(field: Field, value: unknown, writer: Writer): void {
  const { type, number } = field;
  if (typeof type !== 'string' && type.kind === 'enum') {
    const known = type.numbers.get(String(value));
    if (known === undefined) return;
    writer.key(number, VARINT);
    return writer.small(known);
  }
  writer.key(number, wireOf(field));
  if (typeof type !== 'string')
    return writer.within(() => writeMessage(type as MessageType, value as Message, writer));
  writeScalar(type, value, writer);
}

function writeScalar(type: Scalar, value: unknown, writer: Writer): void {
  if (type === 'string') writer.text(String(value));
  else if (type === 'bytes') writer.bytes(fromBase64(String(value)));
  else if (type === 'double') writer.double(Number(value));
  else if (type === 'bool') writer.small(value === true ? 1 : 0);
  else if (typeof value === 'number' && value >= 0 && Number.isSafeInteger(value)) writer.small(value);
  else
    writer.varint(BigInt.asUintN(64, typeof value === 'bigint' ? value : BigInt(Math.trunc(Number(value)))));
}

function text(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new WireProblem('a text is not UTF-8');
  }
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** What is no base64 is nothing: an agent may say anything. */
function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
