import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { INPUTS } from '../../../shared/api/inputs.ts';
import type { OperationId } from '../../../shared/api/operations.ts';
import { DawnError } from '../../../shared/errors.ts';
import { fieldsAt } from '../../../shared/job/known-fields.ts';
import { nearest } from '../../../shared/suggest.ts';
import type { ConsoleAccess } from './access.ts';
import type { Call } from './call.ts';

/** Where a command may say that it comes from. */
const ORIGINS: ReadonlySet<string> = new Set(['console', 'cli', 'api', 'fixture']);

/** Checks a request against the inputs of its operation. @throws DawnError invalid_parameter, with the path of what is wrong */
export function readCall(
  id: OperationId,
  request: FastifyRequest,
  reply: FastifyReply,
  access: ConsoleAccess,
): Call {
  const inputs = INPUTS[id];
  const gone = new AbortController();
  reply.raw.on('close', () => gone.abort());
  if (reply.raw.destroyed) gone.abort();
  const from = header(request, 'x-dawn-from') ?? '';
  return {
    params: request.params as Record<string, string>,
    query: check(inputs?.query, request.query, 'query') as Record<string, unknown>,
    body: check(inputs?.body, request.body, 'body'),
    // Who it is, as they say: nobody is authenticated on loopback.
    actor: { user: header(request, 'x-dawn-user') ?? 'unknown', from: ORIGINS.has(from) ? from : 'api' },
    access,
    signal: gone.signal,
    reply,
  };
}

function check(schema: z.ZodType | undefined, value: unknown, where: 'query' | 'body'): unknown {
  if (!schema) {
    const [name] = value !== null && typeof value === 'object' ? Object.keys(value) : [];
    if (name === undefined) return {};
    throw new DawnError({
      code: 'invalid_parameter',
      message: `unknown field ${name} in the ${where}`,
      path: name,
    });
  }
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const { issues } = result.error;
  // A field that is missing may only have been misspelt: what is too much is told first.
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  throw unknown ? unknownField(schema, unknown, where) : notValid(issues[0], where);
}

function unknownField(schema: z.ZodType, issue: z.core.$ZodIssueUnrecognizedKeys, where: string): DawnError {
  const [name = ''] = issue.keys;
  const meant = nearest(name, fieldsAt(schema, issue.path));
  return new DawnError({
    code: 'invalid_parameter',
    message: `unknown field ${name} in the ${where}`,
    path: [...issue.path, name].map(String).join('.'),
    ...(meant === undefined ? {} : { hint: `did you mean ${meant}?` }),
  });
}

function notValid(issue: z.core.$ZodIssue | undefined, where: string): DawnError {
  const path = issue?.path.map(String).join('.') ?? '';
  const why = issue?.code === 'invalid_key' ? issue.issues[0]?.message : issue?.message;
  const message = `${where}${path === '' ? '' : ` ${path}`}: ${why ?? 'not valid'}`;
  return new DawnError({ code: 'invalid_parameter', message, path });
}

/** Header text that goes into the history: bounded, printable. */
function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  const text = (Array.isArray(value) ? value[0] : value)?.replace(/[^\u0020-\u007e]/g, '').slice(0, 64);
  return text === '' ? undefined : text;
}
