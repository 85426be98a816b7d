/** Job files that somebody wrote to break the loader, or by mistake. `fixtures/jobs/hostile/expected.txt` says what each is told. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Problem, formatProblem, loadJobs } from '../../../shared/job/load.ts';

const FOLDER = new URL('../../../fixtures/jobs/hostile/', import.meta.url);

/** What moves a cursor, ends a line or turns it round. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** File, code, line, words of the sentence. */
const rows = readFileSync(new URL('expected.txt', FOLDER), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [, file = '', code = '', place = '', words = ''] = /^(\S+) +(\S+) +(\S+) *(.*)$/.exec(line) ?? [];
    return { file, code, place, words };
  });

/** Everything said about a file: problems where it is refused, warnings where it is not. */
function said(input: string | Uint8Array, file = 'job.yaml'): { ok: boolean; said: readonly Problem[] } {
  const loaded = loadJobs(input, { file, defaultRole: 'www', bindings: { a: '{{b}}', b: '{{a}}' } });
  return loaded.ok ? { ok: true, said: loaded.warnings } : { ok: false, said: loaded.problems };
}

test('every file has its row, and every row its file', () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));
  expect(rows.map(({ file }) => file).sort()).toEqual(files.sort());
});

test.each(rows)('$file: $code', ({ file, code, place, words }) => {
  const result = said(readFileSync(new URL(file, FOLDER)), file);
  expect(result.ok).toBe(!code.startsWith('E_'));
  if (code === 'ok') return expect(result.said).toEqual([]);
  const [first] = result.said;
  expect(first).toMatchObject({ code, file, line: Number(place) });
  for (const problem of result.said) expect(formatProblem(problem)).not.toMatch(UNSAFE);
  expect(formatProblem(first!)).toContain(words);
});

test('no prototype is touched', () => {
  for (const { file } of rows) said(readFileSync(new URL(file, FOLDER)));
  expect(Reflect.get({}, 'admin')).toBeUndefined();
});

/** Too large to be kept as files. */
test.each([
  ['100,000 brackets', '['.repeat(100_000), 'E_DEPTH'],
  ['100,000 dashes', '- '.repeat(100_000), 'E_DEPTH'],
  ['100,000 dashes behind tabs', '-\t'.repeat(100_000), 'E_DEPTH'],
  ['100,000 braces over many lines', '{\n'.repeat(100_000), 'E_DEPTH'],
  ['a value of 10 MB', `env:\n  A: ${'x'.repeat(10_000_000)}\n`, 'E_TOO_LARGE'],
  ['a file of nothing but line ends', '\n'.repeat(200_000), 'E_YAML_EMPTY'],
  ['a bad byte at the end of a large file', bytes('#'.repeat(250_000), 0xff), 'E_ENCODING'],
])('%s', (_what, input, code) => {
  expect(said(input).said).toMatchObject([{ code }]);
});

test('a bad byte is named by its offset', () => {
  expect(said(bytes('name: web\n', 0xc3, 0x28)).said[0]?.message).toBe('not UTF-8 at byte 11');
});

test('no more than twenty problems are told', () => {
  const fields = Array.from({ length: 500 }, (_, at) => `field${at}: 1\n`).join('');
  expect(said(fields).said).toHaveLength(20);
});

function bytes(text: string, ...more: number[]): Uint8Array {
  return Buffer.concat([Buffer.from(text), Buffer.from(more)]);
}
