import type { FastifyReply } from 'fastify';
import type { OperationId, OPERATIONS, Replies } from '../../../shared/api/operations.ts';
import type { Actor } from '../../../shared/command.ts';
import { DawnError } from '../../../shared/errors.ts';
import type { JobKey } from '../../../shared/ids.ts';
import { parseJobKey } from '../../../shared/ids.ts';
import type { ConsoleAccess } from './access.ts';

/** A request after its checks. `query` and `body` have passed their schema. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly actor: Actor;
  /** What whoever asks may see and do. */
  readonly access: ConsoleAccess;
  /** Aborted when the caller went away, or has its whole answer. */
  readonly signal: AbortSignal;
  /** For streams, which write their answer themselves. */
  readonly reply: FastifyReply;
}

type JsonOperation = {
  [Id in OperationId]: (typeof OPERATIONS)[Id]['answer'] extends 'json' ? Id : never;
}[OperationId];
type StreamOperation = Exclude<OperationId, JsonOperation>;

/** One handler per operation; one that is missing does not compile. */
export type Handlers = {
  readonly [Id in JsonOperation]: (call: Call) => Replies[Id] | Promise<Replies[Id]>;
} & {
  readonly [Id in StreamOperation]: (call: Call) => void | Promise<void>;
};

/** The job key in a path. */
export function keyOf({ params }: Call): JobKey {
  const key = parseJobKey(`${params['role'] ?? ''}/${params['env'] ?? ''}/${params['name'] ?? ''}`);
  if (key) return key;
  throw new DawnError({
    code: 'invalid_parameter',
    message: 'no job key in the path',
    hint: 'a key is ROLE/ENVIRONMENT/NAME',
  });
}
