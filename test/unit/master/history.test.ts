import { beforeEach, describe, expect, test } from 'vitest';
import { COMPLETED_FRAMEWORKS_MAX, COMPLETED_TASKS_MAX } from '../../../server/master/completed.ts';
import type { AgentId, FrameworkId } from '../../../shared/ids.ts';
import type { TaskState } from '../../../shared/mesos/v1.ts';
import { TestMaster, agentInfo, status, taskInfo } from './test-master.ts';

let master: TestMaster;
let agent: AgentId;
let framework: FrameworkId;

beforeEach(() => {
  master = new TestMaster();
  agent = master.addAgent('a');
  framework = master.subscribe('f');
});

const NONE = { cpusMilli: 1, memMb: 0 };
let uuids = 0;

function say(id: string, state: TaskState, more: object = {}): string {
  const uuid = btoa(String((uuids += 1)));
  master.update('a', framework, { ...status(id, state, uuid), ...more });
  return uuid;
}

function end(id: string): void {
  const uuid = say(id, 'TASK_FINISHED');
  master.framework('f', {
    type: 'ACKNOWLEDGE',
    acknowledge: { agent_id: { value: agent }, task_id: { value: id }, uuid },
  });
}

function states(id: string): (TaskState | undefined)[] {
  const task = [...(master.world.tasks.get(framework)?.values() ?? [])].find((each) => each.id === id);
  return (task?.statuses ?? []).map(({ state }) => state);
}

const news = (): string[] =>
  master.news
    .splice(0)
    .map((each) => (each.type === 'TASK_UPDATED' ? `${each.type} ${each.state}` : each.type));

describe('what a task went through', () => {
  test('is one status per state, without data', () => {
    master.launch('f', agent, [taskInfo('t', agent)]);
    say('t', 'TASK_STARTING', { data: 'x' });
    say('t', 'TASK_RUNNING', { healthy: false });
    say('t', 'TASK_RUNNING', { healthy: true });
    expect(states('t')).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
    const [first, second] = [...master.world.tasks.get(framework)!.values()][0]!.statuses;
    expect(first).not.toHaveProperty('data');
    expect(second?.healthy).toBe(true);
  });

  test('moves with the newest state that the agent knows of', () => {
    master.launch('f', agent, [taskInfo('t', agent)]);
    master.update('a', framework, status('t', 'TASK_STARTING', 'u'), 'TASK_FINISHED');
    const [task] = master.world.tasks.get(framework)!.values();
    expect(task?.state).toBe('TASK_FINISHED');
    expect(states('t')).toEqual(['TASK_STARTING']);
  });
});

describe('what is over', () => {
  test('a task is shown when its end was acknowledged', () => {
    master.launch('f', agent, [taskInfo('t', agent)]);
    say('t', 'TASK_FINISHED');
    expect(master.world.completed.tasks.size).toBe(0);
    end('t');
    expect(master.world.completed.tasks.get(framework)?.map(({ id }) => id)).toEqual(['t']);
  });

  test('the latest tasks of a framework, so many', () => {
    for (let at = 0; at < COMPLETED_TASKS_MAX + 5; at++) {
      master.launch('f', agent, [taskInfo(`t${at}`, agent, NONE)]);
      end(`t${at}`);
    }
    const tasks = master.world.completed.tasks.get(framework) ?? [];
    expect(tasks).toHaveLength(COMPLETED_TASKS_MAX);
    expect(tasks[0]?.id).toBe('t5');
  });

  test('the latest frameworks, so many, with their tasks as killed', () => {
    master.launch('f', agent, [taskInfo('t', agent)]);
    say('t', 'TASK_RUNNING');
    master.framework('f', { type: 'TEARDOWN' });
    const [over] = master.world.completed.frameworks;
    expect(over?.tasks.map(({ id, state }) => [id, state])).toEqual([['t', 'TASK_KILLED']]);
    expect(master.world.tasks.get(framework)?.size).toBe(1);
    for (let at = 0; at < COMPLETED_FRAMEWORKS_MAX; at++) {
      master.subscribe(`f${at}`);
      master.framework(`f${at}`, { type: 'TEARDOWN' });
    }
    expect(master.world.completed.frameworks).toHaveLength(COMPLETED_FRAMEWORKS_MAX);
    expect(master.world.completed.frameworks).not.toContain(over);
  });
});

describe('operators hear of', () => {
  test('agents and frameworks that come, change and go', () => {
    expect(news()).toEqual(['AGENT_ADDED', 'FRAMEWORK_ADDED']);
    master.subscribe('again', { id: { value: framework } });
    expect(news()).toEqual(['FRAMEWORK_UPDATED']);
    master.framework('again', { type: 'TEARDOWN' });
    master.agent('a', { type: 'UNREGISTER', agent_id: { value: agent } });
    expect(news()).toEqual(['FRAMEWORK_REMOVED', 'AGENT_REMOVED']);
  });

  test('tasks: launched, moved, and what is said of their health, but nothing twice', () => {
    news();
    master.launch('f', agent, [taskInfo('t', agent)]);
    say('t', 'TASK_RUNNING');
    say('t', 'TASK_RUNNING');
    say('t', 'TASK_RUNNING', { reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED', healthy: true });
    expect(news()).toEqual(['TASK_ADDED', 'TASK_UPDATED TASK_RUNNING', 'TASK_UPDATED TASK_RUNNING']);
  });

  test('an agent that becomes unreachable only by its tasks; it is added again when it returns', () => {
    master.launch('f', agent, [taskInfo('t', agent)]);
    say('t', 'TASK_RUNNING');
    news();
    master.closeAgent('a');
    master.pass(80);
    expect(news()).toEqual(['TASK_UPDATED TASK_UNREACHABLE']);
    expect(states('t')).toEqual(['TASK_RUNNING', 'TASK_UNREACHABLE']);
    const [task] = master.world.tasks.get(framework)!.values();
    master.agent('b', {
      type: 'SUBSCRIBE',
      subscribe: {
        agent_info: agentInfo('a', { id: { value: agent } }),
        tasks: [
          { framework_id: { value: framework }, task: task!.info, status: status('t', 'TASK_RUNNING', 'u') },
        ],
        boot_id: 'b',
      },
    });
    expect(news()).toEqual(['TASK_ADDED', 'AGENT_ADDED']);
    expect(states('t')).toEqual(['TASK_RUNNING']);
  });
});
