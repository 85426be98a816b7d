import { array, assert, constantFrom, integer, nat, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import type { JobKey } from '../../../shared/ids.ts';
import type { Job, UpdateSettings } from '../../../shared/job/config.ts';
import type { UpdateCommand } from '../../../shared/update-states.ts';
import { SchedulerHarness } from '../../support/scheduler-harness.ts';
import { job } from '../../support/jobs.ts';

const KEY = 'web/prod/api' as JobKey;

/** The job at a version: the version is what its shell line says, so that every version is another config. */
function version(name: string, instances: number, update: Partial<UpdateSettings> = {}): Job {
  return job(KEY, instances, { command: { kind: 'shell', line: name } }, update);
}

/** `count` instances of v1, running for long. */
function running(count: number, seed = 1): SchedulerHarness {
  const harness = new SchedulerHarness({ seed });
  harness.agent('a1');
  harness.agent('a2');
  harness.run(version('v1', count));
  harness.advance(600);
  expect(harness.instances(KEY)).toEqual(all(count, 'v1'));
  return harness;
}

const all = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, instance) => `${instance} RUNNING ${name}`);

const queue = (groupSize: number): Partial<UpdateSettings> => ({ strategy: { kind: 'queue', groupSize } });
const batch = (groupSize: number, autopauseAfterBatch = false): Partial<UpdateSettings> => ({
  strategy: { kind: 'batch', groupSize, autopauseAfterBatch },
});

const steer = (
  harness: SchedulerHarness,
  command: UpdateCommand,
): ReturnType<SchedulerHarness['command']> => {
  const reply = harness.command({ kind: 'update.command', command, key: KEY });
  harness.deliverAll();
  return reply;
};

const statuses = (harness: SchedulerHarness): string[] =>
  harness.update(KEY).events.map((event) => event.status);

const begun = (harness: SchedulerHarness): number[] =>
  harness
    .update(KEY)
    .instanceEvents.filter(({ action }) => action === 'INSTANCE_UPDATING')
    .map(({ instance }) => instance);

test('a queue of two: the next instance is taken up as soon as one is done', () => {
  const harness = running(5);
  harness.run(version('v2', 5, queue(2)));
  expect(begun(harness)).toEqual([0, 1]);
  harness.advance(4);
  expect(begun(harness)).toEqual([0, 1]);
  harness.advance(1);
  expect(begun(harness)).toEqual([0, 1, 2, 3]);
  harness.advance(5);
  expect(begun(harness)).toEqual([0, 1, 2, 3, 4]);
  expect(harness.update(KEY).status).toBe('ROLLING_FORWARD');
  harness.advance(5);
  expect(harness.update(KEY).status).toBe('ROLLED_FORWARD');
  expect(harness.instances(KEY)).toEqual(all(5, 'v2'));
});

test('a batch of two waits for both', () => {
  const harness = running(5);
  harness.onLaunch = ({ task_id }) => (task_id.value.includes('-api-1-') ? [] : ['TASK_RUNNING']);
  harness.run(version('v2', 5, batch(2)));
  harness.advance(60);
  expect(begun(harness)).toEqual([0, 1]);
  harness.report(harness.task(KEY, 1).id, 'TASK_RUNNING');
  harness.advance(5);
  expect(begun(harness)).toEqual([0, 1, 2, 3]);
});

test('a task that falls over inside its watch starts the watch anew, when it may fail', () => {
  const harness = running(1);
  harness.run(version('v2', 1, { watchSecs: 10, maxPerInstanceFailures: 1 }));
  harness.advance(9);
  harness.report(harness.task(KEY).id, 'TASK_FAILED');
  harness.advance(60);
  const retriedAtMs = harness.task(KEY).events.at(-1)?.atMs ?? 0;
  expect(harness.task(KEY).status).toBe('RUNNING');
  harness.advance(10);
  const { status, instanceEvents } = harness.update(KEY);
  expect(status).toBe('ROLLED_FORWARD');
  expect(instanceEvents.at(-1)?.atMs).toBe(retriedAtMs + 10_000);
});

test('waiting for a host is no failure, however long it takes', () => {
  const harness = running(1);
  const large = version('v2', 1);
  harness.run({ ...large, task: { ...large.task, cpu: 100 } });
  harness.advance(3600);
  expect(harness.update(KEY).status).toBe('ROLLING_FORWARD');
  expect(harness.instances(KEY)).toEqual(['0 PENDING v2']);
});

const DISASTERS = [
  ['fails', 'TASK_FAILED', { message: 'exit code 3' }, 'FAILED: exit code 3'],
  ['is unhealthy', 'TASK_KILLED', { healthy: false, message: '503' }, 'FAILED: Failed health check! 503'],
  ['is lost', 'TASK_LOST', { message: 'agent removed' }, 'LOST: agent removed'],
  ['finishes, though a service', 'TASK_FINISHED', {}, 'FINISHED.'],
] as const;

test.each(DISASTERS)(
  'nobody is watching and the new version %s: everything is as it was before',
  (_what, state, more, reason) => {
    const harness = running(5);
    const before = { row: harness.world.jobs.get(KEY), tasks: harness.instances(KEY) };
    const untouched = [2, 3, 4].map((instance) => harness.task(KEY, instance).id);
    harness.run(version('v2', 5));
    harness.advance(6);
    harness.report(harness.task(KEY, 1).id, state, more);
    harness.advance(600);
    expect(statuses(harness)).toEqual(['ROLLING_FORWARD', 'ROLLING_BACK', 'ROLLED_BACK']);
    expect(harness.update(KEY).events[1]).toMatchObject({
      user: null,
      message: `Latest failure: instance 1 ${reason}`,
    });
    expect(harness.instances(KEY)).toEqual(before.tasks);
    expect({ ...harness.world.jobs.get(KEY), changedAtMs: 0 }).toEqual({ ...before.row, changedAtMs: 0 });
    // What had not been taken up was never touched.
    expect([2, 3, 4].map((instance) => harness.task(KEY, instance).id)).toEqual(untouched);
  },
);

test('without rollbackOnFailure the update fails and leaves things as they are', () => {
  const harness = running(3);
  harness.run(version('v2', 3, { rollbackOnFailure: false }));
  harness.report(harness.task(KEY, 0).id, 'TASK_FAILED');
  harness.advance(600);
  expect(statuses(harness)).toEqual(['ROLLING_FORWARD', 'FAILED']);
  expect(harness.instances(KEY)).toEqual(['0 RUNNING v2', '1 RUNNING v1', '2 RUNNING v1']);
});

test('as many instances may fail as the settings say', () => {
  const harness = running(3);
  harness.run(version('v2', 3, { maxFailedInstances: 1 }));
  harness.report(harness.task(KEY, 0).id, 'TASK_FAILED');
  harness.advance(600);
  expect(harness.update(KEY).status).toBe('ROLLED_FORWARD');
  expect(harness.update(KEY).steps.get(0)?.state).toBe('failed');
});

test('a failure on the way back ends in FAILED: nothing is left to go back to', () => {
  const harness = running(2);
  harness.run(version('v2', 2));
  harness.report(harness.task(KEY, 0).id, 'TASK_FAILED');
  harness.deliverAll();
  expect(harness.instances(KEY)[0]).toBe('0 RUNNING v1');
  harness.report(harness.task(KEY, 0).id, 'TASK_FAILED');
  expect(statuses(harness)).toEqual(['ROLLING_FORWARD', 'ROLLING_BACK', 'FAILED']);
});

test('only additions: what runs already is left alone', () => {
  const harness = running(2);
  const old = [0, 1].map((instance) => harness.task(KEY, instance).id);
  harness.run(version('v1', 4, queue(2)));
  harness.advance(30);
  expect(begun(harness)).toEqual([2, 3]);
  expect(harness.instances(KEY)).toEqual(all(4, 'v1'));
  expect([0, 1].map((instance) => harness.task(KEY, instance).id)).toEqual(old);
});

test('only removals: no watch, and the update wants no config', () => {
  const harness = running(4);
  harness.run(version('v1', 2));
  expect(harness.update(KEY)).toMatchObject({ status: 'ROLLED_FORWARD', desired: null });
  expect(harness.instances(KEY)).toEqual(all(2, 'v1'));
});

test('additions first, then changes, then removals; the way back is the reverse', () => {
  const harness = running(3);
  harness.run(version('v2', 2, { watchSecs: 0 }));
  expect(begun(harness)).toEqual([0, 1, 2]);
  const mixed = version('v3', 4, { watchSecs: 1 });
  harness.run(mixed);
  harness.advance(2);
  expect(begun(harness)).toEqual([2, 3, 0]);
  steer(harness, 'rollback');
  harness.advance(30);
  const back = harness.update(KEY).instanceEvents.filter(({ action }) => action === 'INSTANCE_ROLLING_BACK');
  expect(back.map(({ instance }) => instance)).toEqual([0, 3, 2]);
  expect(harness.instances(KEY)).toEqual(all(2, 'v2'));
});

test('autopause: before every batch but the first, never after the last', () => {
  const harness = running(5);
  harness.run(version('v2', 5, batch(2, true)));
  for (const taken of [2, 4]) {
    harness.advance(60);
    expect(begun(harness)).toHaveLength(taken);
    expect(harness.update(KEY).events.at(-1)).toMatchObject({
      status: 'ROLL_FORWARD_PAUSED',
      message: 'Update auto paused',
      user: null,
    });
    expect(steer(harness, 'resume').ok).toBe(true);
  }
  harness.advance(60);
  expect(harness.update(KEY).status).toBe('ROLLED_FORWARD');
});

test('paused, nothing new is begun; resumed, it goes on where it was', () => {
  const harness = running(3);
  harness.run(version('v2', 3));
  steer(harness, 'pause');
  harness.advance(600);
  expect(begun(harness)).toEqual([0]);
  expect(steer(harness, 'pause')).toMatchObject({ ok: true, value: { action: 'unchanged' } });
  steer(harness, 'resume');
  expect(begun(harness)).toEqual([0, 1]);
  harness.advance(60);
  expect(harness.update(KEY).status).toBe('ROLLED_FORWARD');
});

test('aborted, everything stays as it is, and the job can be changed again', () => {
  const harness = running(3);
  harness.run(version('v2', 3));
  expect(harness.command({ kind: 'job.scale', key: KEY, instances: 4 })).toMatchObject({
    ok: false,
    error: { code: 'job_updating' },
  });
  steer(harness, 'abort');
  harness.advance(600);
  expect(harness.update(KEY).status).toBe('ABORTED');
  expect(harness.instances(KEY)).toEqual(['0 RUNNING v2', '1 RUNNING v1', '2 RUNNING v1']);
  expect(steer(harness, 'resume')).toMatchObject({
    ok: false,
    error: { message: 'No active update found for this job.' },
  });
  expect(harness.command({ kind: 'job.scale', key: KEY, instances: 4 }).ok).toBe(true);
});

test('a second update is refused and names the first', () => {
  const harness = running(2);
  harness.run(version('v2', 2));
  const reply = harness.submit(version('v3', 2));
  expect(reply).toMatchObject({ ok: false, error: { code: 'job_updating' } });
  expect(reply.ok ? '' : reply.error.message).toContain(harness.update(KEY).id);
});

test('a restart replaces every task by one of the same config', () => {
  const harness = running(3);
  const [config, old] = [harness.task(KEY).config, [0, 1, 2].map((at) => harness.task(KEY, at).id)];
  expect(harness.command({ kind: 'job.restart', key: KEY })).toMatchObject({ value: { affected: 3 } });
  harness.deliverAll();
  expect(begun(harness)).toEqual([0]);
  harness.advance(60);
  expect(harness.update(KEY)).toMatchObject({ kind: 'restart', status: 'ROLLED_FORWARD' });
  const fresh = [0, 1, 2].map((at) => harness.task(KEY, at));
  expect(fresh.every((task) => task.config === config && !old.includes(task.id))).toBe(true);
});

test('a failing restart has nothing to go back to', () => {
  const harness = running(2);
  harness.command({ kind: 'job.restart', key: KEY });
  harness.deliverAll();
  harness.report(harness.task(KEY, 0).id, 'TASK_FAILED');
  expect(statuses(harness)).toEqual(['ROLLING_FORWARD', 'FAILED']);
});

test('restart --now goes through RESTARTING and needs no update', () => {
  const harness = running(2);
  harness.onKill = () => [];
  harness.command({ kind: 'job.restart', key: KEY, now: true, only: [[1, 1]] });
  expect(harness.instances(KEY)).toEqual(['0 RUNNING v1', '1 RESTARTING v1']);
  harness.report(harness.task(KEY, 1).id, 'TASK_KILLED');
  harness.deliverAll();
  expect(harness.instances(KEY)).toEqual(all(2, 'v1'));
  expect(harness.world.updates.size).toBe(0);
});

test('only some instances: they alone change, and new ones still run what the job runs', () => {
  const harness = running(3);
  expect(harness.submit(version('v2', 3), [[1, 1]])).toMatchObject({ value: { affected: 1 } });
  harness.deliverAll();
  harness.advance(60);
  expect(harness.instances(KEY)).toEqual(['0 RUNNING v1', '1 RUNNING v2', '2 RUNNING v1']);
  expect(harness.world.jobs.get(KEY)?.config).toBe(harness.task(KEY, 0).config);
});

test('only some instances that it has nothing to do with: refused in the words of Aurora', () => {
  const harness = running(3);
  expect(harness.submit(version('v2', 3), [[1, 4]])).toMatchObject({
    ok: false,
    error: {
      code: 'invalid_parameter',
      message:
        'The update request attempted to update specific instances, but some are irrelevant to the update and current job state: [3, 4]',
    },
  });
  expect(harness.world.updates.size).toBe(0);
});

test('what is as wanted already is no update; new update settings are kept all the same', () => {
  const harness = running(2);
  expect(harness.submit(version('v1', 2, { watchSecs: 77 }))).toMatchObject({
    value: { action: 'unchanged', message: 'Job is unchanged by proposed update.' },
  });
  expect(harness.world.updates.size).toBe(0);
  expect(harness.world.jobs.get(KEY)?.update.watchSecs).toBe(77);
});

const NO_GOOD = [
  ['no instances', version('v2', 0), 'Instance count must be between 1 and 4000 inclusive.'],
  ['too many', version('v2', 4001), 'Instance count must be between 1 and 4000 inclusive.'],
  ['no group', version('v2', 2, queue(0)), 'All update group sizes must be positive.'],
  ['a negative watch', version('v2', 2, { watchSecs: -1 }), 'watchSecs must be non-negative.'],
  [
    'failures beyond bound',
    version('v2', 2, { maxPerInstanceFailures: 10_001 }),
    'Your update allows too many failures to occur.',
  ],
] as const;

test.each(NO_GOOD)('an update with %s is refused and writes nothing', (_what, bad, message) => {
  const harness = running(2);
  const writes = harness.writes.length;
  expect(harness.submit(bad)).toMatchObject({ ok: false, error: { code: 'invalid_parameter', message } });
  expect(harness.writes).toHaveLength(writes);
});

test('a scheduler that starts again goes on with the same update and does no instance twice', () => {
  const harness = running(5);
  harness.run(version('v2', 5));
  harness.advance(12);
  const { id } = harness.update(KEY);
  const finished = [0, 1].map((instance) => harness.task(KEY, instance).id);
  expect([...harness.update(KEY).steps.values()].map(({ state }) => state)).toEqual([
    'succeeded',
    'succeeded',
    'working',
  ]);
  harness.restart();
  harness.advance(60);
  expect(harness.update(KEY)).toMatchObject({ id, status: 'ROLLED_FORWARD' });
  expect([0, 1].map((instance) => harness.task(KEY, instance).id)).toEqual(finished);
  expect(begun(harness)).toEqual([0, 1, 2, 3, 4]);
});

test('a scheduler that starts again on the way back gets there', () => {
  const harness = running(4);
  const before = harness.instances(KEY);
  harness.run(version('v2', 4));
  harness.advance(6);
  harness.report(harness.task(KEY, 1).id, 'TASK_FAILED');
  expect(harness.update(KEY).status).toBe('ROLLING_BACK');
  harness.restart();
  harness.advance(600);
  expect(harness.update(KEY).status).toBe('ROLLED_BACK');
  expect(harness.instances(KEY)).toEqual(before);
});

test('whatever the order of messages, pauses and restarts: never more instances out than the group is large', () => {
  const order = array(nat({ max: 1000 }), { minLength: 150, maxLength: 250 });
  const strategy = record({
    kind: constantFrom('queue', 'batch'),
    groupSize: integer({ min: 1, max: 3 }),
  });
  assert(
    property(order, strategy, integer({ min: 2, max: 6 }), (dice, { kind, groupSize }, count) => {
      const harness = running(count);
      harness.submit(version('v2', count, kind === 'queue' ? queue(groupSize) : batch(groupSize)));
      for (const roll of dice) {
        const up = harness.instances(KEY).filter((line) => line.includes('RUNNING')).length;
        expect(count - up).toBeLessThanOrEqual(groupSize);
        if (roll % 40 === 0) harness.restart();
        else if (roll % 20 === 1) harness.command({ kind: 'update.command', command: 'pause', key: KEY });
        else if (roll % 5 === 2) harness.command({ kind: 'update.command', command: 'resume', key: KEY });
        else if (harness.master.inbox.length > 0) harness.deliver(roll % harness.master.inbox.length);
        else {
          harness.now += (roll % 4) * 1000;
          harness.step({ kind: 'time' });
        }
      }
      steer(harness, 'resume');
      harness.advance(120);
      expect(harness.update(KEY).status).toBe('ROLLED_FORWARD');
      expect(harness.instances(KEY)).toEqual(all(count, 'v2'));
    }),
    { numRuns: 20 },
  );
}, 60_000);
