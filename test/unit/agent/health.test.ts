import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Containerizer } from '../../../server/agent/containerizer.ts';
import { watchHealth, type HealthWatch } from '../../../server/agent/health.ts';
import type { HealthCheck } from '../../../shared/mesos/v1.ts';
import { taskInfo } from './agent-fixtures.ts';

let heard: string[];
let asked: number;
let watch: HealthWatch | undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  heard = [];
  asked = 0;
});
afterEach(() => {
  watch?.stop();
  vi.useRealTimers();
});

/** One check a second: answers are `+` for well and `-` for not; the last one stays. */
function start(answers: string, check: Partial<HealthCheck>, successes?: string): void {
  const containerizer = {
    exec: () =>
      Promise.resolve({ wrong: answers[Math.min(asked++, answers.length - 1)] === '+' ? null : 'exit 1' }),
  } as unknown as Containerizer;
  const labels = successes === undefined ? [] : [{ key: 'dawn.min_consecutive_successes', value: successes }];
  const task = taskInfo('t', 'true', {
    labels: { labels },
    health_check: {
      type: 'COMMAND',
      command: { value: 'check' },
      delay_seconds: 0,
      interval_seconds: 1,
      grace_period_seconds: 0,
      ...check,
    },
  });
  watch = watchHealth({ id: 't', task }, containerizer, {
    onHealthy: () => heard.push(`healthy@${asked}`),
    onUnhealthy: () => heard.push(`unhealthy@${asked}`),
    onFailed: (message) => heard.push(`failed@${asked}: ${message}`),
  });
}

test('three failures in a row end it, and nothing is asked after that', async () => {
  start('-', { consecutive_failures: 3 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(heard).toEqual(['unhealthy@1', 'failed@3: Health check failed 3 times in a row: exit 1']);
  expect(asked).toBe(3);
});

test('a success in between begins the count anew', async () => {
  start('+--+--+', { consecutive_failures: 3 });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(heard).toEqual(['healthy@1', 'unhealthy@2', 'healthy@4', 'unhealthy@5', 'healthy@7']);
});

test('failures in the grace period do not count before the first success', async () => {
  start('-', { consecutive_failures: 1, grace_period_seconds: 10 });
  await vi.advanceTimersByTimeAsync(9_500);
  expect(heard).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(heard).toEqual(['unhealthy@11', 'failed@11: Health check failed 1 time in a row: exit 1']);
});

test('after the first success they count, grace period or not', async () => {
  start('+-', { consecutive_failures: 2, grace_period_seconds: 3600 });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(heard.slice(0, 2)).toEqual(['healthy@1', 'unhealthy@2']);
  expect(heard[2]).toContain('failed@3');
});

test('healthy only after as many successes in a row as the job wants', async () => {
  start('++-+++', { consecutive_failures: 5 }, '3');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(heard).toEqual(['unhealthy@3', 'healthy@6']);
});

test('the first check waits for the delay; a stopped watch asks nothing more', async () => {
  start('+', { delay_seconds: 5 });
  await vi.advanceTimersByTimeAsync(4_999);
  expect(asked).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toBe(1);
  watch?.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(1);
});
