/** Whole conversations of Apache's own command-line scheduler with a real master (17-clients): the bytes of each connection, both ways, as exchanges. */
import { readFileSync } from 'node:fs';
import { RecordDecoder } from '../../shared/mesos/recordio.ts';
import { type MediaType, decodeMessage } from '../../shared/mesos/wire/codec.ts';
import { parseResponse, type RawResponse } from '../support/raw-http.ts';
import { at, jsonOf, type Exchange, type JsonObject } from './recorded.ts';

/** Events and calls came one upon the other, and when was not kept: so far apart they are played, and calls so long after what they answer. */
const APART_MS = 2_500;
const ANSWER_MS = 1_200;
/** For each conversation. */
const LASTS_MS = 20_000;

/**
 * The first connection is the subscription's, on the second go the calls; those that the client did not stay to hear the answer of are left out. What is protobuf is told as
 * the JSON that it stands for; to be sent it is encoded again.
 * @param files of each conversation: without `.req` and `.resp`, in order
 */
export function readConversations(root: string, files: readonly (readonly string[])[]): Exchange[] {
  const all = files.map((each) => each.flatMap((file) => exchangesOn(root, file)));
  const first = Math.min(...all.flat().map(({ atMs }) => atMs));
  return all
    .sort(([a], [b]) => (a?.atMs ?? 0) - (b?.atMs ?? 0))
    .flatMap((each, number) => timed(each, first + number * LASTS_MS));
}

function exchangesOn(root: string, file: string): Exchange[] {
  const answers = messagesIn(readFileSync(`${root}${file}.resp`));
  const requests = messagesIn(readFileSync(`${root}${file}.req`)).slice(0, answers.length);
  return requests.map(({ head, body }, number) => {
    const [method = '', path = ''] = head.split(' ');
    const type: MediaType = head.includes('x-protobuf') ? 'application/x-protobuf' : 'application/json';
    const response = parseResponse(answers[number]!.whole, true);
    const date = response?.headers.find(([name]) => name === 'Date')?.[1] ?? '';
    return {
      name: `${file}/${String(number + 1).padStart(2, '0')}`,
      folder: file.split('/')[0] ?? '',
      method,
      path,
      head,
      type,
      body: Buffer.from(JSON.stringify(decoded('mesos.v1.scheduler.Call', type, body))),
      response,
      atMs: Date.parse(date),
      events: response?.status === 200 ? eventsIn(response, type) : undefined,
      final: false,
    };
  });
}

/** Each call some time after the event that it answers: the update that it acknowledges; else the offers. */
function timed(exchanges: readonly Exchange[], beginMs: number): Exchange[] {
  const events = exchanges.flatMap((exchange) => exchange.events ?? []);
  return exchanges.map((exchange) => {
    if (exchange.events) return { ...exchange, atMs: beginMs };
    const call = jsonOf(exchange.body);
    const uuid = at(call, 'acknowledge', 'uuid');
    const cause = events.find(({ event }) =>
      uuid === undefined ? event['type'] === 'OFFERS' : at(event, 'update', 'status', 'uuid') === uuid,
    );
    return { ...exchange, atMs: beginMs + (cause?.t ?? 0) * 1000 + ANSWER_MS };
  });
}

function eventsIn({ chunks }: RawResponse, type: MediaType): Exchange['events'] {
  const records = new RecordDecoder().pushBytes(Buffer.concat([...chunks]));
  if (!records.ok) throw new Error(records.message);
  return records.records.map((record, number) => ({
    t: (number * APART_MS) / 1000,
    event: decoded('mesos.v1.scheduler.Event', type, record),
  }));
}

/** As it stands, or what it stands for. */
export function decoded(name: string, type: MediaType, bytes: Uint8Array): JsonObject {
  if (type === 'application/json') return JSON.parse(Buffer.from(bytes).toString()) as JsonObject;
  const message = decodeMessage(name, type, bytes);
  if (!message.ok) throw new Error(message.problem);
  // Integers that are too large for a number are none of those that are compared.
  const plain = (_key: string, value: unknown): unknown =>
    typeof value === 'bigint' ? Number(value) : value;
  return JSON.parse(JSON.stringify(message.message, plain)) as JsonObject;
}

/** Requests or answers, one after another on a connection; one without a length goes on to the end. */
function messagesIn(bytes: Buffer): { head: string; body: Buffer; whole: Buffer }[] {
  const messages: { head: string; body: Buffer; whole: Buffer }[] = [];
  for (let from = 0; from < bytes.length;) {
    const bodyAt = bytes.indexOf('\r\n\r\n', from) + 4;
    const head = bytes.toString('latin1', from, bodyAt - 4);
    const length = /^Content-Length: (\d+)/im.exec(head)?.[1];
    const end = length === undefined ? bytes.length : bodyAt + Number(length);
    messages.push({ head, body: bytes.subarray(bodyAt, end), whole: bytes.subarray(from, end) });
    from = end;
  }
  return messages;
}
