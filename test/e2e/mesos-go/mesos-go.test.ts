/** Apache's Go library, as Debian ships it and unmodified: a scheduler and an executor made of it run their tasks to completion on Dawn, in protobuf. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import { GOCODE, goTest } from '../../support/go.ts';
import { Dawn } from '../dawn.ts';
import { type Part, beginPart, endPart } from '../part.ts';

const SOURCE = fileURLToPath(new URL('./main.go', import.meta.url));
const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), 'dawn-go-'));
const program = join(directory, 'framework');

let dawn: Dawn;
let parts: Part[];

beforeEach(() => {
  dawn = new Dawn();
  parts = [];
});

afterEach(async () => {
  for (const { child } of parts.reverse()) await endPart(child, 'SIGTERM');
  await dawn.close();
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function tasksOf(...flags: readonly string[]): Promise<Map<string, string[]>> {
  await run('go', ['build', '-o', program, SOURCE], {
    env: {
      ...process.env,
      GO111MODULE: 'off',
      CGO_ENABLED: '0',
      GOFLAGS: '',
      GOPATH: `${directory}:${GOCODE}`,
      GOCACHE: join(directory, 'cache'),
    },
  });
  const master = await beginPart(dawn, 'master', '--port=0', `--work_dir=${join(dawn.home, 'master')}`);
  parts.push(master);
  const args = [`--master=${master.url}`, `--work_dir=${join(dawn.home, 'agent')}`, '--containerizers=mesos'];
  parts.push(await beginPart(dawn, 'agent', ...args));
  const { stdout } = await run(program, ['-master', `${master.url}/api/v1/scheduler`, ...flags]);
  const told = new Map<string, string[]>();
  for (const [id = '', state = ''] of stdout.split('\n').map((line) => line.split(' ')))
    if (id !== '') told.set(id, [...(told.get(id) ?? []), state]);
  return told;
}

goTest('ten commands', async () => {
  const told = await tasksOf();
  expect(told.size).toBe(10);
  for (const states of told.values())
    expect(states).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED']);
});

goTest('ten tasks of an executor', async () => {
  const told = await tasksOf('-executor');
  expect(told.size).toBe(10);
  for (const states of told.values()) expect(states).toEqual(['TASK_RUNNING', 'TASK_FINISHED']);
});
