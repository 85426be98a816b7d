import { describe, expect, test } from 'vitest';
import type { TaskRow, UpdateRow } from '../../../server/scheduler/rows.ts';
import { diffJob } from '../../../server/scheduler/update/diff.ts';
import { directionOf } from '../../../server/scheduler/update/direction.ts';
import { evaluate } from '../../../server/scheduler/update/evaluate.ts';
import { updateProgress } from '../../../server/scheduler/update/progress.ts';
import { pausesBefore, room } from '../../../server/scheduler/update/strategy.ts';
import type { World } from '../../../server/scheduler/world.ts';
import { addUpdate, apply, emptyWorld, insertTask } from '../../../server/scheduler/world.ts';
import type { AgentId, ConfigId, InstanceRange, JobKey, TaskId, UpdateId } from '../../../shared/ids.ts';
import type { UpdateStrategy } from '../../../shared/job/config.ts';
import type { TaskStatus } from '../../../shared/task-states.ts';
import { taskConfig, updateSettings } from '../../support/jobs.ts';

const KEY = 'web/prod/api' as JobKey;
const [V1, V2] = ['v1' as ConfigId, 'v2' as ConfigId];
/** The update begins at 100 s; a table looks at 200 s; its watch is 10 s. */
const [BEGUN, NOW] = [100_000, 200_000];

interface Present {
  readonly status: TaskStatus;
  readonly config: ConfigId;
  /** Seconds in its status. */
  readonly forSecs?: number;
  readonly createdAtMs?: number;
  readonly ancestor?: TaskId;
  readonly instance?: number;
  readonly message?: string;
  readonly wakeAtMs?: number;
}

function task(id: string, present: Present): TaskRow {
  const { status, config, forSecs = 0, message } = present;
  const atMs = NOW - forSecs * 1000;
  const waits = status === 'PENDING' || status === 'THROTTLED';
  return {
    id: id as TaskId,
    job: KEY,
    instance: present.instance ?? 0,
    config,
    createdAtMs: present.createdAtMs ?? BEGUN,
    ancestor: present.ancestor ?? null,
    status,
    failures: 0,
    events: [
      { atMs: BEGUN, status: 'PENDING', message: 'Rescheduled' },
      message === undefined ? { atMs, status } : { atMs, status, message },
    ],
    agent: waits ? null : ('agent-1' as AgentId),
    host: waits ? null : 'host-1',
    ports: {},
    wakeAtMs: present.wakeAtMs ?? null,
    killAttempts: 0,
    container: null,
    ip: null,
    healthy: null,
  };
}

/** Instance 0 goes from v1 to v2, 1 is new, 2 is removed. */
function change(over: Partial<UpdateRow> = {}): UpdateRow {
  const one = (first: number, last = first): InstanceRange[] => [[first, last]];
  return {
    id: 'update-1' as UpdateId,
    job: KEY,
    kind: 'update',
    user: 'ann',
    message: null,
    createdAtMs: BEGUN,
    settings: updateSettings({ watchSecs: 10, maxPerInstanceFailures: 1 }),
    initial: [{ config: V1, ranges: [...one(0), ...one(2)] }],
    desired: { config: V2, ranges: one(0, 1) },
    previousJob: null,
    status: 'ROLLING_FORWARD',
    changedAtMs: BEGUN,
    events: [{ atMs: BEGUN, status: 'ROLLING_FORWARD', user: 'ann', message: null }],
    instanceEvents: [],
    steps: new Map(),
    ...over,
  };
}

function worldOf(update: UpdateRow, tasks: readonly TaskRow[]): World {
  const world = emptyWorld();
  for (const id of [V1, V2]) apply(world, { w: 'config', id, config: taskConfig() });
  for (const each of tasks) insertTask(world, each);
  addUpdate(world, update);
  return world;
}

const look = (update: UpdateRow, tasks: readonly TaskRow[], instance = 0): object =>
  evaluate(worldOf(update, tasks), update, directionOf(update), instance, NOW);

describe('forward, instance 0 from v1 to v2, taken up', () => {
  const working = { state: 'working', failures: 0, countedTask: null, wakeAtMs: null } as const;
  const taken = (): UpdateRow => change({ steps: new Map([[0, working]]) });
  const TABLE: readonly (readonly [TaskStatus, ConfigId, number, object])[] = [
    ['THROTTLED', V1, 0, { kind: 'kill' }],
    ['PENDING', V1, 0, { kind: 'kill' }],
    ['ASSIGNED', V1, 0, { kind: 'kill' }],
    ['STARTING', V1, 0, { kind: 'kill' }],
    ['RUNNING', V1, 0, { kind: 'kill' }],
    ['RESTARTING', V1, 0, { kind: 'kill' }],
    ['DRAINING', V1, 0, { kind: 'kill' }],
    ['PREEMPTING', V1, 0, { kind: 'kill' }],
    ['PARTITIONED', V1, 0, { kind: 'kill' }],
    ['KILLING', V1, 0, { kind: 'wait', untilMs: null }],
    ['THROTTLED', V2, 9999, { kind: 'wait', untilMs: null }],
    ['PENDING', V2, 9999, { kind: 'wait', untilMs: null }],
    ['ASSIGNED', V2, 9999, { kind: 'wait', untilMs: null }],
    ['STARTING', V2, 9999, { kind: 'wait', untilMs: null }],
    ['KILLING', V2, 9999, { kind: 'wait', untilMs: null }],
    ['PARTITIONED', V2, 9999, { kind: 'wait', untilMs: null }],
    ['RUNNING', V2, 0, { kind: 'wait', untilMs: NOW + 10_000 }],
    ['RUNNING', V2, 9, { kind: 'wait', untilMs: NOW + 1000 }],
    ['RUNNING', V2, 10, { kind: 'succeeded' }],
  ];
  test.each(TABLE)('%s with %s for %i s', (status, config, forSecs, verdict) => {
    expect(look(taken(), [task('t', { status, config, forSecs })])).toMatchObject(verdict);
  });
  test('no task: the new one is created', () => {
    expect(look(taken(), [])).toEqual({ kind: 'create', config: V2 });
  });

  /** Attempts that ended, oldest first, then the one that waits to be throttled no more. */
  const flapping = (...ends: readonly TaskStatus[]): TaskRow[] => {
    const chain = ends.map((status, at) =>
      task(`t${at}`, {
        status,
        config: V2,
        message: `end ${at}`,
        ...(at > 0 ? { ancestor: `t${at - 1}` as TaskId } : {}),
      }),
    );
    const ancestor = `t${ends.length - 1}` as TaskId;
    return [...chain, task('now', { status: 'THROTTLED', config: V2, ancestor, wakeAtMs: NOW + 1 })];
  };
  test.each(['FAILED', 'LOST', 'KILLED', 'FINISHED'] as const)(
    'one end as %s is borne with, two are not',
    (end) => {
      expect(look(taken(), flapping(end))).toMatchObject({ kind: 'wait', failures: 1, lastFailed: 't0' });
      expect(look(taken(), flapping(end, end))).toMatchObject({
        kind: 'failed',
        reason: `${end}: end 1`,
        failures: 2,
      });
    },
  );
  test('an end that was counted is not counted again', () => {
    const counted = { ...working, failures: 1, countedTask: 't0' as TaskId };
    const update = change({ steps: new Map([[0, counted]]) });
    expect(look(update, flapping('FAILED'))).toMatchObject({ kind: 'wait', failures: 1, lastFailed: 't0' });
  });
});

describe('forward, other instances', () => {
  const CASES = [
    ['an added one that is missing', 1, null, { kind: 'create', config: V2 }],
    ['a removed one that runs', 2, 'RUNNING', { kind: 'kill', task: 't' }],
    ['a removed one that is being killed', 2, 'KILLING', { kind: 'wait', untilMs: null }],
    ['a removed one that is gone', 2, null, { kind: 'succeeded' }],
  ] as const;
  test.each(CASES)('%s', (_what, instance, status, verdict) => {
    const tasks = status === null ? [] : [task('t', { status, config: V1, instance })];
    expect(look(change(), tasks, instance)).toMatchObject(verdict);
  });
});

describe('back', () => {
  const back = (...begun: readonly number[]): UpdateRow =>
    change({
      status: 'ROLLING_BACK',
      events: [
        { atMs: BEGUN, status: 'ROLLING_FORWARD', user: 'ann', message: null },
        { atMs: BEGUN + 1000, status: 'ROLLING_BACK', user: null, message: null },
      ],
      instanceEvents: begun.map((instance) => ({
        instance,
        atMs: BEGUN,
        action: 'INSTANCE_UPDATING',
        message: null,
      })),
    });
  const CASES = [
    ['changed, and taken up', [0], 0, ['RUNNING', V2], { kind: 'kill' }],
    ['changed, taken up, and gone', [0], 0, null, { kind: 'create', config: V1 }],
    ['changed, not taken up', [], 0, ['PENDING', V1], { kind: 'succeeded' }],
    ['added, and taken up', [1], 1, ['RUNNING', V2], { kind: 'kill' }],
    ['added, taken up, and gone', [1], 1, null, { kind: 'succeeded' }],
    ['removed, taken up, and gone', [2], 2, null, { kind: 'create', config: V1 }],
    ['removed, taken up, dying', [2], 2, ['KILLING', V1], { kind: 'wait', untilMs: null }],
  ] as const;
  test.each(CASES)('%s', (_what, begun, instance, present, verdict) => {
    const tasks = present ? [task('t', { status: present[0], config: present[1], instance })] : [];
    expect(look(back(...begun), tasks, instance)).toMatchObject(verdict);
  });

  test('the order is the reverse of the way forward', () => {
    expect(directionOf(change()).order).toEqual([1, 0, 2]);
    expect(directionOf(back(0)).order).toEqual([2, 0, 1]);
    expect([...directionOf(back(0)).untouched]).toEqual([2, 1]);
  });
});

test('a restart replaces what is older than it, and only that', () => {
  const restart = (): UpdateRow => change({ kind: 'restart', desired: null });
  const at = (createdAtMs: number): TaskRow =>
    task('t', { status: 'RUNNING', config: V1, forSecs: 50, createdAtMs });
  expect(look(restart(), [at(BEGUN - 1)])).toEqual({ kind: 'kill', task: 't' });
  expect(look(restart(), [at(BEGUN)])).toEqual({ kind: 'succeeded' });
});

describe('strategies', () => {
  const queue: UpdateStrategy = { kind: 'queue', groupSize: 3 };
  const batch: UpdateStrategy = { kind: 'batch', groupSize: 3, autopauseAfterBatch: true };
  test.each([
    [0, 3, 3],
    [1, 2, 0],
    [2, 1, 0],
    [3, 0, 0],
    [4, 0, 0],
  ])('%i being worked on: a queue has room for %i, a batch for %i', (working, queued, batched) => {
    expect([room(queue, working), room(batch, working)]).toEqual([queued, batched]);
  });
  test.each([
    [0, 0, false],
    [3, 0, true],
    [3, 1, false],
    [5, 1, true],
    [6, 2, false],
  ])('%i begun after %i automatic pauses: pause is %s', (begun, pauses, expected) => {
    expect(pausesBefore(batch, begun, pauses)).toBe(expected);
    expect(pausesBefore({ ...batch, autopauseAfterBatch: false }, begun, pauses)).toBe(false);
    expect(pausesBefore(queue, begun, pauses)).toBe(false);
  });
});

describe('the difference between what runs and what is wanted', () => {
  const world = worldOf(change(), [
    task('a', { status: 'RUNNING', config: V1, instance: 0 }),
    task('b', { status: 'PENDING', config: V2, instance: 1 }),
    task('c', { status: 'KILLING', config: V1, instance: 2 }),
    task('d', { status: 'RUNNING', config: V1, instance: 4 }),
  ]);
  test('over all instances: what is dying counts as missing', () => {
    expect(diffJob(world, KEY, V2, 4)).toEqual({
      add: [2, 3],
      change: [0],
      remove: [4],
      unchanged: [1],
      initial: [
        {
          config: V1,
          ranges: [
            [0, 0],
            [4, 4],
          ],
        },
      ],
    });
  });
  test('in a scope: the rest is not looked at', () => {
    expect(diffJob(world, KEY, V2, 4, [[3, 4]])).toMatchObject({ add: [3], change: [], remove: [4] });
  });
});

describe('why nothing is happening', () => {
  const waitingFor = (present: Present | null, update: Partial<UpdateRow> = {}): string | null => {
    const step = { state: 'working', failures: 0, countedTask: null, wakeAtMs: null } as const;
    const row = change({ steps: new Map([[0, step]]), ...update });
    const world = worldOf(row, present ? [task('t', present)] : []);
    return updateProgress(world, row, NOW).waitingFor;
  };
  const CASES = [
    [{ status: 'PENDING', config: V2, forSecs: 7 }, 'instance 0: waiting for a host for 7 s'],
    [{ status: 'RUNNING', config: V2, forSecs: 3 }, 'instance 0: watching 3 s of 10 s'],
    [{ status: 'STARTING', config: V2, forSecs: 2 }, 'instance 0: starting for 2 s'],
    [{ status: 'KILLING', config: V1 }, 'instance 0: killing the old task'],
    [
      { status: 'THROTTLED', config: V2, wakeAtMs: NOW + 30_000 },
      'instance 0: waiting after a failure, until 30 s from now',
    ],
  ] as const;
  test.each(CASES)('%o: %s', (present, sentence) => {
    expect(waitingFor(present)).toBe(sentence);
  });
  test('paused by somebody, or by itself', () => {
    const paused = (user: string | null): Partial<UpdateRow> => ({
      status: 'ROLL_FORWARD_PAUSED',
      events: [{ atMs: NOW, status: 'ROLL_FORWARD_PAUSED', user, message: null }],
    });
    expect(waitingFor(null, paused('ann'))).toMatch(/^paused by ann; `dawn update resume/);
    expect(waitingFor(null, paused(null))).toMatch(/^paused automatically; `dawn update resume/);
  });
  test('over: nothing is waited for', () => {
    expect(waitingFor(null, { status: 'ROLLED_FORWARD' })).toBeNull();
  });
});
