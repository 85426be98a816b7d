import type { FastifyInstance, FastifyReply, HTTPMethods } from 'fastify';
import type { OperationId } from '../../../shared/api/operations.ts';
import { OPERATIONS } from '../../../shared/api/operations.ts';
import type { ErrorBody } from '../../../shared/api/results.ts';
import { DawnError } from '../../../shared/errors.ts';
import { principalOfRequest } from '../auth/authenticate.ts';
import { ACCESS, ConsoleAccess } from './access.ts';
import type { Call, Handlers } from './call.ts';
import type { ConsoleContext } from './context.ts';
import { clusterHandlers } from './handlers/cluster.ts';
import { jobHandlers } from './handlers/jobs.ts';
import { logHandlers } from './handlers/logs.ts';
import { streamHandlers } from './handlers/streams.ts';
import { taskHandlers } from './handlers/tasks.ts';
import { updateHandlers } from './handlers/updates.ts';
import { JobRows } from './job-rows.ts';
import { openApi } from './openapi.ts';
import { readCall } from './read-call.ts';

/** Answers without an end that are open at once. */
const STREAMS_MAX = 1000;
const OPENAPI_PATH = '/v1/openapi.json';

/** Puts every operation of the table on the server. */
export function consoleRoutes(app: FastifyInstance, context: ConsoleContext): void {
  const rows = new JobRows(context);
  const handlers: Handlers = {
    ...clusterHandlers(context),
    ...jobHandlers(context, rows),
    ...updateHandlers(context),
    ...taskHandlers(context),
    ...logHandlers(context),
    ...streamHandlers(context, rows),
  };
  const streams = new OpenStreams();
  for (const id of Object.keys(OPERATIONS) as OperationId[]) {
    const { method, path, answer } = OPERATIONS[id];
    const handle = handlers[id] as (call: Call) => unknown;
    app.route({
      method,
      url: path,
      handler: async (request, reply) => {
        const access = new ConsoleAccess(context, principalOfRequest(request.raw));
        const call = readCall(id, request, reply, access);
        ACCESS[id](access, call);
        if (answer === 'json') return reply.send(await handle(call));
        streams.add(call);
        await untilOpen(async () => handle(call), call, context);
        return reply;
      },
    });
  }
  app.get(OPENAPI_PATH, async (_request, reply) => reply.send(openApi()));
  refuseOtherMethods(app);
}

/** Errors before the first byte of a stream are answered as errors; after it, all that is left is to cut it off. */
async function untilOpen(
  run: () => Promise<unknown>,
  { reply, signal }: Call,
  context: ConsoleContext,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!reply.raw.headersSent) throw error;
    if (!(error instanceof DawnError) && !signal.aborted) {
      context.log('a stream broke', { url: reply.request.url, message: (error as Error).message });
    }
    reply.raw.destroy();
  }
}

class OpenStreams {
  private count = 0;

  add({ signal }: Call): void {
    if (signal.aborted) return;
    if (this.count >= STREAMS_MAX) {
      throw new DawnError({
        code: 'unavailable',
        message: `${STREAMS_MAX} streams are open already`,
        hint: 'close some, and try again',
      });
    }
    this.count += 1;
    signal.addEventListener('abort', () => (this.count -= 1));
  }
}

/** 405 with `Allow`, before a body is read. */
function refuseOtherMethods(app: FastifyInstance): void {
  const allowed = new Map<string, Set<string>>([[OPENAPI_PATH, new Set(['GET'])]]);
  for (const { method, path } of Object.values(OPERATIONS))
    allowed.set(path, (allowed.get(path) ?? new Set<string>()).add(method));
  for (const [url, methods] of allowed) {
    const allow = [...methods].join(', ');
    app.route({
      method: app.supportedMethods.filter((method) => !methods.has(method)) as HTTPMethods[],
      url,
      onRequest: async (request, reply) => refuseMethod(request.method, allow, reply),
      handler: async (request, reply) => refuseMethod(request.method, allow, reply),
    });
  }
}

function refuseMethod(method: string, allow: string, reply: FastifyReply): FastifyReply {
  const message = `${method} is not possible here`;
  return reply
    .code(405)
    .header('allow', allow)
    .send({ error: { code: 'invalid_parameter', message, hint: `use ${allow}` } } satisfies ErrorBody);
}
