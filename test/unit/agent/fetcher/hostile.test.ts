import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFetcher } from '../../../../server/agent/fetcher/fetcher.ts';
import type { Fetch } from '../../../../server/agent/prepare.ts';
import type { CommandUri } from '../../../../shared/mesos/v1.ts';

let directory: string;
let sandbox: string;
let fetcher: Fetch;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'dawn-hostile-'));
  sandbox = join(directory, 'sandboxes', 'sandbox');
  mkdirSync(sandbox, { recursive: true });
  fetcher = await openFetcher({
    workDir: directory,
    cacheBytesMax: 1e6,
    stallMs: 1_000,
    frameworksHome: undefined,
  });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** An archive of what `fill` puts into a directory. */
function tar(name: string, fill: (content: string) => void): string {
  const content = join(directory, `${name}.content`);
  mkdirSync(content);
  fill(content);
  const file = join(directory, name);
  execFileSync('tar', ['-c', '-f', file, '-C', content, '.']);
  return file;
}

function fetch(...uris: CommandUri[]): Promise<void> {
  return fetcher(uris, sandbox, new AbortController().signal);
}

/** Everything beside the sandbox, where nothing may turn up. */
function outside(): string[] {
  return readdirSync(join(directory, 'sandboxes'));
}

/** `y` looks as if it led to `a/b/c`; through `up` it leads to where the sandbox lies. */
function chain(content: string): void {
  mkdirSync(join(content, 'a/b/c'), { recursive: true });
  symlinkSync('../../..', join(content, 'a/b/c/up'));
  symlinkSync('a/b/c/up/..', join(content, 'y'));
}

test('a chain of links does not carry an output file out', async () => {
  writeFileSync(join(directory, 'plain'), 'evil');
  const links = tar('links.tar', chain);
  await expect(
    fetch({ value: links }, { value: join(directory, 'plain'), output_file: 'y/evil' }),
  ).rejects.toThrow('y in it is a link to a/b/c/up/.., out of the sandbox');
  expect(outside()).toEqual(['sandbox']);
});

test('a chain of links does not carry a second archive out', async () => {
  const links = tar('links.tar', chain);
  const second = tar('second.tar', (content) => {
    mkdirSync(join(content, 'y'));
    writeFileSync(join(content, 'y/evil'), 'evil');
  });
  await expect(fetch({ value: links }, { value: second })).rejects.toThrow(
    'y in it is a link to a/b/c/up/.., out of the sandbox',
  );
  expect(outside()).toEqual(['sandbox']);
});

test('a chain whose parts come in two archives', async () => {
  writeFileSync(join(directory, 'plain'), 'evil');
  const first = tar('first.tar', (content) => {
    mkdirSync(join(content, 'a/b/c'), { recursive: true });
    symlinkSync('a/b/c/up/..', join(content, 'y'));
  });
  const second = tar('second.tar', (content) => {
    mkdirSync(join(content, 'a/b/c'), { recursive: true });
    symlinkSync('../../..', join(content, 'a/b/c/up'));
  });
  await expect(
    fetch({ value: first }, { value: second }, { value: join(directory, 'plain'), output_file: 'y/evil' }),
  ).rejects.toThrow('y in it is a link to a/b/c/up/.., out of the sandbox');
  expect(outside()).toEqual(['sandbox']);
});

test('a link under the name that a download has until it is whole', async () => {
  writeFileSync(join(directory, 'plain'), 'evil');
  const links = tar('links.tar', (content) => {
    mkdirSync(join(content, 'a/b/c'), { recursive: true });
    symlinkSync('../../..', join(content, 'a/b/c/up'));
    symlinkSync('a/b/c/up/../evil', join(content, 'plain.fetching'));
  });
  await fetch({ value: links }, { value: join(directory, 'plain') }).catch(() => undefined);
  expect(outside()).toEqual(['sandbox']);
});

/** `y/evil`, as zip packs it: machines have unzip rather than zip. */
const ZIP =
  'UEsDBAoAAAAAABhaeF1SMfuNBAAAAAQAAAAGAAAAeS9ldmlsZXZpbFBLAQIeAwoAAAAAABhaeF1SMfuNBAAAAAQAAAAGAAAAAAAAAAEAAACkgQAAAAB5L2V2aWxQSwUGAAAAAAEAAQA0AAAAKAAAAAAA';

test('a packed file is not unpacked through a link, nor a zip', async () => {
  const links = tar('links.tar', chain);
  writeFileSync(join(directory, 'second.zip'), Buffer.from(ZIP, 'base64'));
  await fetch({ value: links }, { value: join(directory, 'second.zip') }).catch(() => undefined);
  expect(outside()).toEqual(['sandbox']);
});

test('absolute names and names with .. stay below the sandbox or are refused', async () => {
  const target = join(directory, 'sandboxes', 'evil');
  writeFileSync(target, 'evil');
  execFileSync('tar', ['-c', '-P', '-f', join(directory, 'absolute.tar'), target]);
  mkdirSync(join(directory, 'sandboxes', 'in'));
  execFileSync('tar', ['-c', '-P', '-f', join(directory, 'dots.tar'), '../evil'], {
    cwd: join(directory, 'sandboxes', 'in'),
  });
  rmSync(target);
  rmSync(join(directory, 'sandboxes', 'in'), { recursive: true });
  await fetch({ value: join(directory, 'absolute.tar') }).catch(() => undefined);
  await fetch({ value: join(directory, 'dots.tar') }).catch(() => undefined);
  expect(outside()).toEqual(['sandbox']);
});

test('no devices, pipes or rights of their owner come out of an archive', async () => {
  const special = tar('special.tar', (content) => {
    writeFileSync(join(content, 'tool'), '#!/bin/sh\n');
    execFileSync('chmod', ['6755', join(content, 'tool')]);
  });
  await fetch({ value: special });
  expect(lstatSync(join(sandbox, 'tool')).mode & 0o7777).toBe(0o755);

  const pipe = tar('pipe.tar', (content) => execFileSync('mkfifo', [join(content, 'pipe')]));
  await expect(fetch({ value: pipe })).rejects.toThrow('pipe');
  expect(existsSync(join(sandbox, 'pipe'))).toBe(false);
});

test('ordinary links work: to a name beside, above within the sandbox, and to what is not there yet', async () => {
  const file = tar('good.tar', (content) => {
    mkdirSync(join(content, 'lib/v1'), { recursive: true });
    mkdirSync(join(content, 'bin'));
    writeFileSync(join(content, 'lib/v1/code'), 'code');
    symlinkSync('v1', join(content, 'lib/current'));
    symlinkSync('../lib/current/code', join(content, 'bin/run'));
    symlinkSync('later', join(content, 'bin/dangling'));
    symlinkSync('..data', join(content, 'dots'));
  });
  await fetch({ value: file });
  expect(readFileSync(join(sandbox, 'bin/run'), 'utf8')).toBe('code');
});

test('what is cut off or damaged is a sentence', async () => {
  writeFileSync(join(directory, 'broken.tgz'), 'not an archive');
  await expect(fetch({ value: join(directory, 'broken.tgz') })).rejects.toThrow('broken.tgz');
});

test('not even a link that stays inside is written through', async () => {
  writeFileSync(join(directory, 'plain'), 'text');
  const links = tar('inside.tar', (content) => {
    mkdirSync(join(content, 'a'));
    symlinkSync('a', join(content, 'y'));
  });
  const second = tar('through.tar', (content) => {
    mkdirSync(join(content, 'y'));
    writeFileSync(join(content, 'y/file'), 'text');
  });
  await fetch({ value: links });
  await expect(fetch({ value: join(directory, 'plain'), output_file: 'y/file' })).rejects.toThrow(
    'y on its way is a link',
  );
  await expect(fetch({ value: second })).rejects.toThrow('y in it cannot replace a link');
  expect(readdirSync(join(sandbox, 'a'))).toEqual([]);
});

test('an archive that is refused leaves itself and nothing else', async () => {
  const mixed = tar('mixed.tar', (content) => {
    writeFileSync(join(content, 'file'), 'text');
    symlinkSync('/etc', join(content, 'etc'));
  });
  await expect(fetch({ value: mixed })).rejects.toThrow('etc in it is a link to /etc, out of the sandbox');
  expect(readdirSync(sandbox)).toEqual(['mixed.tar']);
});

test('how far up a link may lead depends on where it comes to lie, also for a second name of it', async () => {
  const below = tar('below.tar', (content) => {
    mkdirSync(join(content, 'a/b'), { recursive: true });
    symlinkSync('../..', join(content, 'a/b/up'));
  });
  await fetch({ value: below });
  // An archive comes to lie in the sandbox itself, wherever in it the file is put.
  const up = tar('up.tar', (content) => symlinkSync('../..', join(content, 'up')));
  await expect(fetch({ value: up, output_file: 'a/b/up.tar' })).rejects.toThrow('up in it is a link');
  const named = tar('named.tar', (content) => {
    mkdirSync(join(content, 'deep'));
    symlinkSync('..', join(content, 'deep/up'));
    linkSync(join(content, 'deep/up'), join(content, 'up'));
  });
  await expect(fetch({ value: named })).rejects.toThrow('up in it is a link');
});

test('archives join what is there, and have no say in the rights of the sandbox', async () => {
  chmodSync(sandbox, 0o700);
  const one = tar('one.tar', (content) => {
    mkdirSync(join(content, 'd'));
    writeFileSync(join(content, 'd/one'), '1');
    writeFileSync(join(content, 'd/both'), '1');
    chmodSync(content, 0o777);
  });
  const two = tar('two.tar', (content) => {
    mkdirSync(join(content, 'd'));
    writeFileSync(join(content, 'd/both'), '2');
  });
  await fetch({ value: one }, { value: two });
  expect(readdirSync(join(sandbox, 'd'))).toEqual(['both', 'one']);
  expect(readFileSync(join(sandbox, 'd/both'), 'utf8')).toBe('2');
  expect(lstatSync(sandbox).mode & 0o777).toBe(0o700);
});
