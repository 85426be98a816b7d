import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile, type Piece } from '../../../server/agent/docker/log-file.ts';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'dawn-log-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const NOTHING = { at: '', size: 0 };
/** Second 1 says `one\n`, and so on. */
const WORDS = ['zero', 'one', 'two', 'three', 'four', 'five'];
const said = (...seconds: number[]): Piece[] =>
  seconds.map((second) => ({
    at: `2026-11-23T10:00:0${second}.000000000Z`,
    data: Buffer.from(`${WORDS[second]}\n`),
  }));
const open = (from = NOTHING, bytesMax = 1000) => LogFile.open(directory, 'stdout', from, bytesMax);
const text = (name = 'stdout') => readFileSync(join(directory, name), 'utf8');

test('another life goes on where the file was noted to be, whatever was written after that', async () => {
  const file = await open();
  await file.append(said(1, 2));
  const noted = file.reached;
  await file.append(said(3));
  await file.close();
  const again = await open(noted);
  // The engine tells from then on, and what was written at that very time once more.
  await again.append(said(2, 3, 4));
  await again.close();
  expect(text()).toBe('one\ntwo\nthree\nfour\n');
});

test('of pieces of one time all are written again, or none', async () => {
  const file = await open();
  await file.append(said(1, 2, 2));
  const noted = file.reached;
  await file.close();
  const again = await open(noted);
  await again.append(said(2, 2, 2));
  await again.close();
  expect(text()).toBe('one\ntwo\ntwo\ntwo\n');
});

test('what an engine tells once more is not written once more', async () => {
  const file = await open();
  await file.append(said(1, 2));
  await file.append(said(1, 3));
  await file.close();
  expect(text()).toBe('one\ntwo\nthree\n');
});

test('a full file becomes the one before, and a new one begins', async () => {
  const file = await open(NOTHING, 8);
  expect(await file.append(said(1, 2))).toBe(false);
  expect(await file.append(said(3))).toBe(true);
  expect(await file.append(said(4))).toBe(false);
  expect(await file.append(said(5))).toBe(true);
  await file.close();
  expect([text('stdout.1'), text()]).toEqual(['three\nfour\n', 'five\n']);
});

test('a file that is shorter than noted was begun since: it is written from its start', async () => {
  writeFileSync(join(directory, 'stdout'), 'x');
  const file = await open({ at: said(1)[0]!.at, size: 8 });
  await file.append(said(1, 2));
  await file.close();
  expect(text()).toBe('one\ntwo\n');
});

test('a link that a task has put there is not followed', async () => {
  const target = join(directory, 'target');
  writeFileSync(target, 'precious');
  symlinkSync(target, join(directory, 'stdout'));
  await expect(open()).rejects.toThrow('ELOOP');
  expect(readFileSync(target, 'utf8')).toBe('precious');
});
