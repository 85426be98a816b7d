import { gunzipSync } from 'node:zlib';
import type { RawResponse } from '../support/raw-http.ts';
import { compare, type Difference } from './compare.ts';
import { decoded } from './conversations.ts';
import { keyOf, type LiveStream } from './live-stream.ts';
import type { Names } from './names.ts';
import { at, jsonOf, type Exchange, type Json, type JsonObject } from './recorded.ts';

/** Differ each time, and mean nothing. */
const OWN_HEADERS: ReadonlySet<string> = new Set(['Date', 'Content-Length']);

/** Status, reason, headers and body of an answer that is whole. */
export function compareResponse(
  exchange: Exchange,
  ours: RawResponse | undefined,
  names: Names,
): Difference[] {
  const found: Difference[] = [];
  const { response } = exchange;
  compare(response?.status ?? null, ours?.status ?? null, 'status', found);
  if (!response || !ours) return found;
  compareHead(response, ours, names, found);
  const [theirs, mine] = [readable(exchange, response), names.toRecorded(readable(exchange, ours))];
  const [recorded, our] = [jsonOf(Buffer.from(theirs)), jsonOf(Buffer.from(mine))];
  if (recorded && our) compare(metricsByName(recorded), metricsByName(our), 'body', found);
  else compare(theirs, mine, 'body', found);
  return found;
}

/** The body as text: unpacked, out of the call of a function that JSONP makes of it, and as the JSON that protobuf stands for. */
export function readable({ path }: Exchange, { headers, chunks }: RawResponse): string {
  const header = (name: string): string | undefined => headers.find(([each]) => each === name)?.[1];
  const sent = Buffer.concat([...chunks]);
  const bytes = header('Content-Encoding') === 'gzip' ? gunzipSync(sent) : sent;
  if (header('Content-Type') === 'application/x-protobuf')
    return JSON.stringify(decoded('mesos.v1.master.Response', 'application/x-protobuf', bytes));
  const callback = /[?&]jsonp=(\w+)/.exec(path)?.[1];
  const text = bytes.toString();
  return callback !== undefined && text.startsWith(`${callback}(`) && text.endsWith(')')
    ? `{"${callback}":${text.slice(callback.length + 1, -1)}}`
    : text;
}

/** A list of names and values is looked at by name: which there are differs more than what they are. */
function metricsByName(body: JsonObject): JsonObject {
  const metrics = at(body, 'get_metrics', 'metrics');
  if (!Array.isArray(metrics)) return body;
  const values = metrics.map((each): [string, Json] => [
    String(at(each as Json, 'name')),
    at(each as Json, 'value') ?? null,
  ]);
  return { ...body, get_metrics: { metrics: Object.fromEntries(values) } };
}

/**
 * The events of a stream: that it begins as it should; then, without heartbeats and with repetitions left out, what is said of each task and agent in which order; how
 * often and what is offered; and each event field by field.
 */
export function compareStream(exchange: Exchange, stream: LiveStream, names: Names): Difference[] {
  const found: Difference[] = [];
  const { response, events = [] } = exchange;
  const ours = stream.connection.response();
  compare(response?.status ?? null, ours?.status ?? null, 'status', found);
  if (response && ours) compareHead(response, ours, names, found);
  const recorded = events.map(({ event }) => event);
  const heard = stream.heard.map(
    (event) => JSON.parse(names.toRecorded(JSON.stringify(event))) as JsonObject,
  );
  compare(beginning(recorded), beginning(heard), 'beginning', found);
  compare(exchange.final, stream.over, 'final', found);
  const [theirs, mine] = [said(recorded), said(heard)];
  for (const about of new Set([...theirs.keys(), ...mine.keys()])) {
    const [told, weTold] = [theirs.get(about) ?? [], mine.get(about) ?? []];
    compare(told.map(keyOf).join(', '), weTold.map(keyOf).join(', '), `said of ${about}`, found);
    const left = [...weTold];
    for (const event of told) {
      const index = left.findIndex((each) => keyOf(each) === keyOf(event));
      if (index >= 0) compare(event, left.splice(index, 1)[0], String(event['type']), found);
    }
  }
  const [offered, weOffered] = [offersIn(recorded), offersIn(heard)];
  compare(offered.length, weOffered.length, 'OFFERS count', found);
  const [firstOffered, firstWeOffered] = [offered[0] ?? [], weOffered[0] ?? []];
  compare(byAgent(firstOffered), byAgent(firstWeOffered), 'OFFERS first', found);
  return found;
}

export function compareHead(
  recorded: RawResponse,
  ours: RawResponse,
  names: Names,
  found: Difference[],
): void {
  compare(recorded.reason, ours.reason, 'reason', found);
  const headers = ({ headers: all }: RawResponse, name: (text: string) => string): JsonObject =>
    Object.fromEntries(
      all
        .filter(([key]) => !OWN_HEADERS.has(key))
        .map(([key, value]) => [key, name(value).replace(/^(\/\/\w+):\d+/, '$1:PORT')]),
    );
  compare(
    headers(recorded, (text) => text),
    headers(ours, (text) => names.toRecorded(text)),
    'headers',
    found,
  );
}

/** SUBSCRIBED first, a HEARTBEAT with it; offers may come in between. */
function beginning(events: readonly JsonObject[]): string[] {
  const types = events.map(({ type }) => String(type)).filter((type) => type !== 'OFFERS');
  return types.slice(0, types[0] === 'SUBSCRIBED' ? 2 : 1);
}

/** In order, by what it is about: each task, each agent that failed, offers that end, the stream itself. What is repeated with its uuid counts once. */
function said(events: readonly JsonObject[]): Map<string, JsonObject[]> {
  const all = new Map<string, JsonObject[]>();
  const uuids = new Set<Json>();
  for (const event of events) {
    const { type } = event;
    if (type === 'HEARTBEAT' || type === 'OFFERS') continue;
    const uuid = at(event, 'update', 'status', 'uuid');
    if (uuid !== undefined && uuids.has(uuid)) continue;
    if (uuid !== undefined) uuids.add(uuid);
    const about = subjectOf(event);
    all.set(about, [...(all.get(about) ?? []), event]);
  }
  return all;
}

function subjectOf(event: JsonObject): string {
  const task = at(event, 'update', 'status', 'task_id', 'value');
  const agent = at(event, 'failure', 'agent_id', 'value');
  if (task !== undefined) return `task ${String(task)}`;
  if (agent !== undefined) return `agent ${String(agent).replace(/.*-/, '')}`;
  return event['type'] === 'RESCIND' ? 'offers' : 'the stream';
}

function offersIn(events: readonly JsonObject[]): (readonly Json[])[] {
  return events
    .filter(({ type }) => type === 'OFFERS')
    .map((event) => (at(event, 'offers', 'offers') ?? []) as readonly Json[]);
}

/** An offer's id is its own; which of two agents is offered first is chance. */
function byAgent(offers: readonly Json[]): Json[] {
  return offers
    .map((offer) => ({ ...(offer as JsonObject), id: { value: 'O' } }) as JsonObject)
    .sort((a, b) => String(at(a, 'agent_id', 'value')).localeCompare(String(at(b, 'agent_id', 'value'))));
}
