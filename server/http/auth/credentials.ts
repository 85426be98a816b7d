import { readFileSync } from 'node:fs';
import { authorizationIn } from '../../../shared/credential.ts';
import { DawnError } from '../../../shared/errors.ts';

/** Principal → secret. */
export type Credentials = ReadonlyMap<string, string>;

/**
 * Mesos's `--credentials`: `{"credentials":[{"principal":"p","secret":"s"}]}`, or (its older form) a line for each with principal and secret apart by blanks.
 * @throws DawnError for what is neither, for principals named twice, and for secrets and principals with a colon, which HTTP Basic cannot carry
 */
export function parseCredentials(text: string): Credentials {
  const found = new Map<string, string>();
  for (const { principal, secret } of text.trimStart().startsWith('{') ? fromJson(text) : fromLines(text)) {
    if (principal === '') throw bad('a principal is empty');
    if (principal.includes(':') || secret.includes(':'))
      throw bad(`the principal or secret of ${principal} contains a colon`);
    if (found.has(principal)) throw bad(`${principal} is named twice`);
    found.set(principal, secret);
  }
  if (found.size === 0) throw bad('there is no credential in it');
  return found;
}

/** Reads those that a flag names, by a path that may also be written `file:///path`. @throws DawnError */
export function readCredentials(flag: string, path: string): Credentials {
  return parseCredentials(readFlagFile(flag, path));
}

/** `file:///a` is `/a`. */
export function flagPath(path: string): string {
  return path.replace(/^file:\/\//, '');
}

/** The text of the file that a flag names. @throws DawnError */
export function readFlagFile(flag: string, path: string): string {
  return readFlagBytes(flag, path).toString('utf8');
}

/** The file that a flag names, as Mesos allows it to be named. @throws DawnError */
export function readFlagBytes(flag: string, path: string): Buffer {
  try {
    return readFileSync(flagPath(path));
  } catch (error) {
    throw new DawnError({
      code: 'invalid_parameter',
      message: `--${flag}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}: ${path}`,
    });
  }
}

/** One principal's, which a flag names, as an `Authorization` header. @throws DawnError */
export function authorizationOf(flag: string, path: string | undefined): string | undefined {
  return path === undefined ? undefined : authorizationIn(readFlagFile(flag, path), path);
}

/** Mesos takes the JSON itself or the path of a file with it. @throws DawnError */
export function jsonOrFile(flag: string, value: string): string {
  return value.trimStart().startsWith('{') ? value : readFlagFile(flag, value);
}

interface Credential {
  readonly principal: string;
  readonly secret: string;
}

function fromJson(text: string): Credential[] {
  let given: { credentials?: unknown };
  try {
    given = JSON.parse(text) as typeof given;
  } catch {
    throw bad('it is no JSON');
  }
  if (!Array.isArray(given.credentials)) throw bad('"credentials" is missing');
  return (given.credentials as Partial<Credential>[]).map((each) => {
    if (typeof each?.principal !== 'string') throw bad('a credential has no "principal"');
    return { principal: each.principal, secret: typeof each.secret === 'string' ? each.secret : '' };
  });
}

function fromLines(text: string): Credential[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, at) => {
      const [principal, secret, ...more] = line.trim().split(/\s+/);
      if (principal === undefined || secret === undefined || more.length > 0)
        throw bad(`line ${at + 1} is not a principal and its secret`);
      return { principal, secret };
    });
}

function bad(message: string): DawnError {
  return new DawnError({
    code: 'invalid_parameter',
    message: `--credentials: ${message}`,
    hint: 'write {"credentials":[{"principal":"name","secret":"word"}]}',
  });
}
