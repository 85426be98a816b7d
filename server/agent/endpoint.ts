import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AccessOf } from './api/access.ts';
import { isInput } from './api/container-input.ts';
import { readTaskFile } from './files.ts';
import type { Containerizer, LogQuery } from './containerizer.ts';

const REQUEST_MS_MAX = 10_000;
const TAIL_MAX = 10_000;
const BUFFER_BYTES_MAX = 4 * 1024 * 1024;

interface EndpointOptions {
  readonly tasks: () => TasksInside;
  /** Names under which it may be addressed, besides loopback's. */
  readonly hosts: readonly string[];
  /** The challenge for whoever must say who they are and does not; undefined: let in. Absent: nobody is asked. */
  readonly refused?: ((request: IncomingMessage) => string | undefined) | undefined;
  /** Absent: everybody may read everything. */
  readonly access?: AccessOf;
  /** Asked first; true: it answers. */
  readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Until a request has come whole, milliseconds. */
  readonly requestMsMax?: number;
}

/** What runs or ran in the agent's containers. */
interface TasksInside {
  readonly containerizer: Pick<Containerizer, 'sandbox' | 'logs'>;
  placeOf(taskId: string): { readonly container: string; readonly user: string | undefined } | undefined;
}

/** The agent's own door, for its server: logs and sandbox files of tasks that run or ran here. Read only. */
export function agentEndpoint(options: EndpointOptions): Server {
  const { hosts: allowed, before, requestMsMax = REQUEST_MS_MAX } = options;
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]', ...allowed]);
  // Requests have a time of their own to come whole; the input of a container that is attached goes on for as long as it runs.
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 0 }, (request, response) => {
    const late = setTimeout(() => {
      if (!request.complete && !isInput(request)) request.destroy();
    }, requestMsMax);
    response.once('close', () => clearTimeout(late));
    if (before?.(request, response)) return;
    void answer(options, hosts, request, response).catch((error: unknown) => {
      if (!response.headersSent) fail(response, 404, (error as Error).message);
      else response.destroy();
    });
  });
  return server;
}

async function answer(
  { tasks: inside, refused, access }: EndpointOptions,
  hosts: ReadonlySet<string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (!hosts.has(host)) return fail(response, 421, 'this agent does not answer to that Host');
  if (request.method !== 'GET') return fail(response, 405, 'only GET');
  const challenge = refused?.(request);
  if (challenge !== undefined) {
    response.setHeader('www-authenticate', challenge);
    return fail(response, 401, 'this agent asks who wants to read what its tasks wrote');
  }
  const url = URL.canParse(request.url ?? '', 'http://agent')
    ? new URL(request.url ?? '', 'http://agent')
    : undefined;
  const match = /^\/dawn\/v1\/tasks\/([^/]+)\/(logs|files)$/.exec(url?.pathname ?? '');
  if (!url || !match?.[1]) return fail(response, 404, 'there is no such path');
  const taskId = decodeURIComponent(match[1]);
  const tasks = inside();
  const place = tasks.placeOf(taskId);
  if (!place) return fail(response, 404, `there is no task ${taskId} here`);
  const { container, user } = place;
  if (access && !access(request).may('access_sandboxes', user))
    return fail(response, 403, `what ${taskId} wrote is not for everybody to read (--acls of this agent)`);
  if (match[2] === 'files') {
    const found = await readTaskFile(
      tasks.containerizer.sandbox(container),
      url.searchParams.get('path') ?? '',
    );
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found));
    return;
  }
  await streamLogs(tasks.containerizer, container, logQuery(url.searchParams), response);
}

function logQuery(params: URLSearchParams): LogQuery {
  const stream = params.get('stream');
  const tail = Number(params.get('tail') ?? 100);
  return {
    stream: stream === 'stdout' || stream === 'stderr' ? stream : 'both',
    tail: Number.isInteger(tail) && tail >= 0 ? Math.min(tail, TAIL_MAX) : 100,
    follow: params.get('follow') === 'true',
  };
}

async function streamLogs(
  containerizer: Pick<Containerizer, 'logs'>,
  container: string,
  query: LogQuery,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const lines = containerizer.logs(container, query, gone.signal)[Symbol.asyncIterator]();
  // Answered at once when following: a quiet task must not look like an agent that does not answer. Otherwise errors are still errors.
  let next = query.follow ? undefined : await lines.next();
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'x-content-type-options': 'nosniff' });
  response.flushHeaders();
  for (next ??= await lines.next(); next.done !== true; next = await lines.next()) {
    if (gone.signal.aborted) return;
    response.write(`${JSON.stringify(next.value)}\n`);
    if (response.writableLength > BUFFER_BYTES_MAX)
      await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
  }
  response.end();
}

function fail(response: ServerResponse, status: number, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: { message } }));
}
