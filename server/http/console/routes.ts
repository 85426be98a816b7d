import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { INPUTS } from '../../../shared/api/inputs.ts';
import type { OperationId, Replies } from '../../../shared/api/operations.ts';
import { OPERATIONS } from '../../../shared/api/operations.ts';
import type { Actor } from '../../../shared/command.ts';
import { DawnError } from '../../../shared/errors.ts';
import type { JobKey } from '../../../shared/ids.ts';
import { parseJobKey } from '../../../shared/ids.ts';
import type { ConsoleContext } from './context.ts';
import { clusterHandlers } from './handlers/cluster.ts';
import { jobHandlers } from './handlers/jobs.ts';
import { logHandlers } from './handlers/logs.ts';
import { streamHandlers } from './handlers/streams.ts';
import { taskHandlers } from './handlers/tasks.ts';
import { updateHandlers } from './handlers/updates.ts';
import { openApi } from './openapi.ts';

/** A request after its checks. `query` and `body` have passed their schema. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly actor: Actor;
  /** Aborted when the caller went away. */
  readonly signal: AbortSignal;
  /** For streams, which write their answer themselves. */
  readonly reply: FastifyReply;
}

type JsonOperation = { [Id in OperationId]: (typeof OPERATIONS)[Id]['answer'] extends 'json' ? Id : never }[OperationId];
type StreamOperation = Exclude<OperationId, JsonOperation>;

/** One handler per operation; one that is missing does not compile. */
export type Handlers = {
  readonly [Id in JsonOperation]: (call: Call) => Replies[Id] | Promise<Replies[Id]>;
} & {
  readonly [Id in StreamOperation]: (call: Call) => void | Promise<void>;
};

/** Puts every operation of the table on the server. */
export function consoleRoutes(app: FastifyInstance, context: ConsoleContext): void {
  const handlers: Handlers = {
    ...clusterHandlers(context),
    ...jobHandlers(context),
    ...updateHandlers(context),
    ...taskHandlers(context),
    ...logHandlers(context),
    ...streamHandlers(context),
  };
  for (const id of Object.keys(OPERATIONS) as OperationId[]) {
    const { method, path, answer } = OPERATIONS[id];
    app.route({
      method,
      url: path,
      handler: async (request, reply) => {
        const call = readCall(id, request, reply);
        if (answer !== 'json') {
          reply.hijack();
          await (handlers[id] as (call: Call) => void | Promise<void>)(call);
          return;
        }
        await reply.send(await (handlers[id] as (call: Call) => unknown)(call));
      },
    });
  }
  app.get('/v1/openapi.json', async (_request, reply) => reply.send(openApi()));
}

function readCall(id: OperationId, request: FastifyRequest, reply: FastifyReply): Call {
  const inputs = INPUTS[id];
  const gone = new AbortController();
  reply.raw.on('close', () => gone.abort());
  return {
    params: request.params as Record<string, string>,
    query: check(inputs?.query, request.query ?? {}, 'query') as Record<string, unknown>,
    body: check(inputs?.body, request.body, 'body'),
    actor: { user: header(request, 'x-dawn-user') ?? 'unknown', from: header(request, 'x-dawn-from') ?? 'api' },
    signal: gone.signal,
    reply,
  };
}

function check(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) {
    const names = Object.keys((value as object | null | undefined) ?? {});
    if (names.length === 0) return {};
    throw new DawnError({ code: 'invalid_parameter', message: `unknown field ${names[0] ?? ''} in the ${where}` });
  }
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.map(String).join('.') ?? '';
  throw new DawnError({ code: 'invalid_parameter', message: `${where}${path === '' ? '' : ` ${path}`}: ${issue?.message ?? 'not valid'}`, path });
}

/** Header text that goes into the history: bounded, printable. */
function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  const text = (Array.isArray(value) ? value[0] : value)?.replace(/[^\u0020-\u007e]/g, '').slice(0, 64);
  return text === '' ? undefined : text;
}

/** The job key in a path. */
export function keyOf({ params }: Call): JobKey {
  const text = `${params['role'] ?? ''}/${params['env'] ?? ''}/${params['name'] ?? ''}`;
  const key = parseJobKey(text);
  if (key) return key;
  throw new DawnError({ code: 'invalid_parameter', message: 'no job key in the path', hint: 'a key is ROLE/ENVIRONMENT/NAME' });
}
