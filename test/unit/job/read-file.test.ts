/** What somebody is told who names something else than a job file. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { readJobFile } from '../../../cli/read-file.ts';
import { DawnError, type Refusal } from '../../../shared/errors.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dawn-read-'));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'directory'));
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  writeFileSync(join(folder, 'secret.yaml'), 'name: web\n', { mode: 0o000 });
  writeFileSync(join(folder, 'good.yaml'), 'name: web\n');
  writeFileSync(join(folder, 'huge.yaml'), '');
  truncateSync(join(folder, 'huge.yaml'), 300 * 1024 * 1024);
});

afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** What a path is refused with; the folder of the test is left out. */
async function refusal(path: string): Promise<Refusal> {
  const error: unknown = await readJobFile(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DawnError)) throw new Error(`not refused as it should be: ${String(error)}`);
  return { ...error.refusal, message: error.message.replace(`${folder}/`, '') };
}

/** As nobody, where the tests run as root, who may read everything. */
async function withoutPrivileges<Value>(act: () => Promise<Value>): Promise<Value> {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(65534);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
}

test('a file is read', async () => {
  expect(Buffer.from(await readJobFile(join(folder, 'good.yaml'))).toString()).toBe('name: web\n');
});

test.each([
  ['missing.yaml', 'there is no file missing.yaml'],
  ['directory', 'directory is a directory, not a job file'],
  ['fifo', 'fifo is no regular file'],
  ['good.yaml/x', 'cannot read good.yaml/x: ENOTDIR: not a directory'],
])('%s', async (path, message) => {
  const told = await refusal(join(folder, path));
  expect(told.code).toBe('invalid_parameter');
  expect(told.message).toContain(message);
});

test('/dev/zero has no end, so it is not begun', async () => {
  expect(await refusal('/dev/zero')).toEqual({
    code: 'invalid_parameter',
    message: '/dev/zero is no regular file',
    hint: 'to read from a pipe, use `-`',
  });
});

test('a file that one may not read', async () => {
  const told = await withoutPrivileges(() => refusal(join(folder, 'secret.yaml')));
  expect(told).toEqual({ code: 'invalid_parameter', message: 'you may not read secret.yaml' });
});

test('300 MB are refused by their size, without reading them', async () => {
  expect(await refusal(join(folder, 'huge.yaml'))).toEqual({
    code: 'invalid_config',
    message: 'huge.yaml is larger than 256 KiB, which no job file is (E_TOO_LARGE)',
  });
});

test('standard input is read as far as it goes', async () => {
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(stream('name: ', 'web\n'));
  expect(Buffer.from(await readJobFile('-')).toString()).toBe('name: web\n');
});

test('standard input without end is refused as soon as it is too large', async () => {
  let read = 0;
  const endless = (function* () {
    for (;;) yield Buffer.alloc((read += 1) && 64 * 1024);
  })();
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(
    Readable.from(endless, { highWaterMark: 1 }) as unknown as typeof process.stdin,
  );
  expect(await refusal('-')).toMatchObject({ message: expect.stringContaining('standard input is larger') });
  expect(read).toBeLessThan(10);
});

function stream(...chunks: string[]): typeof process.stdin {
  return Readable.from(chunks.map((chunk) => Buffer.from(chunk))) as unknown as typeof process.stdin;
}
