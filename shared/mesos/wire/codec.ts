/** Messages of Mesos's v1 APIs to and from bytes. */
import { type Message, WireProblem, messageFromJson, missingFields } from './from-json.ts';
import { messageFromProtobuf, protobufOf } from './protobuf.ts';
import { messageType } from './schema.ts';
import { jsonOf } from './to-json.ts';

export type MediaType = 'application/json' | 'application/x-protobuf';

/**
 * A message in JSON shape: names as in the schema, enums by name, bytes as base64, maps as objects, 64-bit integers as numbers where that is exact and as bigints where
 * it is not. What is unset is absent. `problem` is the text of Mesos's 400.
 */
export type DecodedMessage =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly problem: string };

const TRAILING = /after JSON at position (\d+)/;
/** Strings and numbers, in a text that is known to be JSON. */
const LITERALS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
/** Digits that a double may not keep. */
const LONG_INTEGER = /^-?\d{16,}$/;

/** @param name as in `mesos.v1.scheduler.Call` */
export function decodeMessage(name: string, type: MediaType, body: Uint8Array): DecodedMessage {
  return type === 'application/json' ? decodeJson(name, body) : decodeProtobuf(name, body);
}

/** On one line, if it is JSON. */
export function encodeMessage(name: string, type: MediaType, message: object): Uint8Array {
  const known = messageType(name);
  return type === 'application/json'
    ? new TextEncoder().encode(jsonOf(known, message as Message))
    : protobufOf(known, message as Message);
}

/** As `encodeMessage` in JSON, for texts that are to be part of others. */
export function jsonText(name: string, message: object): string {
  return jsonOf(messageType(name), message as Message);
}

/** A JSON value that was read elsewhere. */
export function fromJson(name: string, value: unknown): DecodedMessage {
  try {
    return { ok: true, message: messageFromJson(messageType(name), value) };
  } catch (error) {
    return { ok: false, problem: `Failed to convert JSON into ${short(name)} protobuf: ${wording(error)}` };
  }
}

function decodeJson(name: string, body: Uint8Array): DecodedMessage {
  const text = new TextDecoder().decode(body);
  let value: unknown;
  try {
    value = JSON.parse(text);
    // Again, with long integers as texts, which keep their digits. That it is JSON is known by now, so this takes linear time.
    if (/\d{16}/.test(text)) value = JSON.parse(text.replace(LITERALS, quoteLongInteger));
  } catch (error) {
    return { ok: false, problem: `Failed to parse body into JSON: ${syntaxProblem(text, error)}` };
  }
  return fromJson(name, value);
}

function decodeProtobuf(name: string, body: Uint8Array): DecodedMessage {
  const problem = `Failed to parse body into ${short(name)} protobuf`;
  const type = messageType(name);
  try {
    const message = messageFromProtobuf(type, body);
    return missingFields(type, message).length > 0 ? { ok: false, problem } : { ok: true, message };
  } catch (error) {
    wording(error);
    return { ok: false, problem };
  }
}

/** What is wrong with a message; anything else is a fault of ours. */
function wording(error: unknown): string {
  if (error instanceof WireProblem) return error.message;
  throw error;
}

function quoteLongInteger(found: string): string {
  return LONG_INTEGER.test(found) ? `"${found}"` : found;
}

function syntaxProblem(text: string, error: unknown): string {
  const at = TRAILING.exec((error as Error).message)?.[1];
  if (at === undefined) return `syntax error at line ${text.trimEnd().split('\n').length} near: `;
  const end = text.slice(0, Number(at)).trimEnd().length;
  return `Parsed JSON included non-whitespace trailing characters: ${text.slice(end, end + 200)}`;
}

function short(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
