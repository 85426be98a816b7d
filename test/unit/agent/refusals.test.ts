import { describe, expect, test } from 'vitest';
import { Agent } from '../../../server/agent/agent.ts';
import { whyRefused } from '../../../server/agent/refusals.ts';
import { SimulatedContainerizer } from '../../../server/agent/simulated/simulated.ts';
import { memoryState } from '../../../server/agent/state.ts';
import type { AgentCall, AgentEvent } from '../../../shared/mesos/agent.ts';
import type { TaskInfo } from '../../../shared/mesos/v1.ts';
import { taskInfo } from './agent-fixtures.ts';

const executor = { executor_id: { value: 'e' } };
const volume = {
  name: 'disk',
  type: 'SCALAR',
  scalar: { value: 1 },
  disk: { persistence: { id: 'v' } },
} as const;

describe('what is not run as it is meant is refused by name', () => {
  const plain = taskInfo('t', 'true');
  test.each<[string, Partial<TaskInfo>, string]>([
    ['an executor', { executor }, 'executors'],
    ['nothing to run', { command: undefined } as unknown as Partial<TaskInfo>, 'no command'],
    ['URIs', { command: { value: 'true', uris: [{ value: 'http://x' }] } }, 'URIs'],
    ['a volume', { resources: [volume] }, 'volumes'],
    ['a check', { check: {} }, 'checks'],
    ['a time to end', { max_completion_time: { nanoseconds: 1 } }, 'max_completion_time'],
    ['limits', { limits: { cpus: { value: 1 } } }, 'limits'],
  ])('%s', (_what, more, word) => {
    expect(whyRefused({ ...plain, ...more })).toContain(word);
  });

  test('a command is not', () => expect(whyRefused(plain)).toBeNull());
});

describe('an agent', () => {
  async function running(): Promise<{
    said: AgentCall[];
    hear: (event: AgentEvent) => void;
    refused: string[];
  }> {
    const said: AgentCall[] = [];
    const refused: string[] = [];
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
      clock: { ...clock, at: () => () => undefined },
      containerizer: (host) => new SimulatedContainerizer(behaviour, clock, host),
      log: () => undefined,
      refused: (message) => refused.push(message),
    });
    await agent.start();
    hear({
      type: 'SUBSCRIBED',
      subscribed: { agent_id: { value: 'S0' }, cluster_id: 'c', ping_timeout_seconds: 15 },
    });
    return { said, hear, refused };
  }

  const run = (framework: string, task: TaskInfo): AgentEvent => ({
    type: 'RUN_TASK',
    run_task: { framework_id: { value: framework }, task },
  });
  const states = (said: readonly AgentCall[]): string[] =>
    said.flatMap((call) =>
      call.type === 'UPDATE' ? [`${call.update.framework_id.value} ${call.update.status.state}`] : [],
    );

  test('says at once that it does not run a task, and that its executor is over', async () => {
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

  test('refuses every task of a group', async () => {
    const { said, hear } = await running();
    const tasks = [taskInfo('t', 'true'), taskInfo('u', 'true')].map((task) => ({ ...task, executor }));
    hear({
      type: 'RUN_TASK_GROUP',
      run_task_group: { framework_id: { value: 'f' }, executor, task_group: { tasks } },
    });
    expect(states(said)).toEqual(['f TASK_FAILED', 'f TASK_FAILED']);
  });

  test('keeps tasks of one id of two frameworks apart: the second is refused, and cannot kill the first', async () => {
    const { said, hear } = await running();
    hear(run('f', taskInfo('t', 'true')));
    hear(run('g', taskInfo('t', 'true')));
    expect(states(said).filter((state) => state.startsWith('g'))).toEqual(['g TASK_FAILED']);
    hear({ type: 'KILL_TASK', kill_task: { framework_id: { value: 'g' }, task_id: { value: 't' } } });
    expect(states(said)).not.toContain('f TASK_KILLED');
    expect(states(said).at(-1)).toBe('g TASK_KILLED');
  });

  test('told to shut down, ends what it runs first', async () => {
    const { said, hear, refused } = await running();
    hear(run('f', taskInfo('t', 'true')));
    hear({ type: 'SHUTDOWN', shutdown: { message: 'gone' } });
    await expect.poll(() => refused).toEqual(['gone']);
    expect(said.length).toBeGreaterThan(0);
  });
});
