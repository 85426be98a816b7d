/** An exchange with a real Mesos, as it was recorded. */
import type { MediaType } from '../../shared/mesos/wire/codec.ts';
import type { RawResponse } from '../support/raw-http.ts';
import type { Difference } from './compare.ts';

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

/** What became of an exchange that was played. */
export interface Outcome {
  readonly exchange: Exchange;
  readonly differences: readonly Difference[];
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
