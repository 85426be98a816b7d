/**
 * The architecture, as a test: which room may import which, what a pure core may not touch, how large a room may get. The
 * clearest statement of the design there is; start here.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { VERSION } from '../shared/version.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Room → rooms it may import. A room is the longest prefix listed here. Everything may import itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  'server/random.ts': [],
  'server/timers.ts': [],
  'server/scheduler': ['shared', 'server/random.ts', 'server/timers.ts'],
  'server/master': ['shared', 'server/random.ts', 'server/timers.ts'],
  'server/store': ['shared', 'server/scheduler', 'server/master'],
  'server/flags': ['shared'],
  'server/link': ['shared', 'server/master'],
  // HTTP in the manner of libprocess: what master and agent answer alike.
  'server/libprocess': ['shared'],
  'server/agent': ['shared', 'server/libprocess'],
  'server/engine': ['shared', 'server/random.ts', 'server/scheduler', 'server/master', 'server/store'],
  'server/http': [
    'shared',
    'server/libprocess',
    'server/engine',
    'server/store',
    'server/scheduler',
    'server/master',
    'server/link',
    'server/random.ts',
  ],
  'server/log.ts': [],
  // What the flags of a program mean.
  'server/listening.ts': ['shared'],
  'server/whitelist.ts': ['server/engine'],
  'server/options.ts': ['shared', 'server'],
  'server/agent-options.ts': ['shared', 'server'],
  // Composition: the cores over a journal; a server around that; an agent.
  'server/core.ts': ['shared', 'server'],
  'server/streams.ts': ['shared', 'server'],
  'server/stand.ts': ['shared', 'server'],
  'server/master-doors.ts': ['shared', 'server'],
  'server/run-server.ts': ['shared', 'server'],
  'server/main.ts': ['shared', 'server'],
  'server/run-agent.ts': ['shared', 'server'],
  cli: ['shared'],
  // The one binary: `dawn server` and `dawn agent` load the server when they are asked for, and nothing else of it.
  'cli/main.ts': ['shared', 'cli', 'server/main.ts', 'server/run-agent.ts'],
  test: ['shared', 'server', 'cli', 'test'],
};

/** Rows and types only: who writes a journal, or reads a world to show it, needs to know what they look like. */
const TYPES_ONLY: readonly (readonly [from: string, to: string])[] = [
  ['server/store', 'server/scheduler'],
  ['server/store', 'server/master'],
  ['server/link', 'server/master'],
  ['server/http', 'server/link'],
];

/** Pure rooms: no I/O, no clock, no chance, nothing asynchronous. */
const PURE = ['shared', 'server/scheduler', 'server/master', 'server/random.ts', 'server/timers.ts'];
const BANNED_IN_PURE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b|\bnew Date\(\)/, 'reads the clock; take env.now'],
  [/\bperformance\.now\b/, 'reads the clock; take env.now'],
  [/\bMath\.random\b|\bcrypto\b\./, 'draws chance; take env.random'],
  [/\bset(?:Timeout|Interval|Immediate)\b/, 'waits; write a wakeAtMs'],
  [/\basync\b|\bawait\b|\bPromise\b/, 'is asynchronous'],
  [/from 'node:/, 'does I/O'],
  [/\bprocess\.(?:env|argv|cwd|exit|on|pid|stdout|stderr|hrtime|memoryUsage)\b/, 'reads the process'],
];

const LINES_MAX = 250;
/** Lists of shapes without behaviour may be longer: cutting them up would only scatter the vocabulary. */
const SHAPES: readonly string[] = ['shared/api/views.ts', 'shared/mesos/v1.ts'];
const BANNED_EVERYWHERE: readonly RegExp[] = [
  /\bTODO\b|\bFIXME\b|\bXXX\b/,
  /\bas any\b/,
  /@ts-(?:ignore|expect-error|nocheck)/,
  /\b(?:it|test|describe)\.only\b/,
];
const BANNED_NAMES = /(?:^|\/)(?:utils?|helpers?|types|common|misc|index)\.tsx?$/;

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)));
const sources = files
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
const production = sources.filter(({ file }) => !file.startsWith('test/'));

function roomOf(file: string): string {
  const rooms = Object.keys(MAY_IMPORT).filter((room) => file === room || file.startsWith(`${room}/`));
  return rooms.sort((a, b) => b.length - a.length)[0] ?? '(no room)';
}

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  for (const match of text.matchAll(
    /(?:^|\n)(?:import|export)\s+(type\s+)?[^;'"]*?from\s*'(\.[^']+)'|import\('(\.[^']+)'\)/g,
  )) {
    const path = match[2] ?? match[3] ?? '';
    found.push({
      target: normalize(join(dirname(file), path)),
      typeOnly:
        match[1] !== undefined || (match[3] !== undefined && !/await\s+$/.test(text.slice(0, match.index))),
    });
  }
  return found;
}

test('the root holds only what it should', () => {
  const top = new Set(files.map((file) => file.split('/')[0]));
  const allowed = new Set([
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'cli',
    'server',
    'shared',
    'fixtures',
    'test',
    'README.md',
    'LICENSE',
  ]);
  expect(
    [...top].filter((name) => name !== undefined && !name.startsWith('.') && !allowed.has(name)),
  ).toEqual([]);
});

describe('imports follow the room table', () => {
  test.each(production.map(({ file, text }) => [file, text] as const))('%s', (file, text) => {
    const room = roomOf(file);
    const allowed = MAY_IMPORT[room];
    expect(allowed, `${file} is in no room`).toBeDefined();
    const wrong = importsOf(file, text).filter(({ target, typeOnly }) => {
      const to = roomOf(target);
      if (to === room || target.startsWith(`${room}/`)) return false;
      if (!(allowed ?? []).some((prefix) => target === prefix || target.startsWith(`${prefix}/`)))
        return true;
      return TYPES_ONLY.some(([from, of]) => from === room && of === to) && !typeOnly;
    });
    expect(wrong.map(({ target }) => target)).toEqual([]);
  });
});

describe('pure rooms stay pure', () => {
  test.each(
    production
      .filter(({ file }) => PURE.includes(roomOf(file)))
      .map(({ file, text }) => [file, text] as const),
  )('%s', (_file, text) => {
    const code = withoutCommentsAndStrings(text);
    expect(BANNED_IN_PURE.filter(([pattern]) => pattern.test(code)).map(([, why]) => why)).toEqual([]);
  });
});

test('no room is larger than one idea', () => {
  const large = production
    .map(({ file, text }) => ({ file, lines: text.split('\n').length }))
    .filter(({ file, lines }) => lines > LINES_MAX && !SHAPES.includes(file));
  expect(large).toEqual([]);
});

test('nothing unfinished, nothing silenced', () => {
  const found = sources
    .filter(({ file }) => file !== 'test/tidy.test.ts')
    .flatMap(({ file, text }) =>
      BANNED_EVERYWHERE.filter((pattern) => pattern.test(text)).map((pattern) => `${file}: ${pattern}`),
    );
  expect(found).toEqual([]);
});

test('files are named after what they hold', () => {
  expect(files.filter((file) => BANNED_NAMES.test(file))).toEqual([]);
});

test('every file is reached from somewhere', () => {
  const reached = new Set(
    sources.flatMap(({ file, text }) => importsOf(file, text).map(({ target }) => target)),
  );
  const text = readFileSync(join(ROOT, 'cli/build.mjs'), 'utf8');
  const dead = production
    .map(({ file }) => file)
    .filter((file) => !reached.has(file) && !text.includes(file) && !file.endsWith('.d.ts'));
  expect(dead).toEqual([]);
});

test('every room says what it is for', () => {
  for (const room of ['server', 'cli', 'shared'])
    expect(existsSync(join(ROOT, room, 'README.md')), `${room}/README.md`).toBe(true);
});

test('the version is one', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(VERSION).toBe(manifest.version);
});

/** What is left is code: a word in a sentence or in a message is no call. */
function withoutCommentsAndStrings(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/from '(node:[^']+)'/g, "from 'node:'")
    .replace(/'(?!node:)(?:[^'\\\n]|\\.)*'/g, "''")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
}
