import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openState } from '../../../server/agent/state-file.ts';
import { heldTask, status } from './agent-fixtures.ts';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'dawn-state-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));
const file = (): string => join(directory, 'agent.jsonl');

test('what was written is there after a restart: key, id, tasks, unacknowledged updates in order', () => {
  const before = openState(directory);
  before.setAgentId('a-S1');
  before.addTask(heldTask('t', status('t', 'TASK_STARTING', 'u1')), [status('t', 'TASK_STARTING', 'u1')]);
  before.addStatus('f/t', status('t', 'TASK_RUNNING', 'u2'));
  before.addStatus('f/t', status('t', 'TASK_FINISHED', 'u3'));
  before.acknowledge('f/t', 'u1');
  before.close();

  const after = openState(directory);
  expect([after.key, after.agentId]).toEqual([before.key, 'a-S1']);
  expect(after.tasks).toEqual(before.tasks);
  expect(after.tasks.get('f/t')?.pending.map(({ uuid }) => uuid)).toEqual(['u2', 'u3']);
  expect(after.tasks.get('f/t')?.status.state).toBe('TASK_FINISHED');
  after.close();
});

test('a torn last line is dropped at whatever byte it was torn, and what follows is readable again', () => {
  const line = JSON.stringify({ k: 'id', id: 'never-finished' });
  for (let bytes = 1; bytes < line.length; bytes++) {
    const state = openState(directory);
    state.setAgentId('a-S1');
    state.close();
    appendFileSync(file(), line.slice(0, bytes));
    const again = openState(directory);
    expect(again.agentId).toBe('a-S1');
    again.setAgentId('a-S2');
    again.close();
    const last = openState(directory);
    expect(last.agentId).toBe('a-S2');
    last.close();
  }
});

test('where it is to be strict, a line that cannot be read is an error, but not one that was never finished', () => {
  const state = openState(directory);
  state.setAgentId('a-S1');
  state.close();
  appendFileSync(file(), '{"k":"id"');
  openState(directory, { strict: true }).close();
  appendFileSync(file(), '{"k":\n{"k":"id","id":"a-S2"}\n');
  expect(() => openState(directory, { strict: true })).toThrow(/agent\.jsonl: line \d+ cannot be read/);
  const left = openState(directory);
  expect(left.agentId).toBe('a-S1');
  left.close();
});

test('only the oldest update can be acknowledged, and only once', () => {
  const state = openState(directory);
  state.addTask(heldTask('t', status('t', 'TASK_STARTING', 'u1')), [status('t', 'TASK_STARTING', 'u1')]);
  state.addStatus('f/t', status('t', 'TASK_RUNNING', 'u2'));
  state.acknowledge('f/t', 'u2');
  expect(state.tasks.get('f/t')?.pending).toHaveLength(2);
  state.acknowledge('f/t', 'u1');
  state.acknowledge('f/t', 'u1');
  expect(state.tasks.get('f/t')?.pending.map(({ uuid }) => uuid)).toEqual(['u2']);
  state.close();
});

test.each([0, 1, 2, 3, 4, 5, 6])(
  'no entry is lost when the file is written anew after %i entries',
  (most) => {
    const before = openState(directory, { entriesMax: most });
    for (let i = 0; i < 5; i++) {
      before.addTask(heldTask(`t${i}`, status(`t${i}`, 'TASK_STARTING', `s${i}`)), [
        status(`t${i}`, 'TASK_STARTING', `s${i}`),
      ]);
      before.addStatus(`f/t${i}`, status(`t${i}`, 'TASK_RUNNING', `r${i}`));
      before.acknowledge(`f/t${i}`, `s${i}`);
      if (i > 0) before.forget(`f/t${i - 1}`);
      // As after a kill at this moment: read from a copy, for opening writes anew.
      const copy = mkdtempSync(join(directory, 'copy-'));
      copyFileSync(file(), join(copy, 'agent.jsonl'));
      const after = openState(copy);
      expect(after.tasks).toEqual(before.tasks);
      after.close();
    }
    before.close();
  },
);

test('the file does not grow with what was forgotten', () => {
  const state = openState(directory, { entriesMax: 10 });
  for (let i = 0; i < 100; i++) {
    state.addTask(heldTask(`t${i}`, status(`t${i}`, 'TASK_STARTING', 'u')), [
      status(`t${i}`, 'TASK_STARTING', 'u'),
    ]);
    state.forget(`f/t${i}`);
    state.dropEnded();
  }
  expect(readFileSync(file(), 'utf8').split('\n').length).toBeLessThan(20);
  state.close();
});
