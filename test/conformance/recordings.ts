/** The exchanges recorded from a real Mesos 1.12 master (fixtures/mesos/recordings): what was sent, what came, and what a stream said when. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MediaType } from '../../shared/mesos/wire/codec.ts';
import { readConversations } from './conversations.ts';
import { parseResponse, type RawResponse } from '../support/raw-http.ts';

const ROOT = fileURLToPath(new URL('../../fixtures/mesos/recordings/', import.meta.url));

/** Kept by connection. */
const CLIENTS = '17-clients/';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

export interface RecordedEvent {
  /** Seconds since the request. */
  readonly t: number;
  readonly event: JsonObject;
}

export interface Exchange {
  /** `09-http-errors/58-not-found` */
  readonly name: string;
  readonly folder: string;
  readonly method: string;
  readonly path: string;
  readonly head: string;
  /** Protobuf where it was; `body` and `events` are then the JSON that it stands for. */
  readonly type: MediaType;
  readonly body: Buffer;
  /** Undefined: the server closed without a word. */
  readonly response: RawResponse | undefined;
  /** Of the response's Date, milliseconds; whole seconds. */
  readonly atMs: number;
  /** Of a stream of JSON events. */
  readonly events: readonly RecordedEvent[] | undefined;
  /** The server ended the stream. */
  readonly final: boolean;
}

/** Of folders that a number leads, in order. */
export function readRecordings(): Exchange[] {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.req'))
    .map((file) => file.slice(0, -'.req'.length))
    .sort();
  const clients = new Map<string, string[]>();
  for (const file of files.filter((each) => each.startsWith(CLIENTS))) {
    const client = file.slice(0, file.lastIndexOf('/'));
    clients.set(client, [...(clients.get(client) ?? []), file]);
  }
  return [
    ...files.filter((file) => !file.startsWith(CLIENTS)).map(readExchange),
    ...readConversations(ROOT, [...clients.values()]),
  ];
}

function readExchange(name: string): Exchange {
  const request = readFileSync(`${ROOT}${name}.req`);
  const headEnd = request.indexOf('\r\n\r\n');
  const head = request.toString('latin1', 0, headEnd < 0 ? request.length : headEnd);
  const [method = '', path = ''] = head.split(' ');
  const response = parseResponse(readFileSync(`${ROOT}${name}.resp`), true);
  const date = response?.headers.find(([header]) => header === 'Date')?.[1];
  const file = `${ROOT}${name}.events.jsonl`;
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : undefined;
  const entries = lines?.map((line) => JSON.parse(line) as { t: number | null; event?: Json });
  return {
    name,
    folder: name.split('/')[0] ?? '',
    method,
    path,
    head,
    type: 'application/json',
    body: headEnd < 0 ? Buffer.alloc(0) : request.subarray(headEnd + 4),
    response,
    atMs: date === undefined ? 0 : Date.parse(date),
    events:
      response?.status === 200
        ? entries?.flatMap(({ t, event }) =>
            t !== null && typeof event === 'object' ? [{ t, event: event as JsonObject }] : [],
          )
        : undefined,
    final: entries?.some(({ event }) => event === '<<final chunk>>') ?? false,
  };
}

/**
 * A folder's exchanges by the master they were with: where ids of another master begin to be used, another was started.
 */
export function sessionsOf(exchanges: readonly Exchange[]): Exchange[][] {
  const sessions: Exchange[][] = [[]];
  let current: string | undefined;
  for (const exchange of exchanges) {
    const master = masterOf(exchange);
    if (master !== undefined && current !== undefined && master !== current) sessions.push([]);
    current = master ?? current;
    sessions.at(-1)?.push(exchange);
  }
  return sessions;
}

function masterOf({ events = [], body }: Exchange): string | undefined {
  const told = events
    .map(({ event }) => at(event, 'subscribed', 'master_info', 'id'))
    .find((id) => id !== undefined);
  return (
    (told as string | undefined) ??
    /"([0-9a-f]{8}-[0-9a-f-]{27})-(?:\d{4}|[SO]\d+)"/.exec(body.toString())?.[1]
  );
}

/** The body as JSON; undefined when it is none. */
export function jsonOf(bytes: Buffer): JsonObject | undefined {
  try {
    return JSON.parse(bytes.toString()) as JsonObject;
  } catch {
    return undefined;
  }
}

/** A value deep inside, by names and indexes; undefined where there is no such thing. */
export function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let here: Json | undefined = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<string | number, Json>)[step];
  }
  return here;
}
