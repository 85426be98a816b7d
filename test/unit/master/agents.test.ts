import { describe, expect, test } from 'vitest';
import { awaitAgents } from '../../../server/master/agents.ts';
import { loadMaster, saveMaster } from '../../../server/master/checkpoint.ts';
import { MASTER_LIMITS } from '../../../server/master/facts.ts';
import { MasterTx } from '../../../server/master/tx.ts';
import { apply, emptyMaster } from '../../../server/master/world.ts';
import { seededRandom } from '../../../server/random.ts';
import type { AgentId, FrameworkId } from '../../../shared/ids.ts';
import type { Resources } from '../../../shared/resources.ts';
import { SMALL, TestMaster, kinds, offersIn, status, taskInfo, updatesIn } from './test-master.ts';

function running(): { master: TestMaster; agent: string; framework: FrameworkId } {
  const master = new TestMaster();
  const framework = master.subscribe('f');
  const agent = master.addAgent('a');
  master.launch('f', master.world.agentByConnection.get('a' as never)!, [taskInfo('t', agent)]);
  master.update('a', framework, status('t', 'TASK_RUNNING', 'u1'));
  master.framework('f', {
    type: 'ACKNOWLEDGE',
    acknowledge: { agent_id: { value: agent }, task_id: { value: 't' }, uuid: 'u1' },
  });
  master.heard('f');
  master.agentHeard('a');
  return { master, agent, framework };
}

const held = (framework: string, agent: string, id = 't') => ({
  framework_id: { value: framework },
  task: taskInfo(id, agent),
  status: status(id, 'TASK_RUNNING', 'u1'),
});

describe('registration', () => {
  test('a new agent gets the next id, and it is in the registry before it hears of it', () => {
    const master = new TestMaster();
    expect(master.addAgent('a')).toBe('m-S0');
    expect(master.addAgent('b')).toBe('m-S1');
    expect(master.writes.map((write) => write.w)).toEqual(['agent', 'agent']);
    expect(master.agentHeard('a')).toEqual([
      {
        type: 'SUBSCRIBED',
        subscribed: { agent_id: { value: 'm-S0' }, cluster_id: 'm', ping_timeout_seconds: 15 },
      },
    ]);
  });

  test('an id that is not ours is replaced, and does not upset the numbering', () => {
    const master = new TestMaster();
    expect(master.addAgent('a', { info: { id: { value: 'other-S999' } } })).toBe('m-S0');
    apply(master.world, {
      w: 'framework',
      id: 'x-7' as FrameworkId,
      name: 'x',
      atMs: 0,
    });
    expect(master.subscribe('f')).toBe('m-0000');
  });

  test('a second stream of an agent replaces the first; what the first says or does no longer matters', () => {
    const { master, agent, framework } = running();
    master.addAgent('a2', { info: { id: { value: agent }, hostname: 'a' }, tasks: [held(framework, agent)] });
    expect(master.closed).toEqual(['a']);
    master.closeAgent('a');
    expect(master.world.agents.get(agent as never)?.connection).toBe('a2');
    master.agent('a', { type: 'UNREGISTER', agent_id: { value: agent } });
    expect(master.world.agents.has(agent as never)).toBe(true);
    expect(kinds(master.heard('f'))).toEqual(['RESCIND', 'UPDATE', 'OFFERS']);
  });

  const bad: [string, { host?: string; total?: Resources; twice?: boolean; ports?: boolean }, string][] = [
    ['another host', { host: 'other' }, 'm-S0 is a, not other'],
    ['less than its tasks use', { total: { ...SMALL, cpusMilli: 500 } }, 'offers less than its 1 tasks use'],
    ['a task twice', { twice: true }, 'brings a task twice'],
    ['a port twice', { ports: true }, 'offers less than its 2 tasks use'],
  ];
  test.each(bad)(
    'refuses an agent that brings %s',
    (_what, { host = 'a', total = SMALL, twice, ports }, message) => {
      const { master, agent, framework } = running();
      const tasks = twice ? [held(framework, agent), held(framework, agent)] : [held(framework, agent)];
      const same = taskInfo('t', agent, { ports: [[31000, 31000]] });
      if (ports) {
        tasks[0] = { ...held(framework, agent), task: same };
        tasks[1] = { ...held(framework, agent, 'u'), task: { ...same, task_id: { value: 'u' } } };
      }
      master.addAgent('b', { info: { hostname: host, id: { value: agent } }, total, tasks });
      expect(master.agentHeard('b')).toEqual([
        { type: 'ERROR', error: { message: expect.stringContaining(message) } },
      ]);
      expect(master.closed).toEqual(['b']);
      expect(master.world.agents.get(agent as never)?.connection).toBe('a');
    },
  );

  test('tasks are relearnt; what the agent does not know any more is told as dropped', () => {
    const { master, agent, framework } = running();
    master.addAgent('a2', {
      info: { id: { value: agent }, hostname: 'a' },
      tasks: [held(framework, agent, 'other')],
    });
    expect(updatesIn(master.heard('f'))).toMatchObject([
      { task_id: { value: 't' }, state: 'TASK_DROPPED', reason: 'REASON_AGENT_RESTARTED' },
      { task_id: { value: 'other' }, state: 'TASK_RUNNING', reason: 'REASON_AGENT_REREGISTERED' },
    ]);
    expect([...master.world.agents.get(agent as never)!.tasks].map(({ id }) => id)).toEqual(['other']);
    expect(master.world.frameworks.get(framework)?.tasks.has('other' as never)).toBe(true);
  });

  test('a task reported by another agent moves there', () => {
    const { master, agent, framework } = running();
    const other = master.addAgent('b', { tasks: [held(framework, agent)] });
    expect(master.world.tasks.get(framework)?.get('t' as never)?.agent).toBe(other);
    expect(master.world.agents.get(agent as never)?.tasks.size).toBe(0);
  });
});

describe('pings', () => {
  test('an agent that answers stays; one that misses five is out of reach', () => {
    const { master, agent } = running();
    for (let i = 0; i < 20; i++) {
      master.pass(15);
      master.agent('a', { type: 'PONG', agent_id: { value: agent } });
    }
    expect(kinds(master.agentHeard('a'))).toEqual(Array.from({ length: 20 }, () => 'PING'));
    expect(master.heard('f')).toEqual([]);
    master.pass(89);
    expect(master.heard('f')).toEqual([]);
    master.pass(1);
    const events = master.heard('f');
    expect(kinds(events)).toEqual(['UPDATE', 'RESCIND', 'FAILURE']);
    expect(updatesIn(events)).toEqual([
      {
        task_id: { value: 't' },
        agent_id: { value: agent },
        state: 'TASK_UNREACHABLE',
        source: 'SOURCE_MASTER',
        reason: 'REASON_AGENT_REMOVED',
        message: 'health check timed out',
        timestamp: master.now / 1000,
        unreachable_time: { nanoseconds: master.now * 1e6 },
      },
    ]);
    expect(master.closed).toEqual(['a']);
    expect(master.writes.at(-1)).toMatchObject({ w: 'agent-state', state: 'unreachable' });
  });

  test('two wake-ups for the same moment are one ping', () => {
    const master = new TestMaster();
    const agent = master.addAgent('a');
    master.addAgent('a2', { info: { id: { value: agent }, hostname: 'a' } });
    master.pass(15);
    expect(kinds(master.agentHeard('a2'))).toEqual(['SUBSCRIBED', 'CHECKPOINT_RESOURCES', 'PING']);
    expect(master.world.agents.get(agent)?.missedPings).toBe(1);
  });

  test('a broken stream takes the offers at once and the tasks only after the ping timeouts', () => {
    const { master } = running();
    master.closeAgent('a');
    expect(kinds(master.heard('f'))).toEqual(['RESCIND']);
    master.pass(74);
    expect(master.heard('f')).toEqual([]);
    master.pass(1);
    expect(kinds(master.heard('f'))).toEqual(['UPDATE', 'FAILURE']);
  });

  test('a framework that does not know partitions hears TASK_LOST', () => {
    const master = new TestMaster();
    master.subscribe('old', { capabilities: [] });
    const agent = master.addAgent('a');
    master.launch('old', agent, [taskInfo('t', agent)]);
    master.heard('old');
    master.pass(90);
    expect(updatesIn(master.heard('old'))).toMatchObject([
      { state: 'TASK_LOST', reason: 'REASON_AGENT_REMOVED' },
    ]);
  });

  test('an agent that returns is told of as it was, without a uuid, under the same id', () => {
    const { master, agent, framework } = running();
    master.pass(90);
    master.heard('f');
    expect(
      master.addAgent('a2', {
        info: { id: { value: agent }, hostname: 'a' },
        tasks: [held(framework, agent)],
      }),
    ).toBe(agent);
    const events = master.heard('f');
    expect(updatesIn(events)).toMatchObject([
      { state: 'TASK_RUNNING', reason: 'REASON_AGENT_REREGISTERED', source: 'SOURCE_MASTER' },
    ]);
    expect(updatesIn(events)[0]).not.toHaveProperty('uuid');
    expect(offersIn(events)).toHaveLength(1);
    expect(master.writes.at(-1)).toMatchObject({ w: 'agent-state', state: 'reachable' });
  });

  test('an agent that unregisters is gone for good, and its tasks are lost to everybody', () => {
    const { master, agent } = running();
    master.agent('a', { type: 'UNREGISTER', agent_id: { value: agent } });
    const events = master.heard('f');
    expect(kinds(events)).toEqual(['UPDATE', 'RESCIND', 'FAILURE']);
    expect(updatesIn(events)).toMatchObject([{ state: 'TASK_LOST' }]);
    expect(master.world.agents.size).toBe(0);
    expect(master.writes.at(-1)).toMatchObject({ w: 'agent-gone', id: agent });
    expect(master.addAgent('b')).toBe('m-S1');
  });
});

describe('restart of the master', () => {
  function restarted(master: TestMaster): TestMaster {
    const world = emptyMaster('m');
    for (const write of master.writes) apply(world, write);
    expect(saveMaster(world)).toEqual(saveMaster(master.world));
    expect(saveMaster(loadMaster(saveMaster(world)))).toEqual(saveMaster(world));
    const after = new TestMaster(world);
    after.now = master.now;
    awaitAgents(new MasterTx(world, { now: after.now, random: seededRandom(1), limits: MASTER_LIMITS }));
    return after;
  }

  test('agents of the registry are waited for, then out of reach', () => {
    const { master, agent } = running();
    const after = restarted(master);
    after.subscribe('f', { id: { value: 'm-0000' } });
    after.heard('f');
    after.pass(599);
    expect(after.heard('f')).toEqual([]);
    after.pass(1);
    expect(after.heard('f')).toEqual([{ type: 'FAILURE', failure: { agent_id: { value: agent } } }]);
  });

  test('an agent that comes back brings its tasks; ids go on from where they were', () => {
    const { master, agent, framework } = running();
    const after = restarted(master);
    after.addAgent('a', { info: { id: { value: agent } }, tasks: [held(framework, agent)] });
    after.subscribe('f', { id: { value: framework } });
    after.framework('f', { type: 'RECONCILE', reconcile: { tasks: [] } });
    expect(updatesIn(after.heard('f'))).toMatchObject([{ task_id: { value: 't' }, state: 'TASK_RUNNING' }]);
    expect(after.addAgent('b')).toBe('m-S1');
    expect(after.subscribe('g')).toBe('m-0001');
  });
});

describe('a framework that does not checkpoint', () => {
  const lost = (): { master: TestMaster; agent: AgentId } => {
    const master = new TestMaster();
    const agent = master.addAgent('a');
    const framework = master.subscribe('f', { checkpoint: false });
    master.launch('f', agent, [taskInfo('t', agent)]);
    master.update('a', framework, status('t', 'TASK_RUNNING', 'u1'));
    master.heard('f');
    master.closeAgent('a');
    return { master, agent };
  };

  test('loses its tasks with the connection, as recorded (07-agent-loss/04), also if it is PARTITION_AWARE', () => {
    const { master, agent } = lost();
    expect(master.heard('f').find(({ type }) => type === 'UPDATE')).toMatchObject({
      update: {
        status: {
          state: 'TASK_LOST',
          source: 'SOURCE_MASTER',
          reason: 'REASON_AGENT_DISCONNECTED',
          message: expect.stringMatching(/^Agent .* disconnected$/) as string,
        },
      },
    });
    expect(master.world.agents.get(agent)?.tasks.size).toBe(0);
  });

  test('has them killed when the agent comes back with them, and does not hear that they run', () => {
    const { master, agent } = lost();
    master.heard('f');
    const info = taskInfo('t', agent);
    const held = {
      framework_id: { value: [...master.world.frameworks.keys()][0]! },
      task: info,
      status: status('t', 'TASK_RUNNING', 'u1'),
    };
    master.addAgent('a2', { info: { id: { value: agent }, hostname: 'a' }, boot: 'another', tasks: [held] });
    expect(kinds(master.agentHeard('a2'))).toContain('KILL_TASK');
    expect(kinds(master.heard('f'))).not.toContain('UPDATE');
  });
});
