import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lastWordsOfContainer } from '../../../server/agent/docker/last-words.ts';
import { lastWords, withLastWords } from '../../../server/agent/last-words.ts';
import { lastWordsOfFiles } from '../../../server/agent/process/last-words.ts';

const out = (text: string) => ({ stream: 'stdout', text }) as const;
const err = (text: string) => ({ stream: 'stderr', text }) as const;

describe('last words', () => {
  test('are the last line of stderr that is not empty', () => {
    expect(lastWords([err('first'), err('last'), err('  '), out('later')])).toBe('last');
  });

  test('are of stdout when stderr is silent', () => {
    expect(lastWords([out('said'), err(''), out('')])).toBe('said');
  });

  test('are none when nothing was said', () => {
    expect(lastWords([err(' '), out('')])).toBeUndefined();
    expect(withLastWords('exit 3', undefined)).toBe('exit 3');
  });

  test('follow the exit code', () => {
    expect(withLastWords('exit 3', 'no such file')).toBe('exit 3: no such file');
  });

  test('are at most 200 characters, none of them torn', () => {
    const words = lastWords([err('😀'.repeat(300))]) ?? '';
    expect([...words]).toHaveLength(200);
    expect(words.endsWith('😀…')).toBe(true);
    expect(lastWords([err('x'.repeat(200))])).toBe('x'.repeat(200));
  });

  test('carry no control characters', () => {
    expect(lastWords([err('\u001b[31mred\u001b[0m\ttext\u0007\u009b')])).toBe('red text');
  });
});

describe('last words of files', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'dawn-words-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('come from the end of a long file', () => {
    writeFileSync(join(directory, 'stderr'), `${'noise\n'.repeat(10_000)}it broke\n`);
    expect(lastWordsOfFiles(directory)).toBe('it broke');
  });

  test('are none without files', () => {
    expect(lastWordsOfFiles(directory)).toBeUndefined();
  });

  test('neither follow a link nor wait for a pipe', () => {
    writeFileSync(join(directory, 'secret'), 'secret');
    symlinkSync(join(directory, 'secret'), join(directory, 'stderr'));
    execFileSync('mkfifo', [join(directory, 'stdout')]);
    expect(lastWordsOfFiles(directory)).toBeUndefined();
  });
});

describe('last words of a container', () => {
  const silent = { logs: () => new Promise(() => undefined) } as unknown as Docker.Container;

  test('are not waited for beyond the deadline', async () => {
    expect(await lastWordsOfContainer(silent, new AbortController().signal, 1)).toBeUndefined();
  });

  test('are given up when the task is to be killed', async () => {
    const killed = new AbortController();
    const words = lastWordsOfContainer(silent, killed.signal, 3_600_000);
    killed.abort();
    expect(await words).toBeUndefined();
  });

  test('are none when the engine refuses', async () => {
    const refusing = { logs: () => Promise.reject(new Error('no')) } as unknown as Docker.Container;
    expect(await lastWordsOfContainer(refusing, new AbortController().signal)).toBeUndefined();
  });
});
