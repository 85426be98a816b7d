import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Claims } from '../../shared/mesos/acls.ts';

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

/** A JSON Web Token (HS256) of these claims, as Mesos's agents give executors. */
export function createToken(claims: Claims, key: Buffer): string {
  const signed = `${HEADER}.${encode(claims)}`;
  return `${signed}.${signatureOf(signed, key).toString('base64url')}`;
}

/**
 * The claims of a token that was signed with this key; undefined: it was not, it is none, or it has expired. The signature is looked at first, so that nothing of what
 * a stranger wrote is taken apart, and how long the answer takes tells nothing.
 */
export function readToken(token: string, key: Buffer, nowMs: number): Claims | undefined {
  const parts = token.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  const isOurs = equal(Buffer.from(signature, 'base64url'), signatureOf(`${header}.${payload}`, key));
  if (!isOurs || parts.length !== 3) return undefined;
  const { alg, crit } = decode(header) ?? {};
  const claims = decode(payload);
  // As in Mesos: extensions that must be understood are not understood here.
  if (alg !== 'HS256' || crit !== undefined || !claims) return undefined;
  const { exp } = claims;
  if (exp !== undefined && (typeof exp !== 'number' || exp * 1000 < nowMs)) return undefined;
  return Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

function signatureOf(text: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function equal(given: Buffer, wanted: Buffer): boolean {
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
