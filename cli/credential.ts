import { readFileSync } from 'node:fs';
import { DawnError } from '../shared/errors.ts';

/**
 * Who you are to a cluster that asks: the file that `--credential` or DAWN_CREDENTIAL names, written as Mesos's agents take it, `{"principal":"p","secret":"s"}` or the
 * two apart by blanks. A secret is never on a command line, where others of the machine could read it.
 * @returns an `Authorization` header; undefined: no file was named
 * @throws DawnError, which says nothing of what is in the file
 */
export function readCredential(path: string | undefined): string | undefined {
  if (path === undefined || path === '') return undefined;
  const { principal, secret } = parse(path, read(path));
  if (principal.includes(':')) throw bad(path, 'a principal cannot contain a colon');
  return `Basic ${Buffer.from(`${principal}:${secret}`).toString('base64')}`;
}

function read(path: string): string {
  try {
    return readFileSync(path.replace(/^file:\/\//, ''), 'utf8');
  } catch (error) {
    throw bad(path, (error as NodeJS.ErrnoException).code ?? 'it cannot be read');
  }
}

function parse(path: string, text: string): { principal: string; secret: string } {
  if (text.trimStart().startsWith('{')) {
    let given: { principal?: unknown; secret?: unknown };
    try {
      given = JSON.parse(text) as typeof given;
    } catch {
      throw bad(path, 'it is no JSON');
    }
    const { principal, secret } = given;
    if (typeof principal === 'string' && typeof secret === 'string') return { principal, secret };
    throw bad(path, '"principal" or "secret" is missing');
  }
  const [principal, secret, ...more] = text.trim().split(/\s+/);
  if (principal && secret !== undefined && more.length === 0) return { principal, secret };
  throw bad(path, 'it is not a principal and a secret');
}

function bad(path: string, message: string): DawnError {
  return new DawnError({
    code: 'invalid_parameter',
    message: `the credential in ${path}: ${message}`,
    hint: 'write {"principal":"name","secret":"word"} into a file that only you can read',
  });
}
