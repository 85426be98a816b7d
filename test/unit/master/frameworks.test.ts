import { describe, expect, test } from 'vitest';
import { loadMaster, saveMaster, type SavedMaster } from '../../../server/master/checkpoint.ts';
import { MASTER_LIMITS } from '../../../server/master/facts.ts';
import { awaitFrameworks } from '../../../server/master/subscribe.ts';
import { MasterTx } from '../../../server/master/tx.ts';
import { apply, emptyMaster } from '../../../server/master/world.ts';
import { seededRandom } from '../../../server/random.ts';
import type { FrameworkId } from '../../../shared/ids.ts';
import { parseAcls } from '../../../shared/mesos/acls.ts';
import type { Call } from '../../../shared/mesos/scheduler.ts';
import type { FrameworkInfo } from '../../../shared/mesos/v1.ts';
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
    expect(master.writes.map((write) => write.w === 'framework' && write.info?.name)).toEqual([
      'f',
      'g',
      'h',
    ]);
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
    master.subscribe('f2', { id: { value: framework }, user: 'root', checkpoint: false, name: 'renamed' });
    expect(master.world.frameworks.get(framework as never)?.info).toMatchObject({
      user: 'u',
      name: 'renamed',
      checkpoint: true,
    });
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
    expect(kinds(master.agentHeard('a2'))).toEqual(['SUBSCRIBED', 'KILL_TASK', 'CHECKPOINT_RESOURCES']);
  });
});

describe('what a subscription is refused for', () => {
  test.each<[string, Partial<FrameworkInfo>, string]>([
    [
      'a bad role',
      { roles: [''] },
      "'FrameworkInfo.roles' contains invalid role: Role names cannot be the empty string",
    ],
    [
      'a timeout that is none',
      { failover_timeout: 1e300 },
      'The framework failover_timeout (1e+300) is invalid',
    ],
  ])('%s: an ERROR, and nothing is remembered', (_name, info, message) => {
    const master = new TestMaster();
    expect(master.subscribe('f', info)).toBe('');
    expect(master.heard('f')).toEqual([{ type: 'ERROR', error: { message } }]);
    expect(master.closed).toEqual(['f']);
    expect(master.writes).toEqual([]);
    expect(master.world.frameworks.size).toBe(0);
  });

  test('suppressed roles that it does not have', () => {
    const master = new TestMaster();
    master.subscribe('f', {}, ['zzz']);
    expect(master.heard('f')).toEqual([
      {
        type: 'ERROR',
        error: { message: 'Suppressed roles { zzz } are not contained in the set of roles' },
      },
    ]);
  });

  test('a stream that is refused takes nothing from the one that is there', () => {
    const { master, framework } = running();
    master.subscribe('f2', { id: { value: framework }, roles: ['/'] });
    expect(kinds(master.heard('f2'))).toEqual(['ERROR']);
    expect(master.heard('f')).toEqual([]);
    expect(master.world.offers.size).toBe(1);
  });
});

describe('a call over HTTP is answered', () => {
  const reconcile = (framework: string): Call => ({
    type: 'RECONCILE',
    framework_id: { value: framework },
    reconcile: { tasks: [] },
  });

  test('in order: known, subscribed, with the id of its stream', () => {
    const { master, framework } = running();
    const stale = `The stream ID 'g' included in this request didn't match the stream ID currently associated with framework ID ${framework}`;
    const without = "All non-subscribe calls should include the 'Mesos-Stream-Id' header";
    expect(master.request('f', reconcile('nobody'))).toEqual({
      status: 400,
      message: 'Framework cannot be found',
    });
    expect(master.request('', reconcile(framework))).toEqual({ status: 400, message: without });
    expect(master.request('g', reconcile(framework))).toEqual({ status: 400, message: stale });
    expect(master.request('f', reconcile(framework))).toEqual({ status: 202 });
    master.closeFramework('f');
    expect(master.request('', reconcile(framework))).toEqual({
      status: 403,
      message: 'Framework is not subscribed',
    });
  });

  test('501 to UNKNOWN, which aborts a real master', () => {
    const { master, framework } = running();
    const call: Call = { type: 'UNKNOWN', framework_id: { value: framework } };
    expect(master.request('f', call)).toEqual({ status: 501 });
  });

  test('after TEARDOWN it is nobody', () => {
    const { master, framework } = running();
    const teardown: Call = { type: 'TEARDOWN', framework_id: { value: framework } };
    expect(master.request('f', teardown)).toEqual({ status: 202 });
    expect(master.request('f', teardown)).toEqual({ status: 400, message: 'Framework cannot be found' });
  });

  test.each<Call>([
    { type: 'DECLINE', decline: { offer_ids: [{ value: 'nosuch' }] } },
    { type: 'KILL', kill: { task_id: { value: 'nosuch' } } },
    { type: 'REVIVE', revive: { roles: ['nosuch'] } },
    { type: 'SUPPRESS' },
    { type: 'REQUEST', request: {} },
    { type: 'SHUTDOWN', shutdown: { executor_id: { value: 'e' }, agent_id: { value: 'a' } } },
    { type: 'MESSAGE', message: { executor_id: { value: 'e' }, agent_id: { value: 'a' }, data: '' } },
    { type: 'ACCEPT_INVERSE_OFFERS', accept_inverse_offers: { inverse_offer_ids: [{ value: 'nosuch' }] } },
    { type: 'DECLINE_INVERSE_OFFERS', decline_inverse_offers: { inverse_offer_ids: [] } },
    { type: 'RECONCILE_OPERATIONS', reconcile_operations: { operations: [] } },
  ])('202 also without effect: $type', (call) => {
    const { master, framework } = running();
    expect(master.request('f', { ...call, framework_id: { value: framework } })).toEqual({ status: 202 });
  });
});

describe('UPDATE_FRAMEWORK', () => {
  const update = (framework: string, info: Partial<FrameworkInfo>, suppressed: string[] = []): Call => ({
    type: 'UPDATE_FRAMEWORK',
    framework_id: { value: framework },
    update_framework: {
      framework_info: {
        user: 'u',
        name: 'f',
        roles: ['dawn'],
        failover_timeout: 60,
        checkpoint: true,
        capabilities: [{ type: 'PARTITION_AWARE' }, { type: 'MULTI_ROLE' }],
        id: { value: framework },
        ...info,
      },
      suppressed_roles: suppressed,
    },
  });

  test('replaces what it said, durably; offers of roles it left are rescinded', () => {
    const { master, framework } = running();
    const [offer] = master.world.offers.keys();
    expect(master.request('f', update(framework, { name: 'g', roles: ['other'] }))).toEqual({ status: 200 });
    const events = master.heard('f');
    expect(events[0]).toEqual({ type: 'RESCIND', rescind: { offer_id: { value: offer } } });
    expect(offersIn(events).map((each) => each.allocation_info)).toEqual([{ role: 'other' }]);
    expect(master.writes.at(-1)).toMatchObject({ w: 'framework', info: { name: 'g', roles: ['other'] } });
  });

  test('with nothing new writes nothing', () => {
    const { master, framework } = running();
    const { length } = master.writes;
    master.request('f', update(framework, {}));
    expect(master.writes).toHaveLength(length);
  });

  test('suppressed roles are replaced as well', () => {
    const { master, framework } = running();
    master.request('f', update(framework, {}, ['dawn']));
    expect([...(master.world.frameworks.get(framework as never)?.suppressed ?? [])]).toEqual(['dawn']);
    master.request('f', update(framework, {}));
    expect(master.world.frameworks.get(framework as never)?.suppressed.size).toBe(0);
  });

  test.each<[string, Partial<FrameworkInfo>, string[], string]>([
    [
      'an info that is none',
      { roles: ['/'] },
      [],
      "Supplied FrameworkInfo is not valid: 'FrameworkInfo.roles'",
    ],
    ['another user', { user: 'x' }, [], "FrameworkInfo update is not valid: Updating 'FrameworkInfo.user'"],
    ['another principal', { principal: 'x' }, [], 'FrameworkInfo update is not valid: Changing framework'],
    ['foreign suppressed roles', {}, ['x'], "'UpdateFramework' call is not valid: Suppressed roles { x }"],
  ])('%s: 400, and nothing changes', (_name, info, suppressed, message) => {
    const { master, framework } = running();
    const before = master.world.frameworks.get(framework as never)?.info;
    const answer = master.request('f', update(framework, { name: 'g', ...info }, suppressed));
    expect(answer?.status).toBe(400);
    expect(answer?.message).toContain(message);
    expect(master.world.frameworks.get(framework as never)?.info).toBe(before);
    expect(master.world.offers.size).toBe(1);
  });
});

describe('a restarted master', () => {
  function restarted(master: TestMaster): TestMaster {
    const saved = JSON.parse(JSON.stringify(saveMaster(master.world))) as SavedMaster;
    const again = new TestMaster(loadMaster(saved));
    awaitFrameworks(
      new MasterTx(again.world, { now: again.now, random: seededRandom(1), limits: MASTER_LIMITS }),
    );
    return again;
  }

  test('knows its frameworks, and gives them their failover timeout', () => {
    const master = new TestMaster();
    const framework = master.subscribe('f', { failover_timeout: 3600, name: 'kept' });
    const again = restarted(master);
    expect(again.world.frameworks.get(framework)).toMatchObject({
      connection: null,
      info: { name: 'kept', failover_timeout: 3600 },
    });
    again.pass(3599);
    expect(again.world.goneFrameworks.has(framework)).toBe(false);
    again.pass(1);
    expect(again.world.goneFrameworks.has(framework)).toBe(true);
  });

  test('gives those without a timeout as long as agents have: it was the master that went away', () => {
    const master = new TestMaster();
    const framework = master.subscribe('f', { failover_timeout: 0 });
    const again = restarted(master);
    again.pass(599);
    expect(again.subscribe('f2', { id: { value: framework } })).toBe(framework);
    again.pass(600);
    expect(again.world.frameworks.has(framework)).toBe(true);
  });

  test('still refuses another principal', () => {
    const master = new TestMaster();
    const framework = master.subscribe('f', { principal: 'p' });
    const again = restarted(master);
    again.subscribe('g', { id: { value: framework }, principal: 'q' });
    expect(kinds(again.heard('g'))).toEqual(['ERROR']);
  });

  test('reads rows of before, which have a name only', () => {
    const world = emptyMaster('m');
    apply(world, { w: 'framework', id: 'm-0004' as FrameworkId, name: 'Dawn', atMs: 0 });
    expect(world.knownFrameworks.get('m-0004' as FrameworkId)).toBeNull();
    const old = { ...saveMaster(world), frameworks: [['m-0004', 'Dawn']] } as unknown as SavedMaster;
    const master = new TestMaster(loadMaster(old));
    expect(master.subscribe('f', { id: { value: 'm-0004' }, name: 'Dawn' })).toBe('m-0004');
    expect(master.world.frameworks.get('m-0004' as FrameworkId)?.info.user).toBe('u');
    expect(master.subscribe('g')).toBe('m-0005');
  });
});

describe('who may', () => {
  test('have a role: those of --roles, and nobody else', () => {
    const master = new TestMaster(undefined, { roles: ['dawn'] });
    master.subscribe('f');
    expect(kinds(master.heard('f'))).toEqual(['SUBSCRIBED', 'HEARTBEAT']);
    master.subscribe('g', { roles: ['dawn', 'other'] });
    expect(master.heard('g')).toMatchObject([
      { type: 'ERROR', error: { message: "Roles { other } are not present in the master's --roles" } },
    ]);
  });

  test('have a role and run as a user: what the rules say', () => {
    const acls = parseAcls(
      JSON.stringify({
        permissive: false,
        register_frameworks: [{ principals: { values: ['ann'] }, roles: { values: ['dawn'] } }],
        run_tasks: [{ principals: { values: ['ann'] }, users: { values: ['u'] } }],
        register_agents: [{ principals: { type: 'ANY' }, agents: { type: 'ANY' } }],
      }),
    );
    const master = new TestMaster(undefined, { acls });
    master.subscribe('bob', { principal: 'bob' });
    expect(master.heard('bob')).toMatchObject([
      { type: 'ERROR', error: { message: 'Not authorized to register framework  with roles { dawn }' } },
    ]);
    master.subscribe('f', { principal: 'ann' });
    const agent = master.addAgent('a');
    const rooted = { ...taskInfo('r', agent), command: { value: 'true', user: 'root' } };
    master.launch('f', agent, [rooted, taskInfo('t', agent)]);
    expect(updatesIn(master.heard('f'))).toMatchObject([
      {
        state: 'TASK_ERROR',
        reason: 'REASON_TASK_UNAUTHORIZED',
        message: "Not authorized to launch as user 'root'",
      },
    ]);
    expect(kinds(master.agentHeard('a'))).toEqual(['SUBSCRIBED', 'RUN_TASK']);
  });
});
