import { describe, expect, test } from 'vitest';
import { eventViews } from '../../../server/http/console/views/event.ts';
import { jobRowView, jobView } from '../../../server/http/console/views/job.ts';
import { taskView } from '../../../server/http/console/views/task.ts';
import { updateView } from '../../../server/http/console/views/update.ts';
import { whyJob } from '../../../server/http/console/views/why.ts';
import type { Write } from '../../../server/scheduler/rows.ts';
import type { World } from '../../../server/scheduler/world.ts';
import { apply, emptyWorld } from '../../../server/scheduler/world.ts';
import type { AgentId, JobKey, TaskId, UpdateId } from '../../../shared/ids.ts';
import { taskId } from '../../../shared/ids.ts';
import { configId } from '../../../shared/job/config-id.ts';
import type { TaskStatus } from '../../../shared/task-states.ts';
import type { UpdateStatus } from '../../../shared/update-states.ts';
import { taskConfig, updateSettings } from '../../support/jobs.ts';

const key = 'www/prod/web' as JobKey;
const old = taskConfig();
const next = taskConfig({ ramMb: 256 });

const id = (instance: number): TaskId => taskId(key, instance, 'n');

function worldWith(instances: number, config = old): World {
  const world = emptyWorld();
  write(world, { w: 'config', id: configId(config), config });
  write(world, {
    w: 'job',
    row: {
      key,
      config: configId(config),
      instances,
      update: updateSettings(),
      createdAtMs: 0,
      changedAtMs: 1000,
      changedBy: 'ann',
    },
  });
  if (instances > 0)
    write(world, {
      w: 'tasks-new',
      job: key,
      config: configId(config),
      ranges: [[0, instances - 1]],
      nonce: 'n',
      atMs: 1000,
    });
  return world;
}

function write(world: World, change: Write): void {
  apply(world, change);
}

/** Takes a task through statuses, placed at the first. */
function walk(world: World, instance: number, ...statuses: TaskStatus[]): void {
  let from = world.tasks.get(id(instance))!.status;
  for (const to of statuses) {
    const placed =
      to === 'ASSIGNED' ? { placed: { agent: 'a1' as AgentId, host: 'one', ports: { http: 31000 } } } : {};
    write(world, { w: 'task', id: id(instance), from, to, atMs: 2000, message: `now ${to}`, ...placed });
    from = to;
  }
}

function startUpdate(world: World, status: UpdateStatus = 'ROLLING_FORWARD'): void {
  write(world, { w: 'config', id: configId(next), config: next });
  write(world, {
    w: 'update',
    row: {
      id: 'u1' as UpdateId,
      job: key,
      kind: 'update',
      user: 'ann',
      message: 'more memory',
      createdAtMs: 3000,
      settings: updateSettings(),
      initial: [{ config: configId(old), ranges: [[0, 1]] }],
      desired: { config: configId(next), ranges: [[0, 1]] },
      previousJob: world.jobs.get(key) ?? null,
      status: 'ROLLING_FORWARD',
    },
  });
  if (status !== 'ROLLING_FORWARD') {
    write(world, {
      w: 'update-status',
      id: 'u1' as UpdateId,
      from: 'ROLLING_FORWARD',
      to: status,
      atMs: 4000,
      user: 'bob',
      message: null,
    });
  }
}

const rowOf = (world: World) => jobRowView(world, world.jobs.get(key)!);

describe('the health of a job', () => {
  test.each<[string, (world: World) => void, string]>([
    ['nothing placed yet', () => undefined, 'PENDING'],
    ['all running', (world) => [0, 1].forEach((at) => walk(world, at, 'ASSIGNED', 'RUNNING')), 'HEALTHY'],
    [
      'one starting',
      (world) => (walk(world, 0, 'ASSIGNED', 'RUNNING'), walk(world, 1, 'ASSIGNED')),
      'STARTING',
    ],
    ['one still pending', (world) => walk(world, 0, 'ASSIGNED', 'RUNNING'), 'PENDING'],
    [
      'one lost for good',
      (world) => (walk(world, 0, 'ASSIGNED', 'RUNNING'), walk(world, 1, 'ASSIGNED', 'RUNNING', 'FAILED')),
      'DEGRADED',
    ],
    ['an update', (world) => startUpdate(world), 'UPDATING'],
    ['a paused update', (world) => startUpdate(world, 'ROLL_FORWARD_PAUSED'), 'PAUSED'],
    ['a rollback', (world) => startUpdate(world, 'ROLLING_BACK'), 'ROLLING_BACK'],
  ])('%s', (_name, happen, health) => {
    const world = worldWith(2);
    happen(world);
    expect(rowOf(world).health).toBe(health);
  });

  test('flapping: degraded while something runs, failing when nothing does', () => {
    const world = worldWith(2);
    const flap = (instance: number): void => {
      walk(world, instance, 'ASSIGNED', 'RUNNING', 'FAILED');
      write(world, {
        w: 'task-next',
        ancestor: id(instance),
        id: `n${instance}` as TaskId,
        status: 'THROTTLED',
        atMs: 2000,
        message: 'again',
        wakeAtMs: 9000,
      });
    };
    flap(0);
    walk(world, 1, 'ASSIGNED', 'RUNNING');
    expect(rowOf(world)).toMatchObject({
      health: 'DEGRADED',
      running: 1,
      pending: 1,
      failed: 1,
      restarts: 1,
    });
    write(world, { w: 'task', id: id(1), from: 'RUNNING', to: 'FAILED', atMs: 2000 });
    write(world, {
      w: 'task-next',
      ancestor: id(1),
      id: 'n1' as TaskId,
      status: 'THROTTLED',
      atMs: 2000,
      message: 'again',
      wakeAtMs: 9000,
    });
    expect(rowOf(world).health).toBe('FAILING');
  });

  test('a job that is no service ends well or not', () => {
    const world = worldWith(1, taskConfig({ isService: false }));
    walk(world, 0, 'ASSIGNED', 'RUNNING', 'FINISHED');
    expect(rowOf(world)).toMatchObject({ kind: 'adhoc', health: 'FINISHED', finished: 1 });
    const failed = worldWith(1, taskConfig({ isService: false }));
    walk(failed, 0, 'ASSIGNED', 'RUNNING', 'FAILED');
    expect(rowOf(failed).health).toBe('FAILING');
  });

  test('a job that wants nothing has stopped', () => {
    expect(rowOf(worldWith(0))).toMatchObject({ health: 'STOPPED', instances: 0, cpus: 0 });
  });
});

test('a task tells where it is, since when, and what happened last', () => {
  const world = worldWith(1);
  walk(world, 0, 'ASSIGNED', 'RUNNING');
  expect(taskView(world, world.tasks.get(id(0))!)).toMatchObject({
    id: id(0),
    status: 'RUNNING',
    host: 'one',
    agent: 'a1',
    ports: { http: 31000 },
    since: '1970-01-01T00:00:02.000Z',
    lastMessage: 'now RUNNING',
    onWantedConfig: true,
    ramMb: 128,
  });
});

test('a job shows active tasks by instance, and as many ended ones as asked for', () => {
  const world = worldWith(3);
  walk(world, 1, 'ASSIGNED', 'RUNNING', 'FAILED');
  const view = jobView(world, world.jobs.get(key)!, 5000, 20);
  expect(view.active.map(({ instance }) => instance)).toEqual([0, 2]);
  expect(view.ended.map(({ instance }) => instance)).toEqual([1]);
  expect(jobView(world, world.jobs.get(key)!, 5000, 0).ended).toEqual([]);
});

test('an update tells what it changes and how far it is', () => {
  const world = worldWith(2);
  startUpdate(world);
  const view = updateView(world, world.updates.get('u1' as UpdateId)!, 5000);
  expect(view).toMatchObject({
    id: 'u1',
    user: 'ann',
    message: 'more memory',
    done: 0,
    total: 2,
    diff: [{ path: 'ram', from: '128MB', to: '256MB' }],
  });
  expect(view.instances.map(({ instance, mark }) => [instance, mark])).toEqual([
    [0, 'OLD'],
    [1, 'OLD'],
  ]);
  expect(rowOf(world).update).toEqual({ id: 'u1', status: 'ROLLING_FORWARD', done: 0, total: 2 });
});

test('why: pending instances first, then what starts or waits', () => {
  const world = worldWith(2);
  walk(world, 0, 'ASSIGNED');
  const why = whyJob(world, key, 12_000, []);
  expect(why.pending).toHaveLength(1);
  expect(why.pending[0]).toMatchObject({ instances: [1], agents: 0, wants: { cpus: 1, ramMb: 128 } });
  expect(why.summary).toMatch(/^1 pending: /);
  expect(why.notes).toEqual(['instance 0 has been ASSIGNED on one for 10 s: now ASSIGNED']);
  expect(whyJob(world, key, 12_000, [], (task) => task.instance === 0).pending).toEqual([]);
});

test('a commit as lines for people: who asked, what changed, by names rather than ids', () => {
  const events = eventViews(
    {
      seq: 7,
      atMs: 1000,
      commands: [
        {
          id: 'c',
          atMs: 1000,
          actor: { user: 'ann', from: 'cli' },
          command: { kind: 'job.scale', key, instances: 9 },
          refused: { code: 'conflict', message: 'no' },
        },
      ],
      scheduler: [
        {
          w: 'tasks-new',
          job: key,
          config: configId(old),
          ranges: [
            [0, 2],
            [5, 5],
          ],
          nonce: 'n',
          atMs: 1000,
        },
        {
          w: 'task',
          id: id(0),
          from: 'PENDING',
          to: 'ASSIGNED',
          atMs: 1000,
          placed: { agent: 'a1' as AgentId, host: 'one', ports: {} },
        },
        { w: 'config-gone', id: configId(old) },
      ],
      master: [{ w: 'agent-state', id: 'a1' as AgentId, state: 'unreachable', atMs: 1000 }],
    },
    { task: () => ({ job: key, instance: 0 }), update: () => undefined, host: () => 'one' },
  );
  const line = { seq: 7, at: '1970-01-01T00:00:01.000Z', user: null, from: null };
  expect(events).toEqual([
    {
      ...line,
      kind: 'command',
      subject: key,
      job: key,
      what: 'job.scale',
      message: 'refused: no',
      user: 'ann',
      from: 'cli',
    },
    { ...line, kind: 'task', subject: `${key}/0-2,5`, job: key, what: 'PENDING', message: null },
    { ...line, kind: 'task', subject: `${key}/0`, job: key, what: 'ASSIGNED', message: 'on one' },
    { ...line, kind: 'agent', subject: 'one', job: null, what: 'UNREACHABLE', message: null },
  ]);
});
