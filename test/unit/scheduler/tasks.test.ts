import { expect, test } from 'vitest';
import type { JobKey, TaskId } from '../../../shared/ids.ts';
import type { HealthCheckConfig, TaskConfig } from '../../../shared/job/config.ts';
import type { TaskState, TaskStatus as MesosStatus } from '../../../shared/mesos/v1.ts';
import type { TaskStatus } from '../../../shared/task-states.ts';
import type { Limits } from '../../../server/scheduler/facts.ts';
import { SchedulerHarness } from '../../support/scheduler-harness.ts';
import { job } from '../../support/jobs.ts';

const KEY = 'web/prod/api' as JobKey;
const MINUTE = 60;
const CHECK: HealthCheckConfig = {
  check: { kind: 'shell', command: 'true' },
  initialIntervalSecs: 15,
  intervalSecs: 10,
  timeoutSecs: 1,
  maxConsecutiveFailures: 0,
  minConsecutiveSuccesses: 1,
};

function running(
  count: number,
  task: Partial<TaskConfig> = {},
  limits: Partial<Limits> = {},
): SchedulerHarness {
  const harness = new SchedulerHarness({ limits });
  harness.agent('a1');
  harness.run(job(KEY, count, task));
  return harness;
}

const lines = (harness: SchedulerHarness): string[] => harness.instances(KEY).map((line) => line.trim());
const statusOf = (harness: SchedulerHarness, id: TaskId): TaskStatus | 'gone' =>
  harness.world.tasks.get(id)?.status ?? 'gone';
const attempts = (harness: SchedulerHarness): number => harness.world.tasksByJob.get(KEY)?.size ?? 0;

// Replacements -----------------------------------------------------------------------------------------------------------------

const ENDS = [
  // A service is replaced whatever its end.
  ['a service', {}, 'TASK_FINISHED', true],
  ['a service', {}, 'TASK_FAILED', true],
  ['a service', {}, 'TASK_KILLED', true],
  ['a service', {}, 'TASK_LOST', true],
  // An ad-hoc job ends when it is done; what it did not do itself is made good.
  ['an ad-hoc job', { isService: false }, 'TASK_FINISHED', false],
  ['an ad-hoc job', { isService: false }, 'TASK_FAILED', false],
  ['an ad-hoc job', { isService: false }, 'TASK_KILLED', true],
  ['an ad-hoc job', { isService: false }, 'TASK_LOST', true],
  ['an ad-hoc job with retries', { isService: false, maxTaskFailures: 2 }, 'TASK_FAILED', true],
  ['an ad-hoc job that never gives up', { isService: false, maxTaskFailures: -1 }, 'TASK_FAILED', true],
] as const;

test.each(ENDS)('%s %j, %s: replaced %s', (_what, config, state, replaced) => {
  const harness = running(1, config);
  harness.advance(6 * MINUTE);
  const { id } = harness.task(KEY);
  harness.report(id, state);
  harness.deliverAll();
  expect(harness.world.activeByJob.has(KEY)).toBe(replaced);
  if (replaced) expect(harness.task(KEY)).toMatchObject({ ancestor: id, status: 'RUNNING' });
});

test('an ad-hoc job is given up at its last failure, counted along the attempts', () => {
  const harness = running(1, { isService: false, maxTaskFailures: 3 });
  for (const failures of [1, 2]) {
    harness.advance(10 * MINUTE);
    harness.report(harness.task(KEY).id, 'TASK_FAILED');
    expect(harness.task(KEY).failures).toBe(failures);
  }
  harness.advance(10 * MINUTE);
  const { id } = harness.task(KEY);
  harness.report(id, 'TASK_FAILED');
  expect(harness.world.tasks.get(id)).toMatchObject({ status: 'FAILED', failures: 3 });
  expect(harness.world.activeByJob.has(KEY)).toBe(false);
});

// Flapping ---------------------------------------------------------------------------------------------------------------------

test('who falls over soon waits 30 s to 60 s, then up to twice as long each time, at most five minutes', () => {
  const harness = running(1);
  let most = 60;
  for (let fall = 0; fall < 6; fall++) {
    harness.report(harness.task(KEY).id, 'TASK_FAILED');
    const { status, wakeAtMs, events } = harness.task(KEY);
    const waitMs = (wakeAtMs ?? 0) - harness.now;
    expect(status).toBe('THROTTLED');
    expect(events[0]?.message).toBe(`Rescheduled, penalized for ${waitMs} ms for flapping`);
    expect(waitMs).toBeGreaterThanOrEqual(30_000);
    expect(waitMs).toBeLessThanOrEqual(most * 1000);
    harness.advance(waitMs / 1000 - 0.001);
    expect(harness.task(KEY).status).toBe('THROTTLED');
    harness.advance(0.001);
    expect(lines(harness)).toEqual(['0 RUNNING sleep 1000']);
    most = Math.min(300, most * 2);
  }
});

test('five minutes of good behaviour are forgiveness', () => {
  const harness = running(1);
  harness.report(harness.task(KEY).id, 'TASK_FAILED');
  harness.advance(2 * MINUTE + 299);
  const early = harness.task(KEY);
  expect(harness.now - (early.events.at(-1)?.atMs ?? 0)).toBeGreaterThan(299_000);
  harness.advance(5 * MINUTE);
  harness.report(early.id, 'TASK_FAILED');
  harness.deliverAll();
  expect(harness.task(KEY)).toMatchObject({ status: 'RUNNING', ancestor: early.id });
});

test('who was asked to stop does not flap', () => {
  const harness = running(1);
  harness.command({ kind: 'job.restart', key: KEY, now: true });
  harness.deliverAll();
  expect(harness.task(KEY)).toMatchObject({ status: 'RUNNING' });
  expect(harness.task(KEY).events[0]?.message).toBe('Rescheduled');
});

test('a throttled task still waits, and no longer, after a restart of the scheduler', () => {
  const harness = running(1);
  harness.report(harness.task(KEY).id, 'TASK_FAILED');
  const { wakeAtMs } = harness.task(KEY);
  harness.restart();
  harness.advance(((wakeAtMs ?? 0) - harness.now) / 1000 - 0.001);
  expect(harness.task(KEY).status).toBe('THROTTLED');
  harness.advance(0.001);
  expect(harness.task(KEY).status).toBe('RUNNING');
});

// Silence ----------------------------------------------------------------------------------------------------------------------

test('a launch that nobody speaks of is lost after five minutes, killed to be sure, and replaced', () => {
  const harness = new SchedulerHarness();
  harness.onLaunch = () => [];
  harness.agent('a1');
  harness.run(job(KEY, 1));
  const { id } = harness.task(KEY);
  harness.advance(299);
  expect(statusOf(harness, id)).toBe('ASSIGNED');
  harness.advance(1);
  expect(harness.world.tasks.get(id)?.events.at(-1)).toMatchObject({
    status: 'LOST',
    message: 'Task timed out',
  });
  expect(harness.killsOf(id)).toBe(1);
  expect(harness.task(KEY).ancestor).toBe(id);
});

test('STARTING may take as long as its health check allows', () => {
  const harness = new SchedulerHarness();
  harness.onLaunch = () => ['TASK_STARTING'];
  harness.agent('a1');
  harness.run(job(KEY, 1));
  harness.advance(60 * MINUTE);
  expect(lines(harness)).toEqual(['0 STARTING sleep 1000']);
});

test('a kill is repeated after 15, 30, 60 and 120 s; after five minutes the task is lost', () => {
  const harness = running(1);
  harness.onKill = () => [];
  const { id } = harness.task(KEY);
  const startMs = harness.now;
  harness.command({ kind: 'job.kill', key: KEY });
  const at: number[] = [];
  for (let kills = 0; statusOf(harness, id) === 'KILLING'; harness.advance(1)) {
    if (harness.killsOf(id) > kills) at.push((harness.now - startMs) / 1000);
    kills = harness.killsOf(id);
  }
  expect(at).toEqual([0, 15, 45, 105, 225]);
  expect(harness.world.tasks.get(id)?.events.at(-1)).toMatchObject({
    status: 'LOST',
    atMs: startMs + 300_000,
  });
  expect(harness.world.activeByJob.has(KEY)).toBe(false);
});

test('a scheduler that was away gives a kill its whole time again, instead of giving the task up unasked', () => {
  const harness = running(1);
  harness.onKill = () => [];
  const { id } = harness.task(KEY);
  harness.command({ kind: 'job.kill', key: KEY });
  harness.now += 60 * MINUTE * 1000;
  harness.restart();
  harness.advance(299);
  expect(statusOf(harness, id)).toBe('KILLING');
  expect(harness.killsOf(id)).toBe(5);
  harness.advance(1);
  expect(statusOf(harness, id)).toBe('LOST');
});

// Zombies and orphans ------------------------------------------------------------------------------------------------------------

test.each(['TASK_STARTING', 'TASK_RUNNING'] as const)(
  'a task given up that reports %s is killed again',
  (state) => {
    const harness = running(1, { isService: false });
    const { id } = harness.task(KEY);
    harness.report(id, 'TASK_LOST');
    const calls = harness.report(id, state, { agent_id: { value: 'a1' }, uuid: 'late' });
    expect(calls.map(({ type }) => type)).toContain('KILL');
    expect(statusOf(harness, id)).toBe('LOST');
  },
);

test('a task that nobody knows is killed when it lives, and acknowledged when it has ended', () => {
  const harness = running(1);
  const stranger = { agent_id: { value: 'a1' }, uuid: 'u1' } as const;
  const alive = harness.report('stranger' as TaskId, 'TASK_RUNNING', stranger);
  expect(alive.map(({ type }) => type)).toEqual(['KILL', 'ACKNOWLEDGE']);
  const ended = harness.report('stranger' as TaskId, 'TASK_FINISHED', stranger);
  expect(ended.map(({ type }) => type)).toEqual(['ACKNOWLEDGE']);
});

test('a repeated status update writes nothing and is acknowledged', () => {
  const harness = running(1);
  const writes = harness.writes.length;
  const calls = harness.report(harness.task(KEY).id, 'TASK_RUNNING');
  expect(calls.map(({ type }) => type)).toEqual(['ACKNOWLEDGE']);
  expect(harness.writes).toHaveLength(writes);
});

test('what the master itself says has no uuid and must not be acknowledged', () => {
  const harness = running(1);
  harness.master.lose('a1', 'TASK_LOST');
  const before = harness.calls.length;
  harness.deliverAll();
  expect(harness.calls.slice(before).filter(({ type }) => type === 'ACKNOWLEDGE')).toEqual([]);
});

test('an agent out of reach: replaced at once elsewhere, and killed when it comes back', () => {
  const harness = running(1);
  harness.agent('a2');
  const { id } = harness.task(KEY);
  harness.advance(6 * MINUTE);
  harness.master.lose('a1', 'TASK_UNREACHABLE');
  harness.deliverAll();
  expect(harness.world.tasks.get(id)?.events.slice(-2)).toMatchObject([
    { status: 'PARTITIONED' },
    { status: 'LOST', message: 'Task partitioned for too long.' },
  ]);
  expect(harness.task(KEY)).toMatchObject({ status: 'RUNNING', host: 'a2' });
  const kills = harness.killsOf(id);
  harness.report(id, 'TASK_RUNNING', { agent_id: { value: 'a1' }, uuid: 'back' });
  expect(harness.killsOf(id)).toBe(kills + 1);
});

// What Mesos says and what we make of it -------------------------------------------------------------------------------------------

type Reported = readonly [TaskState, Partial<MesosStatus>, TaskStatus];

/** From ASSIGNED; for an ended task the status that it ended with. */
const PLAIN: readonly Reported[] = [
  ['TASK_STAGING', {}, 'ASSIGNED'],
  ['TASK_STARTING', {}, 'STARTING'],
  ['TASK_RUNNING', {}, 'RUNNING'],
  ['TASK_KILLING', {}, 'ASSIGNED'],
  ['TASK_FINISHED', {}, 'FINISHED'],
  ['TASK_FAILED', {}, 'FAILED'],
  ['TASK_KILLED', {}, 'KILLED'],
  ['TASK_KILLED', { healthy: false }, 'FAILED'],
  ['TASK_ERROR', {}, 'LOST'],
  ['TASK_LOST', {}, 'LOST'],
  ['TASK_DROPPED', {}, 'LOST'],
  ['TASK_GONE', {}, 'LOST'],
  ['TASK_GONE_BY_OPERATOR', {}, 'LOST'],
  ['TASK_UNREACHABLE', {}, 'LOST'],
  ['TASK_UNKNOWN', {}, 'LOST'],
];
const CHECKED: readonly Reported[] = [
  ['TASK_RUNNING', {}, 'STARTING'],
  ['TASK_RUNNING', { healthy: false }, 'STARTING'],
  ['TASK_RUNNING', { healthy: true }, 'RUNNING'],
];

test.each([
  ...PLAIN.map((row) => ['without a check', null, ...row] as const),
  ...CHECKED.map((row) => ['with a health check', CHECK, ...row] as const),
])('%s %j: %s %j means %s', (_what, healthCheck, state, more, status) => {
  const harness = new SchedulerHarness();
  harness.onLaunch = () => [];
  harness.agent('a1');
  harness.run(job(KEY, 1, { healthCheck }));
  const { id } = harness.task(KEY);
  harness.report(id, state, more);
  expect(statusOf(harness, id)).toBe(status);
});

test('once healthy, a task stays RUNNING until its agent kills it for its health', () => {
  const harness = new SchedulerHarness();
  harness.onLaunch = () => [];
  harness.agent('a1');
  harness.run(job(KEY, 1, { healthCheck: CHECK }));
  const { id } = harness.task(KEY);
  harness.report(id, 'TASK_RUNNING', { healthy: true });
  harness.report(id, 'TASK_RUNNING', { healthy: false });
  expect(harness.world.tasks.get(id)).toMatchObject({ status: 'RUNNING', healthy: false });
  harness.report(id, 'TASK_KILLED', { healthy: false, message: 'status 500' });
  expect(harness.world.tasks.get(id)?.events.at(-1)).toMatchObject({
    status: 'FAILED',
    message: 'Failed health check! status 500',
  });
});

test('a task that somebody ended was killed, healthy or not', () => {
  const harness = running(1);
  harness.onKill = () => [];
  const { id } = harness.task(KEY);
  harness.command({ kind: 'job.kill', key: KEY });
  harness.report(id, 'TASK_KILLED', { healthy: false });
  expect(statusOf(harness, id)).toBe('KILLED');
});

test.each([
  ['REASON_CONTAINER_LIMITATION_MEMORY', 'Task used more memory than requested.'],
  ['REASON_CONTAINER_LIMITATION_DISK', 'Task used more disk than requested.'],
])('%s is told in words', (reason, message) => {
  const harness = running(1);
  const { id } = harness.task(KEY);
  harness.report(id, 'TASK_FAILED', { reason, message: 'cgroup event 42' });
  expect(harness.world.tasks.get(id)?.events.at(-1)?.message).toBe(message);
});

// Scale and kill ---------------------------------------------------------------------------------------------------------------

test('scaled up, the lowest free ids are added; scaled down, the highest go', () => {
  const harness = running(2);
  expect(harness.command({ kind: 'job.scale', key: KEY, instances: 4 })).toMatchObject({
    value: { action: 'scaled', affected: 2 },
  });
  harness.deliverAll();
  expect([...(harness.world.activeByJob.get(KEY)?.keys() ?? [])]).toEqual([0, 1, 2, 3]);
  harness.command({ kind: 'job.scale', key: KEY, instances: 1 });
  harness.deliverAll();
  expect([...(harness.world.activeByJob.get(KEY)?.keys() ?? [])]).toEqual([0]);
});

test.each([
  ['to nothing', KEY, 0, 'invalid_parameter', 'dawn job kill web/prod/api'],
  ['beyond the limit', KEY, 4001, 'invalid_parameter', ''],
  ['by half', KEY, 1.5, 'invalid_parameter', ''],
  ['of an unknown job', 'no/such/job' as JobKey, 2, 'not_found', 'dawn job list'],
] as const)('scaling %s is refused and writes nothing', (_what, key, instances, code, hint) => {
  const harness = running(2);
  const writes = harness.writes.length;
  const reply = harness.command({ kind: 'job.scale', key, instances });
  expect(reply).toMatchObject({ ok: false, error: { code } });
  expect(reply.ok ? '' : (reply.error.hint ?? '')).toContain(hint);
  expect(harness.writes).toHaveLength(writes);
});

test('some instances killed: the others live on, and the job wants as many as are left', () => {
  const harness = running(4);
  harness.onKill = () => [];
  const kill = (instance: number): unknown =>
    harness.command({ kind: 'job.kill', key: KEY, only: [[instance, instance]] });
  expect(kill(1)).toMatchObject({ value: { action: 'killed', affected: 1 } });
  expect(harness.world.jobs.get(KEY)?.instances).toBe(3);
  // The first is still on its way out and must not count as one that is left.
  kill(2);
  expect(harness.world.jobs.get(KEY)?.instances).toBe(2);
});

test('the whole job killed: it says who and why, and what waited is gone at once', () => {
  const harness = running(2);
  const large = job('web/prod/large', 1, { cpu: 100 });
  harness.run(large);
  const { id } = harness.task(KEY);
  harness.command({ kind: 'job.kill', key: KEY, message: 'end of the trial' });
  expect(harness.world.tasks.get(id)?.events.at(-1)?.message).toBe('Killed by ann.\nend of the trial');
  harness.command({ kind: 'job.kill', key: large.key });
  expect(harness.world.tasksByJob.has(large.key)).toBe(false);
  harness.deliverAll();
  expect(statusOf(harness, id)).toBe('KILLED');
  expect(harness.world.activeByJob.size).toBe(0);
});

test('killing what does not run is no error; killing what is unknown is', () => {
  const harness = running(1);
  expect(harness.command({ kind: 'job.kill', key: KEY, only: [[7, 9]] })).toMatchObject({
    value: { action: 'unchanged', message: 'No tasks to kill.' },
  });
  expect(harness.command({ kind: 'job.kill', key: 'no/such/job' as JobKey })).toMatchObject({
    error: { code: 'not_found', message: 'no job no/such/job' },
  });
});

// Reconciliation and history -----------------------------------------------------------------------------------------------------

test('reconciliation: at once after the subscription, then every ten minutes, by name and then of everything', () => {
  const harness = running(3);
  const asked = (): number[] =>
    harness.calls.flatMap((call) => (call.type === 'RECONCILE' ? [call.reconcile.tasks?.length ?? 0] : []));
  expect(asked()).toEqual([]);
  harness.advance(0);
  expect(asked()).toEqual([3, 0]);
  harness.advance(599);
  expect(asked()).toEqual([3, 0]);
  harness.advance(1);
  expect(asked()).toEqual([3, 0, 3, 0]);
});

/** An ad-hoc job of which `count` attempts ended, a minute apart. */
function history(count: number, limits: Partial<Limits> = {}): SchedulerHarness {
  const harness = running(1, { isService: false, maxTaskFailures: count }, limits);
  for (let ended = 0; ended < count; ended++) {
    harness.advance(10 * MINUTE);
    harness.report(harness.task(KEY).id, 'TASK_FAILED');
  }
  return harness;
}

test('ended tasks are kept for two days, and the job of an ad-hoc run no longer than its tasks', () => {
  const harness = history(2);
  harness.advance(47 * 60 * MINUTE);
  expect(attempts(harness)).toBe(2);
  harness.advance(2 * 60 * MINUTE);
  expect(attempts(harness)).toBe(0);
  expect(harness.world.jobs.has(KEY)).toBe(false);
  expect(harness.world.configs.size).toBe(0);
});

test('of many ended tasks the oldest go earlier, but none within its first hour', () => {
  const harness = history(12, { taskHistoryPerJobMax: 2 });
  // Ten minutes apart, pruned every quarter of an hour: what ended within the hour is still there.
  expect(attempts(harness)).toBeGreaterThanOrEqual(6);
  expect(attempts(harness)).toBeLessThan(12);
  harness.advance(75 * MINUTE);
  expect(attempts(harness)).toBe(2);
});

test('a killed job is forgotten with its last task; a service that is wanted never is', () => {
  const harness = running(1);
  const other = job('web/prod/other', 1);
  harness.run(other);
  harness.command({ kind: 'job.kill', key: KEY });
  harness.advance(49 * 60 * MINUTE);
  expect([...harness.world.jobs.keys()]).toEqual([other.key]);
});

test('of finished updates the newest are kept, as many as the limit says', () => {
  const harness = running(1, {}, { updateHistoryPerJobMax: 3 });
  for (let at = 0; at < 5; at++) {
    harness.run(job(KEY, 1, { env: { AT: String(at) } }));
    harness.advance(10);
  }
  const ids = harness.world.updatesByJob.get(KEY) ?? [];
  harness.advance(16 * MINUTE);
  expect(harness.world.updatesByJob.get(KEY)).toEqual(ids.slice(-3));
});
