import type { ErrorCode } from '../../shared/errors.ts';
import { DawnError, ERRORS } from '../../shared/errors.ts';
import type { Io } from '../command-line/io.ts';
import { printable } from './printable.ts';

const EXIT_UNKNOWN = 20;
const EXIT_INTERRUPTED = 130;

/** Says on stderr what was wrong and what to do next; gives the exit code. Nobody sees a stack trace. */
export function printError(error: unknown, io: Io, json: boolean): number {
  if (io.interrupted.aborted) return EXIT_INTERRUPTED;
  const known = error instanceof DawnError;
  const message = error instanceof Error ? error.message : String(error);
  if (json) {
    const refusal = known ? error.refusal : { code: 'internal', message };
    io.err(`${JSON.stringify({ error: refusal })}\n`);
  } else {
    io.err(`error: ${message.split('\n').map(printable).join('\n')}\n`);
    if (known && error.hint !== undefined) io.err(`  ${printable(error.hint)}\n`);
  }
  return known ? ERRORS[error.code satisfies ErrorCode].exit : EXIT_UNKNOWN;
}
