import { readFileSync } from 'node:fs';
import { authorizationIn, badCredential } from '../shared/credential.ts';

/**
 * Who you are to a cluster that asks: the file that `--credential` or DAWN_CREDENTIAL names. A secret is never on a command line, where others of the machine could read it.
 * @returns an `Authorization` header; undefined: no file was named
 * @throws DawnError, which says nothing of what is in the file
 */
export function readCredential(path: string | undefined): string | undefined {
  if (path === undefined || path === '') return undefined;
  return authorizationIn(read(path), path);
}

function read(path: string): string {
  try {
    return readFileSync(path.replace(/^file:\/\//, ''), 'utf8');
  } catch (error) {
    throw badCredential(path, (error as NodeJS.ErrnoException).code ?? 'it cannot be read');
  }
}
