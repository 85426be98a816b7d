import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createToken, readToken } from '../../../server/libprocess/jwt.ts';

const KEY = Buffer.from('a key');
const CLAIMS = { cid: 'c', eid: 'e', fid: 'f' };
const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const signed = (header: unknown, payload: unknown, key = KEY): string => {
  const text = `${part(header)}.${part(payload)}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
};
const HS256 = { alg: 'HS256', typ: 'JWT' };

test('a token says what it was made of', () => {
  expect(readToken(createToken(CLAIMS, KEY), KEY, 0)).toEqual(CLAIMS);
});

test('a token of another program with the same key is as good', () => {
  expect(
    readToken(signed({ typ: 'JWT', alg: 'HS256', kid: '../../x' }, { ...CLAIMS, n: 1 }), KEY, 0),
  ).toEqual({ ...CLAIMS, n: '1' });
});

describe('a token that is good for nothing', () => {
  const good = createToken(CLAIMS, KEY);
  const [head, body, signature] = good.split('.') as [string, string, string];
  test.each([
    ['nothing', ''],
    ['one part', head],
    ['two parts', `${head}.${body}`],
    ['no signature', `${head}.${body}.`],
    ['a part more', `${good}.x`],
    ['another signature', `${head}.${body}.${signature.slice(0, -2)}xx`],
    ['half of a signature', `${head}.${body}.${signature.slice(0, 20)}`],
    ['other claims', `${head}.${part({ ...CLAIMS, eid: 'other' })}.${signature}`],
    ['another key', createToken(CLAIMS, Buffer.from('another'))],
    ['no algorithm', `${part({ alg: 'none', typ: 'JWT' })}.${body}.`],
    ['no algorithm, and signed', signed({ alg: 'none' }, CLAIMS)],
    ['another algorithm', signed({ alg: 'HS512' }, CLAIMS)],
    ['extensions', signed({ ...HS256, crit: ['x'] }, CLAIMS)],
    ['expired', signed(HS256, { ...CLAIMS, exp: 999 })],
    ['an odd expiry', signed(HS256, { ...CLAIMS, exp: 'never' })],
    ['a header that is no JSON', signed('{', CLAIMS)],
    ['claims that are no JSON', signed(HS256, '{')],
    ['claims that are a list', signed(HS256, [1])],
    ['claims that are nothing', signed(HS256, 'null')],
    ['a megabyte', `${head}.${'x'.repeat(1_000_000)}.${signature}`],
  ])('%s', (_what, token) => {
    expect(readToken(token, KEY, 1_000_000)).toBeUndefined();
  });

  test('it is good until it expires', () => {
    expect(readToken(signed(HS256, { ...CLAIMS, exp: 1000 }), KEY, 1_000_000)).toMatchObject(CLAIMS);
  });
});
