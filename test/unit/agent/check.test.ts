import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { emptyCheckStatus, isWhole, watchCheck } from '../../../server/agent/check.ts';
import type { Exited } from '../../../server/agent/containerizer.ts';
import type { CheckInfo, CheckStatusInfo } from '../../../shared/mesos/v1.ts';
import { taskInfo } from './agent-fixtures.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const command = { command: { value: 'check' } };

/** One look a second; the last answer stays. */
function watch(answers: readonly Exited[], more: Partial<CheckInfo> = {}) {
  const told: CheckStatusInfo[] = [];
  let asked = 0;
  const exec = (): Promise<Exited> => Promise.resolve(answers[Math.min(asked++, answers.length - 1)]!);
  const check: CheckInfo = { type: 'COMMAND', command, delay_seconds: 0, interval_seconds: 1, ...more };
  const { stop } = watchCheck({ id: 't', task: taskInfo('t', 'true', { check }) }, { exec }, (status) =>
    told.push(status),
  );
  return { told, stop, asked: () => asked };
}

test('only changes are told, and none ends it', async () => {
  const exits = [7, 7, 0, 7].map((exit) => ({ exit, wrong: null }));
  const { told, stop } = watch(exits);
  await vi.advanceTimersByTimeAsync(10_000);
  stop();
  expect(told).toEqual([7, 0, 7].map((exit_code) => ({ type: 'COMMAND', command: { exit_code } })));
});

test('no answer is an empty one', async () => {
  const { told, stop } = watch([{ wrong: 'late' }, { exit: 0, wrong: null }, { wrong: 'late' }]);
  await vi.advanceTimersByTimeAsync(10_000);
  stop();
  expect(told).toEqual([
    { type: 'COMMAND', command: { exit_code: 0 } },
    { type: 'COMMAND', command: {} },
  ]);
});

test('the first look waits for the delay, 15 s unless told; a stopped watch looks no more', async () => {
  const { stop, asked } = watch([{ exit: 0, wrong: null }], { delay_seconds: undefined as never });
  await vi.advanceTimersByTimeAsync(14_999);
  expect(asked()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked()).toBe(1);
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toBe(1);
});

test.each<[CheckInfo, object | undefined, boolean]>([
  [{ type: 'COMMAND', command }, { type: 'COMMAND', command: {} }, true],
  [{ type: 'HTTP', http: { port: 1 } }, { type: 'HTTP', http: {} }, true],
  [{ tcp: { port: 1 } }, { type: 'TCP', tcp: {} }, true],
  [{ type: 'HTTP', tcp: { port: 1 } }, { type: 'HTTP', http: {} }, false],
  [{ type: 'COMMAND' }, { type: 'COMMAND', command: {} }, false],
])('%j', (check, empty, whole) => {
  expect(emptyCheckStatus(taskInfo('t', 'true', { check }))).toEqual(empty);
  expect(isWhole(check)).toBe(whole);
});
