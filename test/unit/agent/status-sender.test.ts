import { beforeEach, expect, test } from 'vitest';
import { memoryState, type AgentState } from '../../../server/agent/state.ts';
import { StatusSender } from '../../../server/agent/status-sender.ts';
import { HandClock, heldTask, status } from './agent-fixtures.ts';

let sent: string[];
let clock: HandClock;
let state: AgentState;
let sender: StatusSender;

beforeEach(() => {
  sent = [];
  clock = new HandClock();
  state = memoryState();
  state.setAgentId('a-S0');
  const link = {
    start: () => undefined,
    send: (call: { type: string; update?: { status: { uuid?: string } } }) =>
      void sent.push(call.update?.status.uuid ?? call.type),
    close: () => Promise.resolve(),
  };
  sender = new StatusSender(state, link, clock);
  state.addTask(heldTask('t', status('t', 'TASK_STARTING', 'u1')), [status('t', 'TASK_STARTING', 'u1')]);
});

test('nothing goes out before the subscription, everything at once with it', () => {
  sender.send('f/t');
  expect(sent).toEqual([]);
  sender.up();
  expect(sent).toEqual(['u1']);
});

test('one update of a task is on its way at a time; the next follows the acknowledgement', () => {
  sender.up();
  state.addStatus('f/t', status('t', 'TASK_RUNNING', 'u2'));
  sender.send('f/t');
  expect(sent).toEqual(['u1']);
  expect(sender.acknowledge('f/t', 'u2')).toBe(false);
  expect(sent).toEqual(['u1']);
  expect(sender.acknowledge('f/t', 'u1')).toBe(true);
  expect(sent).toEqual(['u1', 'u2']);
});

test('one task does not wait for another', () => {
  sender.up();
  state.addTask(heldTask('other', status('other', 'TASK_STARTING', 'o1')), [
    status('other', 'TASK_STARTING', 'o1'),
  ]);
  sender.send('f/other');
  expect(sent).toEqual(['u1', 'o1']);
});

test('it is repeated after 10 s, 20 s, 40 s …, never more than 10 min apart', () => {
  sender.up();
  const gaps: number[] = [];
  let lastMs = clock.now();
  while (gaps.length < 9) {
    const before = sent.length;
    clock.pass(1_000);
    if (sent.length === before) continue;
    gaps.push((clock.now() - lastMs) / 1000);
    lastMs = clock.now();
  }
  expect(gaps).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600]);
  expect(new Set(sent)).toEqual(new Set(['u1']));
});

test('after an acknowledgement the waits begin at 10 s again, and nothing more is sent when nothing is left', () => {
  sender.up();
  clock.pass(30_000);
  state.addStatus('f/t', status('t', 'TASK_RUNNING', 'u2'));
  sender.acknowledge('f/t', 'u1');
  sent = [];
  clock.pass(9_999);
  expect(sent).toEqual([]);
  clock.pass(1);
  expect(sent).toEqual(['u2']);
  sender.acknowledge('f/t', 'u2');
  expect(clock.waiting).toBe(0);
});

test('a lost subscription stops the repeats; a new one sends at once and waits anew', () => {
  sender.up();
  clock.pass(30_000);
  sender.down();
  sent = [];
  clock.pass(3_600_000);
  expect(sent).toEqual([]);
  sender.up();
  expect(sent).toEqual(['u1']);
  clock.pass(10_000);
  expect(sent).toEqual(['u1', 'u1']);
});
