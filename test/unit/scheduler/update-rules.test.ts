import { describe, expect, test } from 'vitest';
import { updateProgress } from '../../../server/scheduler/update/progress.ts';
import type { Job, TaskConfig, UpdateSettings } from '../../../shared/job/config.ts';
import { job } from '../../support/jobs.ts';
import { UpdateDriver } from '../../support/update-driver.ts';

const KEY = 'web/prod/api';

/** The version is what the shell line says. */
function version(
  line: string,
  instances: number,
  update: Partial<UpdateSettings> = {},
  task: Partial<TaskConfig> = {},
): Job {
  return job(KEY, instances, { command: { kind: 'shell', line }, ...task }, update);
}

function running(instances: number, task: Partial<TaskConfig> = {}): UpdateDriver {
  const driver = new UpdateDriver(KEY);
  expect(driver.submit(version('v1', instances, {}, task)).ok).toBe(true);
  driver.obey();
  driver.now += 600_000;
  return driver;
}

const lines = (driver: UpdateDriver): string[] =>
  driver.active().map(({ instance, status, config }) => {
    const command = driver.world.configs.get(config)?.command;
    return `${instance} ${status} ${command?.kind === 'shell' ? command.line : ''}`;
  });
const marks = (driver: UpdateDriver): string[] =>
  updateProgress(driver.world, driver.update(), driver.now).instances.map(({ mark }) => mark);

describe('the way back', () => {
  test('never waits for an instance that the way forward had not taken up', () => {
    const driver = running(3);
    driver.submit(version('v2', 3));
    driver.report(2, 'FAILED', 'its own trouble');
    driver.steer('rollback');
    driver.pass(60, [2]);
    expect(driver.update().status).toBe('ROLLED_BACK');
    expect(driver.task(2).status).toBe('PENDING');
  });

  test.each([
    ['goes on', false],
    ['starts again', true],
  ])('counts failures from its beginning, not from its last pause, when the scheduler %s', (_what, again) => {
    const driver = running(2);
    driver.submit(version('v2', 2));
    driver.pass(1);
    driver.steer('rollback');
    driver.obey();
    for (const command of ['pause', 'resume'] as const) {
      driver.now += 1000;
      driver.steer(command);
    }
    if (again) driver.restart();
    driver.report(0, 'FAILED', 'exit 3');
    expect(driver.update().events.at(-1)).toMatchObject({
      status: 'FAILED',
      message: 'Latest failure: instance 0 FAILED: exit 3',
    });
  });

  test('counts what failed while it was paused', () => {
    const driver = running(2);
    driver.submit(version('v2', 2));
    driver.pass(1);
    driver.steer('rollback');
    driver.obey();
    driver.steer('pause');
    driver.report(0, 'FAILED', 'exit 3');
    expect(driver.update().status).toBe('ROLL_BACK_PAUSED');
    driver.now += 1000;
    driver.steer('resume');
    expect(driver.update().status).toBe('FAILED');
  });

  test.each(['ABORTED', 'FAILED'] as const)('is still told as such when it ends as %s', (status) => {
    const driver = running(3);
    driver.submit(version('v2', 3));
    driver.pass(5);
    driver.steer('rollback');
    // The reverse order: 1 goes back and is done, then 0.
    driver.pass(5);
    expect(marks(driver)).toEqual(['WORKING', 'ROLLED_BACK', 'OLD']);
    if (status === 'ABORTED') driver.steer('abort');
    else driver.report(0, 'FAILED');
    expect(driver.update().status).toBe(status);
    expect(marks(driver).slice(1)).toEqual(['ROLLED_BACK', 'OLD']);
  });

  test('goes on after a restart of the scheduler with the same instances left out', () => {
    const driver = running(4);
    driver.submit(version('v2', 4));
    driver.pass(6);
    const untouched = [2, 3].map((instance) => driver.task(instance).id);
    driver.steer('rollback');
    driver.restart();
    driver.pass(60);
    expect(driver.update().status).toBe('ROLLED_BACK');
    expect([2, 3].map((instance) => driver.task(instance).id)).toEqual(untouched);
    expect(lines(driver)).toEqual(['0 RUNNING v1', '1 RUNNING v1', '2 RUNNING v1', '3 RUNNING v1']);
  });
});

describe('failures', () => {
  test('the reason is what the end said, and nothing older', () => {
    const driver = running(1);
    driver.submit(version('v2', 1, { maxPerInstanceFailures: 1, watchSecs: 30 }));
    driver.obey();
    driver.report(0, 'FAILED', 'exit 3');
    driver.pass(61);
    driver.report(0, 'FINISHED');
    expect(driver.update().events[1]).toMatchObject({
      status: 'ROLLING_BACK',
      message: 'Latest failure: instance 0 FINISHED.',
    });
  });

  test('of an instance that a rolling restart has not taken up yet are not its own', () => {
    const driver = running(2);
    driver.command({ kind: 'job.restart', key: driver.key });
    for (let crashes = 0; crashes < 2; crashes++) {
      driver.now += 400_000;
      driver.report(1, 'FAILED', 'its own trouble');
      driver.report(1, 'RUNNING');
    }
    expect(driver.update().steps.has(1)).toBe(false);
    driver.pass(60);
    expect(driver.update().status).toBe('ROLLED_FORWARD');
    expect(driver.update().steps.get(1)).toMatchObject({ state: 'succeeded', failures: 0 });
  });

  test('of a partitioned task that it gives up are not its own: that task was not of its making', () => {
    const driver = running(1);
    driver.report(0, 'PARTITIONED');
    // Long enough not to count as flapping.
    driver.now += 600_000;
    driver.command({ kind: 'job.restart', key: driver.key });
    expect(driver.task(0)).toMatchObject({ status: 'PENDING', createdAtMs: driver.now });
    driver.pass(10);
    expect(driver.update()).toMatchObject({ status: 'ROLLED_FORWARD' });
  });

  test('of an instance that it has taken up are', () => {
    const driver = running(2);
    driver.command({ kind: 'job.restart', key: driver.key });
    driver.obey();
    driver.report(0, 'FAILED', 'exit 3');
    expect(driver.update().events.at(-1)).toMatchObject({
      status: 'FAILED',
      message: 'Latest failure: instance 0 FAILED: exit 3',
    });
  });
});

describe('a job of which only some instances are wanted', () => {
  test('is created with these', () => {
    const driver = new UpdateDriver(KEY);
    expect(driver.submit(version('v1', 5), [[1, 2]])).toMatchObject({
      value: { action: 'created', affected: 2 },
    });
    driver.obey();
    expect(lines(driver)).toEqual(['1 RUNNING v1', '2 RUNNING v1']);
    expect(driver.world.jobs.get(driver.key)?.instances).toBe(2);
  });

  test('is not created with others than it has', () => {
    const driver = new UpdateDriver(KEY);
    expect(driver.submit(version('v1', 2), [[1, 3]])).toMatchObject({
      ok: false,
      error: { code: 'invalid_parameter', message: expect.stringContaining('state: [2, 3]') as string },
    });
    expect(driver.world.jobs.size).toBe(0);
  });

  test('is scaled by them, and back again', () => {
    const driver = running(3);
    driver.submit(version('v1', 6), [[5, 5]]);
    driver.pass(1);
    expect(driver.world.jobs.get(driver.key)?.instances).toBe(4);
    driver.steer('rollback');
    driver.pass(10);
    expect(lines(driver)).toHaveLength(3);
    expect(driver.world.jobs.get(driver.key)?.instances).toBe(3);
  });
});

describe('only services can be updated', () => {
  const CASES = [
    ['a running ad-hoc job by an ad-hoc job', false, false, 'is running and is no service'],
    ['a running ad-hoc job by a service', false, true, 'is running and is no service'],
    ['a service by an ad-hoc job', true, false, 'is a running service and would become none'],
  ] as const;
  test.each(CASES)('%s', (_what, from, to, message) => {
    const driver = running(2, { isService: from });
    const before = lines(driver);
    expect(driver.submit(version('v2', 2, {}, { isService: to }))).toMatchObject({
      ok: false,
      error: { code: 'invalid_parameter', message: expect.stringContaining(message) as string },
    });
    expect(driver.world.updates.size).toBe(0);
    expect(lines(driver)).toEqual(before);
  });

  test('an ad-hoc job that has finished is simply created anew', () => {
    const driver = running(1, { isService: false });
    driver.report(0, 'FINISHED');
    expect(driver.submit(version('v2', 1, {}, { isService: false }))).toMatchObject({
      value: { action: 'created' },
    });
  });
});

test('an operator who pauses in the words of autopause does not use up an automatic pause', () => {
  const driver = running(4);
  driver.submit(version('v2', 4, { strategy: { kind: 'batch', groupSize: 2, autopauseAfterBatch: true } }));
  driver.steer('pause', 'Update auto paused');
  driver.steer('resume');
  driver.pass(60);
  expect(driver.update().events.at(-1)).toMatchObject({
    status: 'ROLL_FORWARD_PAUSED',
    message: 'Update auto paused',
    user: null,
  });
  expect(lines(driver)).toEqual(['0 RUNNING v2', '1 RUNNING v2', '2 RUNNING v1', '3 RUNNING v1']);
});
