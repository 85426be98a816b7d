import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastify from 'fastify';
import type { ErrorBody } from '../../shared/api/results.ts';
import type { Refusal } from '../../shared/errors.ts';
import { DawnError, ERRORS } from '../../shared/errors.ts';

const BODY_BYTES_MAX = 2 * 1024 * 1024;
const DEPTH_MAX = 32;
const HEADERS_MS = 5_000;
const REQUEST_MS = 30_000;

export interface HttpOptions {
  /** Names under which this server may be addressed, besides loopback's; anything else is a page that rebinds its name to us. */
  readonly hosts: readonly string[];
  log(message: string, detail: Record<string, unknown>): void;
}

/** The HTTP server with what holds for every route: limits, who may speak to it, errors as `{"error": …}` without inner detail. */
export function httpServer({ hosts, log }: HttpOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: 1_000, maxHeaderSize: 16 * 1024 },
  });
  const allowed = new Set(['localhost', '127.0.0.1', '[::1]', ...hosts]);
  app.addHook('onRequest', async (request, reply) => {
    const problem = doorProblem(request, allowed);
    if (problem) await reply.code(problem.status).send({ error: problem.refusal } satisfies ErrorBody);
  });
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJson(String(body)));
    } catch (error) {
      done(error as Error);
    }
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, log));
  app.setNotFoundHandler((request, reply) => {
    void reply.code(404).send({ error: { code: 'not_found', message: `there is no ${request.method} ${request.url.split('?')[0]}`, hint: 'GET /v1/openapi.json lists what there is' } } satisfies ErrorBody);
  });
  return app;
}

function doorProblem(request: FastifyRequest, allowed: ReadonlySet<string>): { status: number; refusal: Refusal } | undefined {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (!allowed.has(host)) return { status: 421, refusal: { code: 'invalid_parameter', message: 'this server does not answer to that Host' } };
  const { origin } = request.headers;
  if (origin !== undefined && !(URL.canParse(origin) && allowed.has(new URL(origin).hostname))) {
    return { status: 403, refusal: { code: 'unauthorized', message: 'requests from pages of other origins are refused' } };
  }
  return undefined;
}

/** JSON without what a parser lets through: depth is bounded, prototype keys are refused. */
function parseJson(text: string): unknown {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > DEPTH_MAX) throw new DawnError({ code: 'invalid_parameter', message: `the body is nested deeper than ${DEPTH_MAX}` });
  }
  try {
    return JSON.parse(text, (key, value: unknown) => {
      if (key === '__proto__') throw new DawnError({ code: 'invalid_parameter', message: 'unknown field __proto__' });
      return value;
    });
  } catch (error) {
    if (error instanceof DawnError) throw error;
    throw new DawnError({ code: 'invalid_parameter', message: `the body is not JSON: ${(error as Error).message}` });
  }
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: HttpOptions['log']): FastifyReply {
  if (error instanceof DawnError) return reply.code(ERRORS[error.code].http).send({ error: error.refusal } satisfies ErrorBody);
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  const message = error instanceof Error ? error.message : String(error);
  if (status < 500) {
    const code = status === 413 ? 'too_large' : 'invalid_parameter';
    return reply.code(status).send({ error: { code, message } } satisfies ErrorBody);
  }
  log('request failed', { method: request.method, url: request.url, message, stack: error instanceof Error ? error.stack : undefined });
  return reply.code(500).send({ error: { code: 'internal', message: 'something went wrong in the server; its log has the detail' } } satisfies ErrorBody);
}
