/** An agent over its own restarts, with real processes and a master of a few lines. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Agent } from '../../server/agent/agent.ts';
import { ProcessContainerizer } from '../../server/agent/process/process.ts';
import { sandboxPath } from '../../server/agent/sandboxes.ts';
import type { AgentState } from '../../server/agent/state.ts';
import { placeOf } from '../../server/agent/api/view.ts';
import { openState } from '../../server/agent/state-file.ts';
import { systemClock } from '../../server/engine/clock.ts';
import type { AgentCall, AgentEvent } from '../../shared/mesos/agent.ts';
import type { TaskInfo } from '../../shared/mesos/v1.ts';
import { taskInfo } from '../unit/agent/agent-fixtures.ts';

let directory: string;
let agent: Agent;
let state: AgentState;
let said: AgentCall[];
let hear: (event: AgentEvent) => void;
let fetched: number;
let ids: number;
let switchUser: boolean;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'dawn-recovery-'));
  fetched = ids = 0;
  switchUser = false;
  await life();
});

afterEach(async () => {
  await agent.close({ killTasks: true });
  rmSync(directory, { recursive: true, force: true });
});

async function life(): Promise<void> {
  said = [];
  state = openState(directory);
  agent = new Agent({
    info: {
      hostname: 'h',
      ip: '127.0.0.1',
      port: 1,
      resources: [],
      attributes: [],
      containerizer: 'process',
      version: '0',
    },
    state,
    link: {
      start: (_subscribe, handler) => void (hear = (event) => handler.onEvent(event)),
      send: (call) => void said.push(call),
      close: () => Promise.resolve(),
    },
    clock: systemClock(),
    newId: () => `c${(ids += 1)}`,
    containerizer: (host) => new ProcessContainerizer(directory, host, switchUser),
    machine: {
      workDir: directory,
      fetch: (_uris, sandbox) => {
        fetched += 1;
        writeFileSync(join(sandbox, 'fetched'), `${fetched}\n`);
        return Promise.resolve();
      },
      limits: {
        registrationTimeoutMs: 1_000,
        reregistrationTimeoutMs: 1_000,
        shutdownGraceMs: 1_000,
        recoveryTimeoutMs: 1_000,
      },
    },
    log: () => undefined,
    refused: () => undefined,
  });
  await agent.start();
  hear({
    type: 'SUBSCRIBED',
    subscribed: { agent_id: { value: 'S0' }, cluster_id: 'c', ping_timeout_seconds: 15 },
  });
}

function run(task: TaskInfo): void {
  hear({ type: 'RUN_TASK', run_task: { framework_id: { value: 'f' }, task } });
}

/** Acknowledges whatever is said until the task is in that state. */
async function until(state: string): Promise<void> {
  for (let at = 0, endMs = Date.now() + 10_000; Date.now() < endMs;) {
    const call = said[at];
    if (!call) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      continue;
    }
    at += 1;
    if (call.type !== 'UPDATE' || call.update.status.uuid === undefined) continue;
    const { framework_id, status } = call.update;
    hear({ type: 'ACKNOWLEDGE', acknowledge: { framework_id, task_id: status.task_id, uuid: status.uuid! } });
    if (status.state === state) return;
  }
  throw new Error(`no ${state}: ${JSON.stringify(said)}`);
}

test('what a task fetched is not fetched again while it runs', async () => {
  const uris = [{ value: 'http://somewhere/file' }];
  const line = 'echo mine > fetched; while :; do sleep 0.1; done';
  run(taskInfo('t', line, { command: { value: line, uris } }));
  await until('TASK_RUNNING');
  const file = join(sandboxPath(directory, 'c1'), 'fetched');
  await expect.poll(() => readFileSync(file, 'utf8')).toBe('mine\n');
  await agent.close({ killTasks: false });
  await life();
  expect([fetched, readFileSync(file, 'utf8')]).toEqual([1, 'mine\n']);
  hear({ type: 'KILL_TASK', kill_task: { framework_id: { value: 'f' }, task_id: { value: 't' } } });
  await until('TASK_KILLED');
});

test.each([
  ['dropped', [{ type: 'PARTITION_AWARE' }]],
  ['lost', []],
] as const)('a task of a user that nobody is, is %s', async (what, capabilities) => {
  await agent.close({ killTasks: false });
  switchUser = true;
  await life();
  const framework = { id: { value: 'f' }, name: 'f', user: 'nosuchuser', capabilities };
  const framework_id = { value: 'f' };
  hear({ type: 'RUN_TASK', run_task: { framework_id, framework, task: taskInfo('t', 'true') } });
  await until(`TASK_${what.toUpperCase()}`);
  const last = said.findLast((call) => call.type === 'UPDATE');
  expect(last?.update.status).toMatchObject({
    source: 'SOURCE_AGENT',
    reason: 'REASON_EXECUTOR_TERMINATED',
    message: `Failed to create executor directory '${sandboxPath(directory, 'c1')}': Failed to chown directory to 'nosuchuser': No such user 'nosuchuser'`,
  });
});

test('the sandbox of an ended task is kept for those who read it, and goes when the next ones need the room', async () => {
  run(taskInfo('t', 'true'));
  await until('TASK_FINISHED');
  expect(existsSync(sandboxPath(directory, 'c1'))).toBe(true);
  expect(placeOf(state, 't')?.container).toBe('c1');
  await agent.close({ killTasks: false });
  await life();
  expect(placeOf(state, 't')?.container).toBe('c1');
  for (let at = 0; at < 50; at++) {
    said = [];
    run(taskInfo(`t${at}`, 'true'));
    await until('TASK_FINISHED');
  }
  await expect.poll(() => existsSync(sandboxPath(directory, 'c1'))).toBe(false);
  expect(placeOf(state, 't')).toBeUndefined();
});
