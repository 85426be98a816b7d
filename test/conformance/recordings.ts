/** The exchanges recorded from a real Mesos 1.12 master (fixtures/mesos/recordings): what was sent, what came, and what a stream said when. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decoded, readConversations } from './conversations.ts';
import { at, type Exchange, type Json, type JsonObject } from './recorded.ts';
import { parseResponse } from '../support/raw-http.ts';

const ROOT = fileURLToPath(new URL('../../fixtures/mesos/recordings/', import.meta.url));

/** Kept by connection. */
const CLIENTS = '17-clients/';

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
  const entries = lines?.map((line) => JSON.parse(line) as RecordedLine);
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
        ? entries?.flatMap((entry) => {
            const event = eventIn(entry);
            return entry.t !== null && event ? [{ t: entry.t, event }] : [];
          })
        : undefined,
    final: entries?.some(({ event }) => event === '<<final chunk>>') ?? false,
  };
}

interface RecordedLine {
  readonly t: number | null;
  /** Or a note of what the server did. */
  readonly event?: Json;
  /** Of operators' streams in protobuf: the record itself. */
  readonly b64?: string;
}

function eventIn({ event, b64 }: RecordedLine): JsonObject | undefined {
  if (b64 !== undefined)
    return decoded('mesos.v1.master.Event', 'application/x-protobuf', Buffer.from(b64, 'base64'));
  return typeof event === 'object' ? (event as JsonObject) : undefined;
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
  // An operator's stream tells no id of the master; its agents' begin with it.
  const [first] = events;
  return (
    (told as string | undefined) ??
    /"([0-9a-f]{8}-[0-9a-f-]{27})-S\d+"/.exec(JSON.stringify(first ?? {}))?.[1] ??
    /"([0-9a-f]{8}-[0-9a-f-]{27})-(?:\d{4}|[SO]\d+)"/.exec(body.toString())?.[1]
  );
}
