import type { Dispatcher } from 'undici';
import { request } from 'undici';
import { RecordDecoder } from '../../shared/mesos/recordio.ts';
import type { Call, Event } from '../../shared/mesos/scheduler.ts';
import type { MediaType } from './wire.ts';
import { decodeEvent, encodeCall } from './wire.ts';

export const SCHEDULER_PATH = '/api/v1/scheduler';
/** Within this a master begins to answer. */
export const ANSWER_MS = 10_000;
/** Offers of ten thousand agents come in one record. */
const RECORD_BYTES_MAX = 256 * 1024 * 1024;
const TEXT_SHOWN = 500;

export interface Door {
  readonly dispatcher: Dispatcher;
  readonly mediaType: MediaType;
  /** `Authorization`, if any. */
  readonly authorization: string | undefined;
}

/** An open stream of events, or why there is none. */
export type Opened =
  | { readonly kind: 'open'; readonly stream: string; readonly events: AsyncIterable<Event> }
  | { readonly kind: 'elsewhere'; readonly location: string | undefined }
  | { readonly kind: 'failed'; readonly why: string };

/** POSTs SUBSCRIBE. `heard` is called with every chunk: silence is what tells that a master is gone. */
export async function openSubscription(
  door: Door,
  master: URL,
  call: Call,
  signal: AbortSignal,
  heard: () => void,
): Promise<Opened> {
  let response: Dispatcher.ResponseData;
  try {
    response = await request(new URL(SCHEDULER_PATH, master), {
      method: 'POST',
      dispatcher: door.dispatcher,
      headers: { ...headersOf(door), accept: door.mediaType },
      body: encodeCall(door.mediaType, call),
      signal,
      headersTimeout: ANSWER_MS,
      bodyTimeout: 0,
    });
  } catch (error) {
    return { kind: 'failed', why: sentence(error) };
  }
  const { statusCode, headers, body } = response;
  if (statusCode === 307 || statusCode === 308 || statusCode === 302) {
    await body.dump().catch(() => undefined);
    return { kind: 'elsewhere', location: first(headers['location']) };
  }
  if (statusCode !== 200) {
    const text = await body.text().catch(() => '');
    return { kind: 'failed', why: `it answered ${statusCode} ${text.slice(0, TEXT_SHOWN)}`.trim() };
  }
  const stream = first(headers['mesos-stream-id']) ?? '';
  return { kind: 'open', stream, events: eventsOf(body, door.mediaType, heard) };
}

/** POSTs any other call of a subscription. @throws when there is no answer. */
export async function postCall(
  door: Door,
  master: URL,
  stream: string,
  call: Call,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const { statusCode, body } = await request(new URL(SCHEDULER_PATH, master), {
    method: 'POST',
    dispatcher: door.dispatcher,
    headers: { ...headersOf(door), 'mesos-stream-id': stream },
    body: encodeCall(door.mediaType, call),
    signal,
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
  });
  return { status: statusCode, text: (await body.text()).slice(0, TEXT_SHOWN) };
}

async function* eventsOf(
  body: AsyncIterable<Buffer>,
  mediaType: MediaType,
  heard: () => void,
): AsyncGenerator<Event> {
  const decoder = new RecordDecoder(RECORD_BYTES_MAX);
  for await (const chunk of body) {
    heard();
    const decoded = decoder.pushBytes(chunk);
    if (!decoded.ok) throw new Error(decoded.message);
    for (const record of decoded.records) {
      const event = decodeEvent(mediaType, record);
      if (event) yield event;
    }
  }
}

function headersOf({ mediaType, authorization }: Door): Record<string, string> {
  return { 'content-type': mediaType, ...(authorization === undefined ? {} : { authorization }) };
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** What went wrong in one line: several addresses of one host fail together, without a message of their own. */
export function sentence(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: readonly Error[] };
  return message || errors?.[0]?.message || code || String(error);
}
