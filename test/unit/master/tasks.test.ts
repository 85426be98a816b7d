import { describe, expect, test } from 'vitest';
import { loadMaster, saveMaster } from '../../../server/master/checkpoint.ts';
import type { AgentId, FrameworkId } from '../../../shared/ids.ts';
import type { TaskInfo } from '../../../shared/mesos/v1.ts';
import { TestMaster, kinds, offersIn, status, taskInfo, updatesIn } from './test-master.ts';

function cluster(capabilities = [{ type: 'PARTITION_AWARE' }]): {
  master: TestMaster;
  agent: AgentId;
  framework: FrameworkId;
} {
  const master = new TestMaster();
  const framework = master.subscribe('f', { capabilities });
  const agent = master.addAgent('a');
  master.heard('f');
  master.agentHeard('a');
  return { master, agent, framework };
}

function launched(): ReturnType<typeof cluster> {
  const made = cluster();
  made.master.launch('f', made.agent, [taskInfo('t', made.agent)]);
  made.master.heard('f');
  made.master.agentHeard('a');
  return made;
}

const acknowledge = (agent: string, uuid: string, task = 't') =>
  ({
    type: 'ACKNOWLEDGE',
    acknowledge: { agent_id: { value: agent }, task_id: { value: task }, uuid },
  }) as const;

describe('ACCEPT', () => {
  test('tasks go to the agent, the rest comes back', () => {
    const { master, agent, framework } = cluster();
    const task = taskInfo('t', agent, { cpusMilli: 500, memMb: 64, ports: [[31000, 31001]] });
    master.launch('f', agent, [task, taskInfo('u', agent)]);
    const events = master.agentHeard('a');
    expect(kinds(events)).toEqual(['RUN_TASK', 'RUN_TASK']);
    // Whom its resources are for is filled in, and whose task it is.
    const resources = task.resources.map((each) => ({ ...each, allocation_info: { role: 'dawn' } }));
    expect(events[0]).toMatchObject({
      type: 'RUN_TASK',
      run_task: {
        framework_id: { value: framework },
        framework: { name: 'f' },
        task: { ...task, resources },
      },
    });
    const [rest] = offersIn(master.heard('f'));
    expect(rest?.resources.find(({ name }) => name === 'ports')?.ranges?.range).toEqual([
      { begin: 31002, end: 31009 },
    ]);
  });

  test.each([
    ['none', [], 'No offers specified'],
    ['one twice', ['m-O0', 'm-O0'], 'Duplicate offer in offer list'],
    ['one that has ended', ['m-O0', 'm-O9'], 'Offer m-O9 is no longer valid'],
    ['one of another framework', ['m-O0', 'm-O2'], 'Offer m-O2 is no longer valid'],
    [
      'those of two agents',
      ['m-O0', 'm-O1'],
      'Aggregated offers must belong to one single agent. Offer m-O1 uses agent m-S1 and agent m-S0',
    ],
  ])('with %s is refused, and the offers given end', (_what, ids, message) => {
    const { master, agent } = cluster();
    master.addAgent('b');
    master.framework('f', { type: 'SUPPRESS' });
    master.subscribe('g');
    master.addAgent('c');
    expect(offersIn(master.heard('g')).map(({ id }) => id.value)).toEqual(['m-O2']);
    master.framework('g', { type: 'SUPPRESS' });
    master.heard('f');
    const operations = [{ type: 'LAUNCH', launch: { task_infos: [taskInfo('t', agent)] } }] as const;
    master.framework('f', {
      type: 'ACCEPT',
      accept: { offer_ids: ids.map((value) => ({ value })), operations },
    });
    expect(updatesIn(master.heard('f'))).toMatchObject([
      {
        state: 'TASK_DROPPED',
        reason: 'REASON_INVALID_OFFERS',
        source: 'SOURCE_MASTER',
        message: `Task launched with invalid offers: ${message}`,
      },
    ]);
    expect(master.agentHeard('a')).toEqual([]);
    expect(master.world.offers.has('m-O2' as never)).toBe(true);
    for (const id of ids) if (id !== 'm-O2') expect(master.world.offers.has(id as never)).toBe(false);
  });

  test('a framework that does not know partitions hears TASK_LOST for TASK_DROPPED', () => {
    const { master, agent } = cluster([]);
    const operations = [{ type: 'LAUNCH', launch: { task_infos: [taskInfo('t', agent)] } }] as const;
    master.framework('f', { type: 'ACCEPT', accept: { offer_ids: [{ value: 'gone' }], operations } });
    expect(updatesIn(master.heard('f'))).toMatchObject([
      { state: 'TASK_LOST', reason: 'REASON_INVALID_OFFERS' },
    ]);
  });

  const good = (agent: string): TaskInfo => taskInfo('t', agent);
  const resource = (name: string, value: number) => ({ name, type: 'SCALAR', scalar: { value } }) as const;
  const ports = (begin: number, end: number) =>
    ({ name: 'ports', type: 'RANGES', ranges: { range: [{ begin, end }] } }) as const;
  test.each<[string, (agent: string) => TaskInfo, string]>([
    ['no id', (agent) => ({ ...good(agent), task_id: { value: '' } }), 'ID must not be empty'],
    [
      'a path for an id',
      (agent) => ({ ...good(agent), task_id: { value: '../x' } }),
      'contains invalid characters',
    ],
    [
      'a control character in its id',
      (agent) => ({ ...good(agent), task_id: { value: 'a\u0000b' } }),
      'contains invalid characters',
    ],
    ['an id of 256 characters', (agent) => ({ ...good(agent), task_id: { value: 'x'.repeat(256) } }), '255'],
    ['another agent', () => good('m-S9'), 'Task uses invalid agent m-S9 while agent m-S0 is expected'],
    [
      'nothing to run',
      (agent) => ({ ...good(agent), command: undefined }) as unknown as TaskInfo,
      'CommandInfo',
    ],
    ['no resources', (agent) => ({ ...good(agent), resources: [] }), 'Task uses no resources'],
    ['negative cpus', (agent) => ({ ...good(agent), resources: [resource('cpus', -1)] }), 'cpus:-1'],
    [
      'next to no cpus',
      (agent) => ({ ...good(agent), resources: [resource('cpus', 0.0001)] }),
      'cpus:0.0001',
    ],
    [
      'boundless memory',
      (agent) => ({ ...good(agent), resources: [resource('mem', Infinity)] }),
      'mem:Infinity',
    ],
    ['half a gpu', (agent) => ({ ...good(agent), resources: [resource('gpus', 0.5)] }), 'unsigned integer'],
    [
      'ports that end before they begin',
      (agent) => ({ ...good(agent), resources: [ports(31005, 31000)] }),
      'ports:[31005-31000]',
    ],
    [
      'ports that were not offered',
      (agent) => ({ ...good(agent), resources: [ports(31009, 31010)] }),
      'more than available',
    ],
    [
      'a resource that nobody has',
      (agent) => ({ ...good(agent), resources: [resource('cpus', 1), resource('bananas', 1)] }),
      'more than available',
    ],
    ['too many cpus', (agent) => taskInfo('t', agent, { cpusMilli: 4001 }), 'more than available'],
  ])('a task with %s is an error, and its neighbour runs', (_what, bad, message) => {
    const { master, agent } = cluster();
    master.launch('f', agent, [bad(agent), taskInfo('good', agent)]);
    expect(updatesIn(master.heard('f'))).toMatchObject([
      {
        state: 'TASK_ERROR',
        reason: 'REASON_TASK_INVALID',
        source: 'SOURCE_MASTER',
        message: expect.stringContaining(message),
      },
    ]);
    expect(master.agentHeard('a')).toMatchObject([
      { type: 'RUN_TASK', run_task: { task: { task_id: { value: 'good' } } } },
    ]);
  });

  test('an id in use is an error for the newcomer only; after the end was acknowledged it is free again', () => {
    const { master, agent, framework } = launched();
    master.launch('f', agent, [taskInfo('t', agent)]);
    expect(updatesIn(master.heard('f'))).toMatchObject([
      { state: 'TASK_ERROR', message: 'Task has duplicate ID: t' },
    ]);
    master.update('a', framework, status('t', 'TASK_FINISHED', 'u'));
    master.launch('f', agent, [taskInfo('t', agent)]);
    expect(updatesIn(master.heard('f'))).toMatchObject([{ state: 'TASK_FINISHED' }, { state: 'TASK_ERROR' }]);
    master.framework('f', acknowledge(agent, 'u'));
    master.pass(1);
    master.launch('f', agent, [taskInfo('t', agent)]);
    expect(updatesIn(master.heard('f'))).toEqual([]);
    expect(kinds(master.agentHeard('a'))).toEqual(['ACKNOWLEDGE', 'RUN_TASK']);
  });

  test('two frameworks may use the same id', () => {
    const { master } = launched();
    master.framework('f', { type: 'SUPPRESS' });
    const other = master.subscribe('g');
    const b = master.addAgent('b');
    master.launch('g', b, [taskInfo('t', b)]);
    expect(kinds(master.agentHeard('b'))).toEqual(['SUBSCRIBED', 'RUN_TASK']);
    master.update('b', other, status('t', 'TASK_RUNNING', 'v'));
    expect(updatesIn(master.heard('g'))).toMatchObject([{ state: 'TASK_RUNNING', agent_id: { value: b } }]);
    expect(updatesIn(master.heard('f'))).toEqual([]);
  });
});

describe('status updates', () => {
  test('are passed on, acknowledged at the agent, and free resources at the end', () => {
    const { master, agent, framework } = launched();
    master.update('a', framework, status('t', 'TASK_RUNNING', 'u1'));
    expect(updatesIn(master.heard('f'))).toEqual([
      { ...status('t', 'TASK_RUNNING', 'u1'), agent_id: { value: agent } },
    ]);
    master.framework('f', acknowledge(agent, 'u1'));
    expect(master.agentHeard('a')).toEqual([
      {
        type: 'ACKNOWLEDGE',
        acknowledge: { framework_id: { value: framework }, task_id: { value: 't' }, uuid: 'u1' },
      },
    ]);
    master.update('a', framework, status('t', 'TASK_FAILED', 'u2'));
    expect(kinds(master.heard('f'))).toEqual(['UPDATE', 'OFFERS']);
    expect(master.world.agents.get(agent)?.tasks.size).toBe(1);
    master.framework('f', acknowledge(agent, 'u2'));
    expect(master.world.agents.get(agent)?.tasks.size).toBe(0);
  });

  test('the end frees resources once, though it is repeated', () => {
    const { master, framework } = launched();
    for (let i = 0; i < 3; i++) master.update('a', framework, status('t', 'TASK_FINISHED', 'u'));
    expect(kinds(master.heard('f'))).toEqual(['UPDATE', 'OFFERS', 'UPDATE', 'UPDATE']);
  });

  test('an end that still queues at the agent frees resources already', () => {
    const { master, agent, framework } = launched();
    master.update('a', framework, status('t', 'TASK_RUNNING', 'u1'), 'TASK_FINISHED');
    expect(kinds(master.heard('f'))).toEqual(['UPDATE', 'OFFERS']);
    master.framework('f', acknowledge(agent, 'u1'));
    expect(master.world.agents.get(agent)?.tasks.size).toBe(1);
  });

  test('an end without a uuid is the last that is heard of a task', () => {
    const { master, agent, framework } = launched();
    master.update('a', framework, status('t', 'TASK_KILLED'));
    expect(master.world.agents.get(agent)?.tasks.size).toBe(0);
  });

  test('a late update does not bring a task back', () => {
    const { master, framework } = launched();
    master.update('a', framework, status('t', 'TASK_FINISHED', 'u2'));
    master.update('a', framework, status('t', 'TASK_RUNNING', 'u1'));
    master.heard('f');
    master.framework('f', { type: 'RECONCILE', reconcile: { tasks: [] } });
    expect(updatesIn(master.heard('f'))).toMatchObject([{ state: 'TASK_FINISHED' }]);
  });

  test.each([
    ['of a task that nobody knows', 'a', 'nobody'],
    ['of a task that runs on another agent', 'b', 't'],
    ['of a task of a framework that there is not', 'a', 't', 'm-0099'],
  ])('one %s changes nothing', (_what, from, id, of?: string) => {
    const { master, agent, framework } = launched();
    master.addAgent('b');
    const before = (): unknown =>
      [...master.world.agents.get(agent)!.tasks].map(({ id: task, status: last }) => [task, last]);
    const was = before();
    master.update(from, (of ?? framework) as FrameworkId, status(id, 'TASK_FAILED', 'u9'));
    expect(before()).toEqual(was);
    expect([...master.world.tasks.values()].map((tasks) => tasks.size)).toEqual([1]);
  });

  test('the wrong uuid acknowledges nothing; with the agent away nothing is forgotten', () => {
    const { master, agent, framework } = launched();
    master.update('a', framework, status('t', 'TASK_FINISHED', 'u'));
    master.framework('f', acknowledge(agent, 'other'));
    expect(master.world.agents.get(agent)?.tasks.size).toBe(1);
    master.closeAgent('a');
    master.framework('f', acknowledge(agent, 'u'));
    expect(master.world.agents.get(agent)?.tasks.size).toBe(1);
  });
});

describe('KILL', () => {
  test('goes to the agent with its policy; for another agent it is dropped', () => {
    const { master, agent, framework } = launched();
    const kill_policy = { grace_period: { nanoseconds: 1e9 } };
    master.framework('f', { type: 'KILL', kill: { task_id: { value: 't' }, agent_id: { value: 'm-S9' } } });
    expect(master.agentHeard('a')).toEqual([]);
    master.framework('f', {
      type: 'KILL',
      kill: { task_id: { value: 't' }, agent_id: { value: agent }, kill_policy },
    });
    expect(master.agentHeard('a')).toEqual([
      {
        type: 'KILL_TASK',
        kill_task: {
          framework_id: { value: framework },
          task_id: { value: 't' },
          kill_policy,
          asked_at_ms: expect.any(Number) as number,
        },
      },
    ]);
  });

  test("another framework's task is nobody's", () => {
    const { master, agent, framework } = launched();
    const other = master.subscribe('g');
    expect(other).not.toBe(framework);
    master.heard('g');
    master.framework('g', { type: 'KILL', kill: { task_id: { value: 't' } } });
    master.framework('g', acknowledge(agent, 'u'));
    expect(updatesIn(master.heard('g'))).toMatchObject([
      { state: 'TASK_UNKNOWN', reason: 'REASON_RECONCILIATION' },
    ]);
    expect(master.world.agents.get(agent)?.tasks.size).toBe(1);
    expect(updatesIn(master.heard('f'))).toEqual([]);
  });

  test('of a task that nobody knows is answered like a question', () => {
    const { master, agent } = cluster();
    master.framework('f', { type: 'KILL', kill: { task_id: { value: 'x' }, agent_id: { value: agent } } });
    master.framework('f', { type: 'KILL', kill: { task_id: { value: 'x' } } });
    expect(updatesIn(master.heard('f'))).toMatchObject([{ state: 'TASK_GONE' }, { state: 'TASK_UNKNOWN' }]);
  });

  test('while the agent is away is made good when it returns', () => {
    const { master, agent, framework } = launched();
    master.closeAgent('a');
    master.framework('f', { type: 'KILL', kill: { task_id: { value: 't' } } });
    const tasks = [
      {
        framework_id: { value: framework },
        task: taskInfo('t', agent),
        status: status('t', 'TASK_RUNNING', 'u'),
      },
    ];
    master.addAgent('a2', { info: { id: { value: agent }, hostname: 'a' }, tasks });
    expect(kinds(master.agentHeard('a2'))).toEqual(['SUBSCRIBED', 'KILL_TASK', 'CHECKPOINT_RESOURCES']);
  });

  test('of a task out of reach is answered with that', () => {
    const { master } = launched();
    master.pass(90);
    master.heard('f');
    master.framework('f', { type: 'KILL', kill: { task_id: { value: 't' } } });
    expect(updatesIn(master.heard('f'))).toMatchObject([
      { state: 'TASK_UNREACHABLE', reason: 'REASON_RECONCILIATION' },
    ]);
  });
});

describe('RECONCILE', () => {
  const ask = (task: string, agent?: string) => ({
    task_id: { value: task },
    ...(agent ? { agent_id: { value: agent } } : {}),
  });

  test('known: the latest state, without uuid, data and labels', () => {
    const { master, agent, framework } = launched();
    master.update('a', framework, {
      ...status('t', 'TASK_RUNNING', 'u'),
      data: 'eA==',
      labels: { labels: [] },
      healthy: true,
    });
    master.heard('f');
    master.framework('f', { type: 'RECONCILE', reconcile: { tasks: [ask('t')] } });
    expect(updatesIn(master.heard('f'))).toEqual([
      {
        task_id: { value: 't' },
        agent_id: { value: agent },
        state: 'TASK_RUNNING',
        healthy: true,
        source: 'SOURCE_MASTER',
        reason: 'REASON_RECONCILIATION',
        message: 'Reconciliation: Latest task state',
        timestamp: master.now / 1000,
      },
    ]);
  });

  test('unknown: gone from an agent that is here, unknown elsewhere, unreachable since its agent is', () => {
    const { master, agent } = launched();
    master.framework('f', {
      type: 'RECONCILE',
      reconcile: { tasks: [ask('x', agent), ask('x', 'm-S9'), ask('x')] },
    });
    expect(updatesIn(master.heard('f')).map(({ state }) => state)).toEqual([
      'TASK_GONE',
      'TASK_UNKNOWN',
      'TASK_UNKNOWN',
    ]);
    master.pass(90);
    const since = master.now * 1e6;
    master.pass(100);
    master.heard('f');
    master.framework('f', { type: 'RECONCILE', reconcile: { tasks: [ask('t'), ask('zz', agent)] } });
    expect(updatesIn(master.heard('f'))).toMatchObject([
      { task_id: { value: 't' }, state: 'TASK_UNREACHABLE', unreachable_time: { nanoseconds: since } },
      { task_id: { value: 'zz' }, state: 'TASK_UNREACHABLE', message: 'Reconciliation: Task is unreachable' },
    ]);
    master.framework('f', { type: 'RECONCILE', reconcile: { tasks: [] } });
    expect(master.heard('f')).toEqual([]);
  });

  test('silence while an agent of the registry has not come back', () => {
    const { master, agent } = launched();
    const after = new TestMaster(loadMaster(saveMaster(master.world)));
    after.subscribe('f');
    after.heard('f');
    after.framework('f', {
      type: 'RECONCILE',
      reconcile: { tasks: [ask('t', agent), ask('t'), ask('t', 'm-S9')] },
    });
    expect(updatesIn(after.heard('f'))).toMatchObject([
      { agent_id: { value: 'm-S9' }, state: 'TASK_UNKNOWN' },
    ]);
  });
});
