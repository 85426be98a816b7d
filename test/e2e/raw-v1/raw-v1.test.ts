import { afterEach, describe, expect, test } from 'vitest';
import { dockerTest } from '../../support/docker.ts';
import { Dawn } from '../dawn.ts';
import type { HeardStatus, RawFramework } from './framework.ts';
import {
  Stage,
  type StageOptions,
  completionTime,
  customExecutor,
  dockerBridge,
  executorOverRestart,
  failover,
  failoverTooLate,
  healthChecked,
  killOnExit,
  partition,
  persistentVolume,
  taskGroup,
} from './stories.ts';

let dawn: Dawn | undefined;
let stage: Stage | undefined;

afterEach(async () => {
  await stage?.close();
  await dawn?.close();
  stage = undefined;
});

async function open(containerizer: 'mesos' | 'docker' = 'mesos', options: StageOptions = {}): Promise<Stage> {
  dawn = new Dawn();
  stage = await Stage.open(dawn, containerizer, () => undefined, options);
  return stage;
}

function last(framework: RawFramework, id: string): HeardStatus | undefined {
  return framework.statuses.findLast(({ task_id }) => task_id.value === id);
}

/** Each state once, in its order: an update may be told again. */
function states(framework: RawFramework, id: string): string[] {
  return framework.states(id).filter((state, at, all) => all.indexOf(state) === at);
}

describe('raw v1 calls against processes', () => {
  test('a custom executor', async () => {
    const { framework } = await open();
    await customExecutor(stage!);
    expect(states(framework, 'c1')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLED']);
    expect(states(framework, 'c2')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED']);
    expect(last(framework, 'c2')).toMatchObject({ source: 'SOURCE_EXECUTOR', message: 'finish' });
    // As recorded: 13-executor/01.
    expect(last(framework, 'c3')).toMatchObject({
      state: 'TASK_FAILED',
      source: 'SOURCE_AGENT',
      reason: 'REASON_EXECUTOR_TERMINATED',
      message: 'Executor terminated',
      executor_id: { value: 'ex2' },
    });
    const failures = framework.heard.filter(({ type }) => type === 'FAILURE');
    expect(failures.map(({ failure }) => (failure as { status: number }).status)).toEqual([0, 768]);
  });

  test('commands for a server are told what a master is', async () => {
    const { master } = await open();
    const ran = await dawn!.run('--cluster', master.url, 'job', 'list');
    expect(ran.code).toBe(6);
    expect(ran.err).toMatch(/this is a master alone.*`dawn server` has jobs of its own/s);
  });

  test('an executor outlives the agent', async () => {
    const { framework } = await open();
    await executorOverRestart(stage!);
    expect(states(framework, 'w1')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED']);
    expect(framework.heard.filter(({ type }) => type === 'FAILURE')).toEqual([]);
  });

  test('task groups', async () => {
    const { framework } = await open();
    await taskGroup(stage!);
    // As recorded: 05-groups-reservations/01.
    expect(states(framework, 'g1')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED']);
    expect(states(framework, 'g2')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_KILLED']);
    expect(states(framework, 'h1')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED']);
    expect(states(framework, 'h2')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_KILLED']);
    const [first, second] = ['g1', 'g2'].map((id) => last(framework, id)?.container_status?.container_id);
    expect(first?.parent?.value).toBeTruthy();
    expect(second?.parent).toEqual(first?.parent);
    expect(last(framework, 'g1')?.executor_id).toEqual({ value: 'pod' });
    await framework.event(({ type }) => type === 'FAILURE');
  });

  test('a health check that fails', async () => {
    const { framework } = await open();
    await healthChecked(stage!);
    expect(last(framework, 'hc')).toMatchObject({ state: 'TASK_KILLED', healthy: false });
  });

  test('a reservation with a persistent volume', async () => {
    const { framework } = await open();
    await persistentVolume(stage!);
    expect(['v1', 'v2', 'v3'].map((id) => last(framework, id)?.state)).toEqual([
      'TASK_FINISHED',
      'TASK_FINISHED',
      'TASK_FINISHED',
    ]);
  });

  test('a task that takes too long', async () => {
    const { framework } = await open();
    await completionTime(stage!);
    expect(last(framework, 'slow')).toMatchObject({ reason: 'REASON_MAX_COMPLETION_TIME_REACHED' });
  });
});

describe('who goes away', () => {
  test('a framework, and comes back in time', async () => {
    const next = await failover(await open());
    expect(states(next, 'stays')).toEqual(['TASK_RUNNING', 'TASK_KILLING', 'TASK_KILLED']);
    next.disconnect();
  });

  test('a framework, and comes back too late', async () => {
    const late = await failoverTooLate(await open('mesos', { info: { failover_timeout: 1 } }));
    expect(late).toEqual({ running: 0, error: 'Framework has been removed' });
  });

  test('an agent, and comes back', async () => {
    const masterFlags = ['--agent_ping_timeout=1secs', '--max_agent_ping_timeouts=2'];
    const { framework } = await open('mesos', { masterFlags });
    await partition(stage!);
    // As recorded: 07-agent-loss.
    const told = framework.statuses.filter(
      ({ task_id, source }) => task_id.value === 'far' && source === 'SOURCE_MASTER',
    );
    expect(told).toMatchObject([
      { state: 'TASK_UNREACHABLE', reason: 'REASON_AGENT_REMOVED', message: 'health check timed out' },
      { state: 'TASK_RUNNING', reason: 'REASON_AGENT_REREGISTERED' },
    ]);
  });

  test('an agent, for good, with what it runs', async () => {
    await open('mesos', { agentFlags: ['--kill-on-exit'] });
    expect(await killOnExit(stage!)).toMatchObject({ executor_id: { value: 'leaves' }, status: 0 });
  });
});

describe('raw v1 calls against containers', () => {
  dockerTest('a bridge with a port', async () => {
    await open('docker');
    expect(await dockerBridge(stage!)).toBe('from inside\n');
  });

  dockerTest('task groups', async () => {
    const { framework } = await open('docker');
    await taskGroup(stage!);
    expect(states(framework, 'h2')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_KILLED']);
  });

  dockerTest('a reservation with a persistent volume', async () => {
    const { framework } = await open('docker');
    await persistentVolume(stage!);
    expect(last(framework, 'v3')?.state).toBe('TASK_FINISHED');
  });
});
