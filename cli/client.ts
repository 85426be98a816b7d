import type { Dispatcher } from 'undici';
import { requestOf } from '../shared/api/command-route.ts';
import type { OperationId, Replies } from '../shared/api/operations.ts';
import { OPERATIONS } from '../shared/api/operations.ts';
import type { CommandDoneView } from '../shared/api/results.ts';
import type { Command } from '../shared/command.ts';
import type { ErrorCode } from '../shared/errors.ts';
import { DawnError, ERRORS } from '../shared/errors.ts';
import { parseMasters } from '../shared/masters.ts';
import { jsonLines, serverEvents } from './client-streams.ts';
import { Leader } from './leader.ts';

const CONNECT_MS = 5_000;
const ANSWER_MS = 30_000;
/** Streams say something at least every 10 s; this much silence is a lost connection. */
const SILENCE_MS = 35_000;

export interface ClientOptions {
  /** Of the servers of one cluster, with commas where it is more than one. */
  readonly url: string;
  /** Who acts; kept in the history. */
  readonly user?: string;
  /** The `Authorization` header for a cluster that asks who we are; sent to its servers alone. */
  readonly authorization?: string | undefined;
  readonly from: 'cli' | 'console' | 'fixture';
  readonly timeoutMs?: number;
}

export interface RequestParts {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

type Streaming = {
  [Id in OperationId]: (typeof OPERATIONS)[Id]['answer'] extends 'json' ? never : Id;
}[OperationId];

export interface Client {
  readonly url: string;
  /** @throws DawnError with the server's refusal, or `network` when it cannot be reached. */
  call<Id extends OperationId>(operation: Id, parts: RequestParts): Promise<Replies[Id]>;
  /** Items as they come; ends when the server ends it or the signal aborts. */
  stream<Id extends Streaming>(operation: Id, parts: RequestParts): AsyncIterable<Replies[Id]>;
  /** Does what a command says. */
  act(command: Command, ifPlan?: string): Promise<CommandDoneView>;
}

/** Talks to the server that leads by the table of operations. @throws DawnError for what is no address */
export function createClient(options: ClientOptions): Client {
  const timeoutMs = options.timeoutMs ?? ANSWER_MS;
  const leader = new Leader(parseMasters('--cluster', options.url), timeoutMs);
  const open = (
    operation: OperationId,
    parts: RequestParts,
    silenceMs: number,
  ): Promise<Dispatcher.ResponseData> => send(options, leader, operation, parts, silenceMs);
  return {
    url: options.url,
    async call(operation, parts) {
      const { body } = await open(operation, parts, timeoutMs);
      try {
        return (await body.json()) as Replies[typeof operation];
      } catch (error) {
        throw unreachable(options.url, error);
      }
    },
    async *stream(operation, parts) {
      let body: Dispatcher.ResponseData['body'] | undefined;
      try {
        ({ body } = await open(operation, parts, SILENCE_MS));
        yield* (
          OPERATIONS[operation].answer === 'sse' ? serverEvents(body) : jsonLines(body)
        ) as AsyncIterable<Replies[typeof operation]>;
      } catch (error) {
        if (parts.signal?.aborted !== true) throw unreachable(options.url, error);
      } finally {
        body?.destroy();
      }
    },
    act(command, ifPlan) {
      const { operation, params, body } = requestOf(command);
      return this.call(operation, { params, body: ifPlan === undefined ? body : { ...body, ifPlan } });
    },
  };
}

async function send(
  options: ClientOptions,
  leader: Leader,
  operation: OperationId,
  parts: RequestParts,
  silenceMs: number,
): Promise<Dispatcher.ResponseData> {
  // Loaded when a request is made: `dawn --help` needs no HTTP.
  const { Agent, request } = await import('./client-http.ts');
  const through = (dispatcher ??= new Agent({ connect: { timeout: CONNECT_MS }, keepAliveTimeout: 1_000 }));
  const { method, path, answer } = OPERATIONS[operation];
  const target = withQuery(fillPath(path, parts.params ?? {}), parts.query ?? {});
  const sendTo = (server: URL): Promise<Dispatcher.ResponseData> =>
    request(new URL(target, server), {
      method,
      dispatcher: through,
      headers: {
        ...(parts.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(options.user === undefined
          ? {}
          : { 'x-dawn-user': options.user.replace(/[^\u0020-\u007e]/g, '?') }),
        ...(options.authorization === undefined ? {} : { authorization: options.authorization }),
        'x-dawn-from': options.from,
      },
      ...(parts.body === undefined ? {} : { body: JSON.stringify(parts.body) }),
      ...(parts.signal ? { signal: parts.signal } : {}),
      headersTimeout: answer === 'json' ? silenceMs : ANSWER_MS,
      // Logs may be silent for as long as a task is.
      bodyTimeout: answer === 'ndjson' ? 0 : silenceMs,
    });
  let response: Dispatcher.ResponseData;
  try {
    response = await leader.ask(sendTo, parts.signal);
  } catch (error) {
    throw unreachable(options.url, error);
  }
  if (response.statusCode >= 200 && response.statusCode < 300) return response;
  throw await refusal(response, options);
}

let dispatcher: Dispatcher | undefined;

async function refusal(
  response: Dispatcher.ResponseData,
  { url, authorization }: ClientOptions,
): Promise<DawnError> {
  const text = await response.body.text();
  if (response.statusCode === 401) return unknownTo(url, authorization !== undefined);
  try {
    const { error } = JSON.parse(text) as {
      error: { code: ErrorCode; message: string; hint?: string; path?: string };
    };
    if (error.code in ERRORS) return new DawnError(error);
  } catch {
    // Not our server, or something between us and it; told below.
  }
  return new DawnError({
    code: 'network',
    message: `${url} answered ${response.statusCode}, and not as a Dawn server does`,
    hint: 'check --cluster',
  });
}

function unknownTo(url: string, known: boolean): DawnError {
  return new DawnError({
    code: 'unauthorized',
    message: `the cluster at ${url} ${known ? 'does not know this principal, or not with this secret' : 'wants to know who you are'}`,
    hint: 'name a file with principal and secret: --credential FILE, or DAWN_CREDENTIAL',
  });
}

function unreachable(url: string, error: unknown): DawnError {
  if (error instanceof DawnError) return error;
  const cause = error as NodeJS.ErrnoException;
  const timedOut =
    /Timeout/.test(cause.name) ||
    cause.code === 'UND_ERR_HEADERS_TIMEOUT' ||
    cause.code === 'UND_ERR_BODY_TIMEOUT';
  const why = cause.code ?? cause.message;
  return timedOut
    ? new DawnError({
        code: 'timeout',
        message: `the cluster at ${url} does not answer (${why})`,
        hint: "try again, or look at the server's log",
      })
    : new DawnError({
        code: 'network',
        message: `cannot reach the cluster at ${url} (${why})`,
        hint: 'start one with `dawn up`, or name another with --cluster URL',
      });
}

function fillPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/:(\w+)/g, (_whole, name: string) => encodeURIComponent(params[name] ?? ''));
}

function withQuery(path: string, query: NonNullable<RequestParts['query']>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}
