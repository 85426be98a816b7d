import { DawnError } from './errors.ts';

/**
 * The `Authorization` header of HTTP Basic, of a file as Mesos's agents take it: `{"principal":"p","secret":"s"}`, or the two apart by blanks.
 * @param path of the file, for errors, which say nothing of what is in it
 * @throws DawnError
 */
export function authorizationIn(text: string, path: string): string {
  const { principal, secret } = parse(path, text);
  if (principal.includes(':')) throw badCredential(path, 'a principal cannot contain a colon');
  // UTF-8, byte for byte as characters: what btoa takes.
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${principal}:${secret}`)))}`;
}

function parse(path: string, text: string): { principal: string; secret: string } {
  if (text.trimStart().startsWith('{')) {
    let given: { principal?: unknown; secret?: unknown };
    try {
      given = JSON.parse(text) as typeof given;
    } catch {
      throw badCredential(path, 'it is no JSON');
    }
    const { principal, secret } = given;
    if (typeof principal === 'string' && typeof secret === 'string') return { principal, secret };
    throw badCredential(path, '"principal" or "secret" is missing');
  }
  const [principal, secret, ...more] = text.trim().split(/\s+/);
  if (principal && secret !== undefined && more.length === 0) return { principal, secret };
  throw badCredential(path, 'it is not a principal and a secret');
}

export function badCredential(path: string, message: string): DawnError {
  return new DawnError({
    code: 'invalid_parameter',
    message: `the credential in ${path}: ${message}`,
    hint: 'write {"principal":"name","secret":"word"} into a file that only you can read',
  });
}
