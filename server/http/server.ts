import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastify from 'fastify';
import type { ErrorBody } from '../../shared/api/results.ts';
import type { Refusal } from '../../shared/errors.ts';
import { DawnError, ERRORS } from '../../shared/errors.ts';
import { parseJsonBody } from './json-body.ts';

const BODY_BYTES_MAX = 2 * 1024 * 1024;
const HEADERS_MS = 5_000;
const REQUEST_MS = 30_000;
const KEEP_ALIVE_MS = 72_000;
/** A task id holds a whole job key: three identifiers of 255 characters. */
const PARAMETER_LENGTH_MAX = 1024;

const HTTP = {
  headersTimeout: HEADERS_MS,
  requestTimeout: REQUEST_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
  // Mesos does not ask for one; where it matters the door does.
  requireHostHeader: false,
};

export type Log = (message: string, detail: Record<string, unknown>) => void;

export interface HttpOptions {
  /** Names under which this server may be addressed, besides loopback's; anything else is a page that rebinds its name to us. */
  readonly hosts: readonly string[];
  readonly log: Log;
  /** Asked before any route of ours; true: it answers. */
  readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** The HTTP server with what holds for every route: limits, who may speak to it, errors as `{"error": …}` without inner detail. */
export function httpServer({ hosts, log, before }: HttpOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: true,
    // HEAD of an endless stream would never end.
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: PARAMETER_LENGTH_MAX },
    serverFactory: (handler) =>
      createServer(HTTP, (request, response) => before?.(request, response) || handler(request, response)),
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply, log),
    clientErrorHandler: answerBadHttp,
  });
  const allowed = new Set(['localhost', '127.0.0.1', '[::1]', ...hosts]);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
    const problem = doorProblem(request, allowed);
    if (problem) await reply.code(problem.status).send({ error: problem.refusal } satisfies ErrorBody);
  });
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(String(body)));
    } catch (error) {
      done(error as Error);
    }
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, log));
  app.setNotFoundHandler((request, reply) => {
    const message = `there is no ${request.method} ${request.url.split('?')[0]}`;
    const hint = 'GET /v1/openapi.json lists what there is';
    void reply.code(404).send({ error: { code: 'not_found', message, hint } } satisfies ErrorBody);
  });
  return app;
}

interface DoorProblem {
  readonly status: number;
  readonly refusal: Refusal;
}

function doorProblem(request: FastifyRequest, allowed: ReadonlySet<string>): DoorProblem | undefined {
  const { origin, 'content-encoding': encoding } = request.headers;
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (!allowed.has(host)) return door(421, 'invalid_parameter', 'this server does not answer to that Host');
  if (origin !== undefined && !(URL.canParse(origin) && allowed.has(new URL(origin).hostname))) {
    return door(403, 'unauthorized', 'requests from pages of other origins are refused');
  }
  if (encoding !== undefined && encoding !== 'identity')
    return door(415, 'invalid_parameter', 'compressed bodies are not read');
  return undefined;
}

function door(status: number, code: Refusal['code'], message: string): DoorProblem {
  return { status, refusal: { code, message } };
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  if (error instanceof DawnError) {
    return reply.code(ERRORS[error.code].http).send({ error: error.refusal } satisfies ErrorBody);
  }
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  const message = error instanceof Error ? error.message : String(error);
  if (status < 500) {
    const code = status === 413 ? 'too_large' : 'invalid_parameter';
    return reply.code(status).send({ error: { code, message } } satisfies ErrorBody);
  }
  const stack = error instanceof Error ? error.stack : undefined;
  log('request failed', { method: request.method, url: request.url, message, stack });
  return reply.code(500).send({
    error: { code: 'internal', message: 'something went wrong in the server; its log has the detail' },
  } satisfies ErrorBody);
}

/** What is no HTTP at all, or too slow, or has too large a head: Node gives us the socket. */
function answerBadHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, reason] =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? [408, 'Request Timeout']
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? [431, 'Request Header Fields Too Large']
        : [400, 'Bad Request'];
  const body = JSON.stringify({ error: { code: 'invalid_parameter', message: reason } } satisfies ErrorBody);
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
