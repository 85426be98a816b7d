import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { volumeProblem } from '../../../server/agent/docker/volumes.ts';
import { readTaskFile } from '../../../server/agent/files.ts';
import { run } from './agent-fixtures.ts';

let directory: string;
let sandbox: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dawn-files-'));
  sandbox = join(directory, 'sandbox');
  mkdirSync(join(sandbox, 'sub'), { recursive: true });
  mkdirSync(join(directory, 'sandbox-of-another'));
  writeFileSync(join(directory, 'sandbox-of-another', 'secret'), 'secret');
  writeFileSync(join(sandbox, 'sub', 'file'), 'text');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a file and a directory of the sandbox', async () => {
  expect(await readTaskFile(sandbox, 'sub/file')).toEqual({ path: 'sub/file', text: 'text' });
  expect((await readTaskFile(sandbox, '')).entries).toEqual([{ name: 'sub', size: 0, directory: true }]);
});

test.each([
  '..',
  '../sandbox-of-another/secret',
  'sub/../../sandbox-of-another/secret',
  '/etc/passwd',
  'none',
])('no way out by %s', async (path) => {
  await expect(readTaskFile(sandbox, path)).rejects.toThrow('in the sandbox');
});

test('a link inside is followed, a link to outside is not', async () => {
  symlinkSync('sub/file', join(sandbox, 'inside'));
  symlinkSync('../sandbox-of-another', join(sandbox, 'outside'));
  expect((await readTaskFile(sandbox, 'inside')).text).toBe('text');
  await expect(readTaskFile(sandbox, 'outside/secret')).rejects.toThrow('in the sandbox');
});

test('a pipe is refused instead of waited for', async () => {
  execFileSync('mkfifo', [join(sandbox, 'pipe')]);
  await expect(readTaskFile(sandbox, 'pipe')).rejects.toThrow('no regular file');
});

test('of a long file, its end', async () => {
  writeFileSync(join(sandbox, 'long'), `${'x'.repeat(1024 * 1024)}END`);
  const { text = '' } = await readTaskFile(sandbox, 'long');
  expect([text.length, text.slice(-3)]).toEqual([1024 * 1024, 'END']);
});

test('without a sandbox the refusal says why', async () => {
  await expect(readTaskFile(null, '')).rejects.toThrow('no sandbox');
});

const mounting = (path: string) =>
  run('t', 'true', {
    container: { type: 'DOCKER', volumes: [{ host_path: path, container_path: '/data', mode: 'RO' }] },
  });

test('volumes lie below an allowed root, or are the root', async () => {
  expect(await volumeProblem(mounting(sandbox), [sandbox])).toBeNull();
  expect(await volumeProblem(mounting(join(sandbox, 'sub')), [sandbox])).toBeNull();
});

test('a neighbour whose name begins alike, a link out of the root, and .. are refused', async () => {
  symlinkSync('../sandbox-of-another', join(sandbox, 'out'));
  for (const path of ['sandbox-of-another', 'sandbox/out', 'sandbox/../sandbox-of-another'])
    expect(await volumeProblem(mounting(`${directory}/${path}`), [sandbox]), path).toContain(
      'E_MOUNT_NOT_ALLOWED',
    );
});

test('without allowed roots nothing is mounted, and what does not exist is named', async () => {
  expect(await volumeProblem(mounting(sandbox), [])).toContain('--allow-volumes');
  expect(await volumeProblem(mounting(join(sandbox, 'none')), [sandbox])).toContain('does not exist');
});
