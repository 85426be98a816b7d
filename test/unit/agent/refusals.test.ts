import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Agent } from '../../../server/agent/agent.ts';
import { whyRefused } from '../../../server/agent/refusals.ts';
import { SimulatedContainerizer } from '../../../server/agent/simulated/simulated.ts';
import { memoryState } from '../../../server/agent/state.ts';
import type { AgentCall, AgentEvent } from '../../../shared/mesos/agent.ts';
import type { TaskInfo } from '../../../shared/mesos/v1.ts';
import { taskInfo } from './agent-fixtures.ts';

const executor = { executor_id: { value: 'e' } };
describe('what is not run as it is meant is refused by name', () => {
  const plain = taskInfo('t', 'true');
  test.each<[string, Partial<TaskInfo>, string]>([
    ['a check of nothing', { check: {} }, 'command, http or tcp'],
    [
      'an image for a containerizer that has none',
      { container: { type: 'MESOS', mesos: { image: { type: 'DOCKER' } } } },
      'Unsupported container image type: DOCKER',
    ],
  ])('%s', (_what, more, word) => {
    expect(whyRefused({ ...plain, ...more }, true)).toContain(word);
  });

  test('a command is not', () => expect(whyRefused(plain, true)).toBeNull());
});

describe('an agent', () => {
  async function running(): Promise<{
    said: AgentCall[];
    hear: (event: AgentEvent) => void;
    refused: string[];
    alarms: (() => void)[];
    removed: string[];
  }> {
    const said: AgentCall[] = [];
    const refused: string[] = [];
    const removed: string[] = [];
    const alarms: (() => void)[] = [];
    let hear: (event: AgentEvent) => void = () => undefined;
    const clock = { now: () => 0, at: (_atMs: number, run: () => void) => (run(), () => undefined) };
    const behaviour = { startMs: () => 0, end: () => null, stopMs: () => 0 };
    const agent = new Agent({
      info: {
        hostname: 'h',
        ip: '127.0.0.1',
        port: 1,
        resources: [],
        attributes: [],
        containerizer: 'simulated',
        version: '0',
      },
      state: memoryState(),
      link: {
        start: (_subscribe, handler) => (hear = (event) => handler.onEvent(event)),
        send: (call) => said.push(call),
        close: () => Promise.resolve(),
      },
      clock: { ...clock, at: (_atMs, run) => (alarms.push(run), () => undefined) },
      newId: randomUUID,
      containerizer: (host) => {
        const simulated = new SimulatedContainerizer(behaviour, clock, host);
        const remove = simulated.remove.bind(simulated);
        simulated.remove = (id) => (removed.push(id), remove(id));
        return simulated;
      },
      log: () => undefined,
      refused: (message) => refused.push(message),
    });
    await agent.start();
    hear({
      type: 'SUBSCRIBED',
      subscribed: { agent_id: { value: 'S0' }, cluster_id: 'c', ping_timeout_seconds: 15 },
    });
    return { said, hear, refused, alarms, removed };
  }

  const run = (framework: string, task: TaskInfo): AgentEvent => ({
    type: 'RUN_TASK',
    run_task: { framework_id: { value: framework }, task },
  });
  const group = (tasks: readonly TaskInfo[]): AgentEvent => ({
    type: 'RUN_TASK_GROUP',
    run_task_group: {
      framework_id: { value: 'f' },
      executor,
      task_group: { tasks: tasks.map((task) => ({ ...task, executor })) },
    },
  });
  /** Until nothing more is said. */
  const acknowledgeAll = (said: readonly AgentCall[], hear: (event: AgentEvent) => void): void => {
    for (let at = 0; at < said.length; at++) {
      const call = said[at]!;
      if (call.type !== 'UPDATE' || call.update.status.uuid === undefined) continue;
      const { framework_id, status } = call.update;
      hear({
        type: 'ACKNOWLEDGE',
        acknowledge: { framework_id, task_id: status.task_id, uuid: status.uuid! },
      });
    }
  };
  const states = (said: readonly AgentCall[]): string[] =>
    said.flatMap((call) =>
      call.type === 'UPDATE' ? [`${call.update.framework_id.value} ${call.update.status.state}`] : [],
    );

  test('that is simulated says at once that it runs no executors, and that this one is over', async () => {
    const { said, hear } = await running();
    hear(run('f', { ...taskInfo('t', 'true'), executor }));
    expect(said).toMatchObject([
      {
        type: 'UPDATE',
        update: { status: { state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LAUNCH_FAILED' } },
      },
      { type: 'EXITED_EXECUTOR', exited_executor: { executor_id: { value: 'e' }, status: 0 } },
    ]);
    // Nobody could acknowledge it.
    expect(JSON.stringify(said)).not.toContain('uuid');
  });

  test('refuses every task of a group when it cannot run one of them', async () => {
    const { said, hear } = await running();
    const tasks = [taskInfo('t', 'true'), taskInfo('u', 'true', { check: {} })];
    hear(group(tasks));
    expect(states(said)).toEqual(['f TASK_FAILED', 'f TASK_FAILED']);
  });

  test('leaves nothing of a default executor behind, whose container is the network of its tasks', async () => {
    const { said, hear, removed } = await running();
    hear(group([taskInfo('t', 'true'), taskInfo('u', 'true')]));
    const update = said.find((call) => call.type === 'UPDATE')?.update;
    const executor_container = update?.status.container_status?.container_id?.parent?.value;
    hear({ type: 'KILL_TASK', kill_task: { framework_id: { value: 'f' }, task_id: { value: 't' } } });
    expect(executor_container).toBeDefined();
    expect(removed).toEqual([executor_container]);
  });

  test('tells what the check of a task sees, from its start to its end', async () => {
    const { said, hear } = await running();
    const check = { type: 'COMMAND', command: { command: { value: 'true' } }, delay_seconds: 0 } as const;
    hear(run('f', taskInfo('t', 'true', { check })));
    const statuses = (): object[] => {
      acknowledgeAll(said, hear);
      return said.flatMap((call) => (call.type === 'UPDATE' ? [call.update.status] : []));
    };
    await expect.poll(() => statuses().length).toBe(3);
    hear({ type: 'KILL_TASK', kill_task: { framework_id: { value: 'f' }, task_id: { value: 't' } } });
    const [empty, seen] = [{}, { exit_code: 0 }].map((command) => ({
      check_status: { type: 'COMMAND', command },
    }));
    expect(statuses()).toMatchObject([
      { state: 'TASK_STARTING', ...empty },
      { state: 'TASK_RUNNING', ...empty },
      { state: 'TASK_RUNNING', reason: 'REASON_TASK_CHECK_STATUS_UPDATED', ...seen },
      { state: 'TASK_KILLED', ...seen },
    ]);
  });

  test('keeps tasks of one id of two frameworks apart', async () => {
    const { said, hear } = await running();
    hear(run('f', taskInfo('t', 'true')));
    hear(run('g', taskInfo('t', 'true')));
    hear({ type: 'KILL_TASK', kill_task: { framework_id: { value: 'g' }, task_id: { value: 't' } } });
    acknowledgeAll(said, hear);
    expect(states(said).filter((state) => state.startsWith('f'))).not.toContain('f TASK_KILLED');
    expect(states(said)).toContain('g TASK_KILLED');
  });

  test('does not end a task before its time is up, also when its clock cannot wait so long', async () => {
    const { said, hear, alarms } = await running();
    alarms.length = 0;
    hear(run('f', taskInfo('t', 'true', { max_completion_time: { nanoseconds: 1e9 } })));
    const early = alarms.splice(0);
    for (const wake of early) wake();
    acknowledgeAll(said, hear);
    expect(states(said).at(-1)).toBe('f TASK_RUNNING');
  });

  describe('a launch that is late', () => {
    const launch = (launched_at_ms: number): AgentEvent => ({
      type: 'RUN_TASK',
      run_task: { framework_id: { value: 'f' }, task: taskInfo('t', 'true'), launched_at_ms },
    });
    const kill = (asked_at_ms: number): AgentEvent => ({
      type: 'KILL_TASK',
      kill_task: { framework_id: { value: 'f' }, task_id: { value: 't' }, asked_at_ms },
    });

    test('is not run when its kill came before it; a later one of that id is', async () => {
      const { said, hear } = await running();
      hear(kill(2));
      hear(launch(1));
      expect(states(said)).toEqual(['f TASK_KILLED']);
      hear(launch(3));
      expect(states(said)).toContain('f TASK_STARTING');
    });

    test('is not run again when it is told twice; a later one of that id is', async () => {
      const { said, hear } = await running();
      hear(launch(1));
      hear(kill(2));
      acknowledgeAll(said, hear);
      expect(states(said).at(-1)).toBe('f TASK_KILLED');
      const before = said.length;
      hear(launch(1));
      expect(said.length).toBe(before);
      hear(launch(3));
      expect(said.length).toBeGreaterThan(before);
    });
  });

  test('told to shut down, ends what it runs first', async () => {
    const { said, hear, refused } = await running();
    hear(run('f', taskInfo('t', 'true')));
    hear({ type: 'SHUTDOWN', shutdown: { message: 'gone' } });
    await expect.poll(() => refused).toEqual(['gone']);
    expect(said.length).toBeGreaterThan(0);
  });
});
