import { createHash, timingSafeEqual } from 'node:crypto';
import type { Credentials } from './credentials.ts';

/** Who is asking, by an `Authorization: Basic …` header; undefined when that is not known. */
export function principalOf(header: string | undefined, credentials: Credentials): string | undefined {
  const match = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '');
  if (!match) return undefined;
  const parts = Buffer.from(match[1] ?? '', 'base64')
    .toString('utf8')
    .split(':');
  const [principal = '', secret = ''] = parts;
  if (parts.length !== 2) return undefined;
  // Of an unknown principal a secret is compared as well: how long it takes tells nothing.
  const expected = credentials.get(principal);
  const same = equal(secret, expected ?? `${secret}?`);
  return expected !== undefined && same ? principal : undefined;
}

function equal(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
