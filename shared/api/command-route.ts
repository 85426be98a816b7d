import type { Command } from '../command.ts';
import type { JobKey } from '../ids.ts';
import { jobKeyParts } from '../ids.ts';

export type MutatingOperation = 'job.submit' | 'job.scale' | 'job.restart' | 'job.kill' | 'update.command';

export interface CommandRequest {
  readonly operation: MutatingOperation;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The request that carries a command: the key goes into the path, the rest into the body. */
export function requestOf(command: Command): CommandRequest {
  if (command.kind === 'job.submit') {
    const { kind: operation, ...body } = command;
    return { operation, params: {}, body };
  }
  const { kind: operation, key, ...body } = command;
  return { operation, params: jobParams(key), body };
}

/** `role/env/name` as the path parameters of a job's routes. */
export function jobParams(key: JobKey): Record<string, string> {
  const { role, environment, name } = jobKeyParts(key);
  return { role, env: environment, name };
}
