import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readCredential } from '../../cli/credential.ts';

const directory = mkdtempSync(join(tmpdir(), 'dawn-credential-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(text: string): string {
  const path = join(directory, 'credential');
  writeFileSync(path, text);
  return path;
}

describe('a file of principal and secret', () => {
  const header = `Basic ${Buffer.from('ann:s3cret').toString('base64')}`;

  test.each(['{"principal":"ann","secret":"s3cret"}', 'ann s3cret', ' ann\ts3cret\n'])('%j', (text) => {
    expect(readCredential(file(text))).toBe(header);
    expect(readCredential(`file://${file(text)}`)).toBe(header);
  });

  test('none was named', () => {
    expect([readCredential(undefined), readCredential('')]).toEqual([undefined, undefined]);
  });

  test.each([
    ['', 'not a principal and a secret'],
    ['ann', 'not a principal and a secret'],
    ['ann s3cret more', 'not a principal and a secret'],
    ['{"principal":"ann"}', '"principal" or "secret" is missing'],
    ['{"principal":"ann","secret":7}', '"principal" or "secret" is missing'],
    ['{s3cret', 'it is no JSON'],
    ['a:b s3cret', 'cannot contain a colon'],
  ])('%j is told, and the secret is not', (text, said) => {
    expect(() => readCredential(file(text))).toThrow(said);
    expect(() => readCredential(file(text))).not.toThrow('s3cret');
  });

  test('one that is not there', () => expect(() => readCredential('/no/such')).toThrow('ENOENT'));
});
