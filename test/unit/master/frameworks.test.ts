import { describe, expect, test } from 'vitest';
import { TestMaster, kinds, offersIn, status, taskInfo, updatesIn } from './test-master.ts';

function running(): { master: TestMaster; agent: string; framework: string } {
  const master = new TestMaster();
  const framework = master.subscribe('f');
  const agent = master.addAgent('a');
  master.launch('f', agent, [taskInfo('t', agent)]);
  master.heard('f');
  master.agentHeard('a');
  return { master, agent, framework };
}

describe('subscription', () => {
  test('without an id: the next one; with an id never seen: that one', () => {
    const master = new TestMaster();
    expect(master.subscribe('f')).toBe('m-0000');
    expect(master.subscribe('g', { id: { value: 'theirs-7' } })).toBe('theirs-7');
    expect(master.subscribe('h')).toBe('m-0001');
    expect(master.writes.map((write) => write.w === 'framework' && write.name)).toEqual(['f', 'g', 'h']);
    expect(master.heard('f')).toEqual([
      {
        type: 'SUBSCRIBED',
        subscribed: { framework_id: { value: 'm-0000' }, heartbeat_interval_seconds: 15 },
      },
      { type: 'HEARTBEAT' },
    ]);
  });

  test('a second stream wins: the first hears why, its offers come again as new ones without RESCIND', () => {
    const { master, framework } = running();
    master.subscribe('f2', { id: { value: framework } });
    expect(master.heard('f')).toEqual([{ type: 'ERROR', error: { message: 'Framework failed over' } }]);
    expect(master.closed).toEqual(['f']);
    const events = master.heard('f2');
    expect(kinds(events)).toEqual(['SUBSCRIBED', 'HEARTBEAT', 'OFFERS']);
    expect(offersIn(events)).toHaveLength(1);
    master.framework('f', { type: 'TEARDOWN' });
    expect(master.world.frameworks.has(framework as never)).toBe(true);
  });

  test('what was not acknowledged comes again at once, the same update', () => {
    const { master, agent, framework } = running();
    master.update('a', framework as never, status('t', 'TASK_RUNNING', 'u1'));
    master.subscribe('f2', { id: { value: framework } });
    expect(updatesIn(master.heard('f2'))).toEqual([
      { ...status('t', 'TASK_RUNNING', 'u1'), agent_id: { value: agent } },
    ]);
    master.framework('f2', {
      type: 'ACKNOWLEDGE',
      acknowledge: { agent_id: { value: agent }, task_id: { value: 't' }, uuid: 'u1' },
    });
    master.subscribe('f3', { id: { value: framework } });
    expect(updatesIn(master.heard('f3'))).toEqual([]);
  });

  test('filters end with the subscription', () => {
    const { master, framework } = running();
    const [offer] = master.world.offers.keys();
    master.framework('f', {
      type: 'DECLINE',
      decline: { offer_ids: [{ value: offer! }], filters: { refuse_seconds: 600 } },
    });
    expect(master.heard('f')).toEqual([]);
    master.subscribe('f', { id: { value: framework } });
    expect(offersIn(master.heard('f'))).toHaveLength(1);
  });

  test('another principal is refused; another user or checkpoint is ignored', () => {
    const { master, framework } = running();
    master.subscribe('thief', { id: { value: framework }, principal: 'thief' });
    expect(kinds(master.heard('thief'))).toEqual(['ERROR']);
    expect(master.closed).toEqual(['thief']);
    master.subscribe('f2', { id: { value: framework }, user: 'root', checkpoint: true, name: 'renamed' });
    expect(master.world.frameworks.get(framework as never)?.info).toMatchObject({
      user: 'u',
      name: 'renamed',
    });
    expect(master.world.frameworks.get(framework as never)?.info).not.toHaveProperty('checkpoint');
  });
});

describe('the end of a framework', () => {
  test('its stream breaks: offers come back, nobody is offered them, tasks stay until the failover timeout', () => {
    const { master, framework } = running();
    master.closeFramework('f');
    expect(master.world.offers.size).toBe(0);
    master.pass(59);
    expect(master.world.frameworks.has(framework as never)).toBe(true);
    expect(kinds(master.agentHeard('a'))).not.toContain('KILL_TASK');
    master.pass(1);
    expect(kinds(master.agentHeard('a'))).toContain('KILL_TASK');
    expect(master.writes.at(-1)).toMatchObject({ w: 'framework-gone', id: framework });
  });

  test('it comes back in time', () => {
    const { master, framework } = running();
    master.closeFramework('f');
    master.pass(59);
    master.subscribe('f2', { id: { value: framework } });
    master.pass(30);
    expect(kinds(master.agentHeard('a'))).not.toContain('KILL_TASK');
    expect(master.world.frameworks.get(framework as never)?.tasks.size).toBe(1);
  });

  test('TEARDOWN: tasks are killed, their ends acknowledged by the master, the id is never accepted again', () => {
    const { master, agent, framework } = running();
    master.framework('f', { type: 'TEARDOWN' });
    expect(master.heard('f')).toEqual([]);
    expect(master.closed).toEqual(['f']);
    expect(kinds(master.agentHeard('a'))).toEqual(['KILL_TASK']);
    master.update('a', framework as never, status('t', 'TASK_KILLED', 'u'));
    expect(master.agentHeard('a')).toEqual([
      {
        type: 'ACKNOWLEDGE',
        acknowledge: { framework_id: { value: framework }, task_id: { value: 't' }, uuid: 'u' },
      },
    ]);
    expect(master.world.agents.get(agent as never)?.tasks.size).toBe(0);
    expect(master.world.tasks.size).toBe(0);
    master.subscribe('again', { id: { value: framework } });
    expect(master.heard('again')).toEqual([
      { type: 'ERROR', error: { message: 'Framework has been removed' } },
    ]);
  });

  test('an agent that was away during TEARDOWN ends the tasks when it returns', () => {
    const { master, agent, framework } = running();
    master.closeAgent('a');
    master.framework('f', { type: 'TEARDOWN' });
    const tasks = [
      {
        framework_id: { value: framework },
        task: taskInfo('t', agent),
        status: status('t', 'TASK_RUNNING', 'u'),
      },
    ];
    master.addAgent('a2', { info: { id: { value: agent }, hostname: 'a' }, tasks });
    expect(kinds(master.agentHeard('a2'))).toEqual(['SUBSCRIBED', 'KILL_TASK']);
  });
});
