import { expect, test } from 'vitest';
import { howContainerEnded } from '../../../server/agent/how-it-ended.ts';
import { outcomeOf } from '../../../server/agent/docker/outcome.ts';

const AT = '2026-11-23T10:00:00Z';
const state = (ExitCode: number, more: Partial<Parameters<typeof outcomeOf>[0]> = {}) => ({
  Running: false,
  StartedAt: AT,
  ExitCode,
  OOMKilled: false,
  Error: '',
  ...more,
});

test('exit codes', () => {
  expect(outcomeOf(state(0), false, howContainerEnded)).toEqual({
    state: 'TASK_FINISHED',
    exit: 0,
    message: 'Container exited with status 0',
  });
  expect(outcomeOf(state(3), false, howContainerEnded)).toEqual({
    state: 'TASK_FAILED',
    exit: 3,
    message: 'Container exited with status 3',
  });
  expect(outcomeOf(state(127, { Error: 'no such file' }), false, howContainerEnded)?.message).toBe(
    'Container exited with status 127: no such file',
  );
});

test('what was asked to end was killed, however it ended', () => {
  expect(outcomeOf(state(0), true, howContainerEnded)).toEqual({
    state: 'TASK_KILLED',
    exit: 0,
    message: 'Container exited with status 0',
  });
  expect(outcomeOf(state(137, { OOMKilled: true }), true, howContainerEnded)?.state).toBe('TASK_KILLED');
});

test('out of memory, unless the task came through it', () => {
  expect(outcomeOf(state(137, { OOMKilled: true }), false, howContainerEnded)).toMatchObject({
    state: 'TASK_FAILED',
    reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
  });
  expect(outcomeOf(state(0, { OOMKilled: true }), false, howContainerEnded)?.state).toBe('TASK_FINISHED');
});

test('no end: it runs, or was never started', () => {
  expect(outcomeOf(state(0, { Running: true }), false, howContainerEnded)).toBeNull();
  expect(outcomeOf(state(0, { StartedAt: '0001-01-01T00:00:00Z' }), false, howContainerEnded)).toBeNull();
});
