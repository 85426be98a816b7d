import { describe, expect, test } from 'vitest';
import type { AgentId } from '../../../shared/ids.ts';
import type { OperatorCall } from '../../../shared/mesos/operator.ts';
import type { MesosResource } from '../../../shared/mesos/v1.ts';
import { loadMaster, saveMaster } from '../../../server/master/checkpoint.ts';
import { apply, emptyMaster } from '../../../server/master/world.ts';
import { TestMaster, offersIn, taskInfo, updatesIn } from './test-master.ts';

const HOUR = 3_600_000_000_000;
const machine = (hostname: string) => ({ hostname, ip: '127.0.0.1' });
const window = (...hosts: string[]): OperatorCall => ({
  type: 'UPDATE_MAINTENANCE_SCHEDULE',
  update_maintenance_schedule: {
    schedule: {
      windows:
        hosts.length === 0
          ? []
          : [
              {
                machine_ids: hosts.map(machine),
                unavailability: { start: { nanoseconds: HOUR }, duration: { nanoseconds: HOUR } },
              },
            ],
    },
  },
});
const start = (...hosts: string[]): OperatorCall => ({
  type: 'START_MAINTENANCE',
  start_maintenance: { machines: hosts.map(machine) },
});
const stop = (...hosts: string[]): OperatorCall => ({
  type: 'STOP_MAINTENANCE',
  stop_maintenance: { machines: hosts.map(machine) },
});
const kinds = (events: readonly { readonly type: string }[]): string[] => events.map(({ type }) => type);

/** A framework with a task on agent `a`, and the rest of `a` offered to it. */
function running(info = {}): { master: TestMaster; agent: AgentId } {
  const master = new TestMaster();
  master.subscribe('f', info);
  const agent = master.addAgent('a');
  master.launch('f', agent, [taskInfo('t', agent)]);
  master.heard('f');
  master.agentHeard('a');
  return { master, agent };
}

describe('maintenance', () => {
  test('a schedule: offers come again with the time, and what is held is asked back', () => {
    const { master } = running();
    expect(master.operator(window('a'))).toEqual({ status: 200 });
    const events = master.heard('f');
    expect(kinds(events)).toEqual(['RESCIND', 'OFFERS', 'INVERSE_OFFERS']);
    expect(offersIn(events)[0]?.unavailability?.start.nanoseconds).toBe(HOUR);
    expect(master.world.inverseOffers.size).toBe(1);
  });

  test('an answer is kept for the operator, and asked for again when its filter ends', () => {
    const { master, agent } = running();
    master.operator(window('a'));
    const [id] = master.world.inverseOffers.keys();
    master.framework('f', {
      type: 'DECLINE_INVERSE_OFFERS',
      decline_inverse_offers: { inverse_offer_ids: [{ value: id ?? '' }], filters: { refuse_seconds: 2 } },
    });
    expect([...master.world.agents.get(agent)!.inverseAnswers.values()]).toMatchObject([
      { status: 'DECLINE' },
    ]);
    master.heard('f');
    master.pass(1);
    expect(kinds(master.heard('f'))).not.toContain('INVERSE_OFFERS');
    master.pass(2);
    expect(kinds(master.heard('f'))).toContain('INVERSE_OFFERS');
  });

  test('a framework that comes back is asked anew', () => {
    const { master } = running();
    master.operator(window('a'));
    const framework = master.world.frameworkByConnection.get('f' as never)!;
    master.closeFramework('f');
    expect(master.world.inverseOffers.size).toBe(0);
    master.subscribe('f2', { id: { value: framework }, name: 'f' });
    expect(kinds(master.heard('f2'))).toContain('INVERSE_OFFERS');
  });

  test('down: the agent is told to end, its tasks are lost to everybody, it is not let in; up: it is', () => {
    const { master } = running();
    master.operator(window('a'));
    master.heard('f');
    expect(master.operator(start('a'))).toEqual({ status: 200 });
    expect(kinds(master.agentHeard('a'))).toEqual(['SHUTDOWN']);
    const events = master.heard('f');
    expect(updatesIn(events)).toMatchObject([
      {
        state: 'TASK_LOST',
        reason: 'REASON_AGENT_REMOVED',
        message: "Agent a removed: Operator initiated 'Machine DOWN'",
      },
    ]);
    expect(kinds(events)).toEqual(['UPDATE', 'RESCIND', 'RESCIND_INVERSE_OFFER', 'FAILURE']);
    master.addAgent('a2', { info: { hostname: 'a' } });
    expect(master.agentHeard('a2')).toMatchObject([{ type: 'ERROR' }]);
    expect(master.operator(stop('a'))).toEqual({ status: 200 });
    master.addAgent('a3', { info: { hostname: 'a' } });
    expect(kinds(master.agentHeard('a3'))).toEqual(['SUBSCRIBED']);
    expect(master.world.windows).toEqual([]);
  });

  test.each<[string, OperatorCall[], string]>([
    [
      'no machines',
      [
        {
          type: 'UPDATE_MAINTENANCE_SCHEDULE',
          update_maintenance_schedule: {
            schedule: { windows: [{ unavailability: { start: { nanoseconds: 1 } } }] },
          },
        },
      ],
      'List of machines in the maintenance window is empty',
    ],
    ['a machine twice', [window('a', 'A')], 'more than once'],
    ['down without a schedule', [start('a')], 'not part of a maintenance schedule'],
    ['down twice', [window('a'), start('a'), start('a')], 'cannot be brought down'],
    ['up, and never down', [window('a'), stop('a')], 'is not in DOWN mode and cannot be brought up'],
    ['a down machine dropped', [window('a'), start('a'), window()], 'cannot be removed from the schedule'],
  ])('refused: %s', (_what, calls, message) => {
    const master = new TestMaster();
    const answers = calls.map((call) => master.operator(call));
    expect(answers.at(-1)).toEqual({ status: 400, message: expect.stringContaining(message) as string });
  });
});

describe('draining', () => {
  const drain = (agent: string, more = {}): OperatorCall => ({
    type: 'DRAIN_AGENT',
    drain_agent: { agent_id: { value: agent }, ...more },
  });

  test('nothing is offered, the agent ends its tasks, and when their ends are acknowledged it is drained', () => {
    const { master, agent } = running();
    expect(master.operator(drain(agent, { max_grace_period: { seconds: 3 } }))).toEqual({ status: 200 });
    expect(master.agentHeard('a')).toEqual([
      { type: 'DRAIN', drain: { mark_gone: false, max_grace_ms: 3000 } },
    ]);
    expect(kinds(master.heard('f'))).toEqual(['RESCIND']);
    expect(master.world.agents.get(agent)?.drain?.state).toBe('DRAINING');
    const framework = master.world.frameworkByConnection.get('f' as never)!;
    master.update('a', framework, {
      task_id: { value: 't' },
      state: 'TASK_KILLED',
      uuid: 'AAAAAAAAAAAAAAAAAAAAAA==',
    });
    expect(master.world.agents.get(agent)?.drain?.state).toBe('DRAINING');
    master.framework('f', {
      type: 'ACKNOWLEDGE',
      acknowledge: { agent_id: { value: agent }, task_id: { value: 't' }, uuid: 'AAAAAAAAAAAAAAAAAAAAAA==' },
    });
    expect(master.world.agents.get(agent)?.drain?.state).toBe('DRAINED');
    expect(kinds(master.heard('f'))).toEqual(['UPDATE']);
    expect(
      master.operator({ type: 'REACTIVATE_AGENT', reactivate_agent: { agent_id: { value: agent } } }),
    ).toEqual({
      status: 200,
    });
    expect(kinds(master.heard('f'))).toEqual(['OFFERS']);
  });

  test('an agent that comes back meanwhile is told again', () => {
    const { master, agent } = running();
    master.operator(drain(agent));
    master.closeAgent('a');
    master.addAgent('a2', {
      info: { hostname: 'a', id: { value: agent } },
      tasks: [
        {
          framework_id: { value: master.world.frameworkByConnection.get('f' as never)! },
          task: taskInfo('t', agent),
          status: { task_id: { value: 't' }, state: 'TASK_RUNNING' },
        },
      ],
    });
    expect(kinds(master.agentHeard('a2'))).toEqual(['SUBSCRIBED', 'DRAIN', 'CHECKPOINT_RESOURCES']);
  });

  test('marked gone afterwards, if asked', () => {
    const master = new TestMaster();
    const agent = master.addAgent('a');
    master.operator(drain(agent, { mark_gone: true }));
    expect(master.world.goneAgents.has(agent)).toBe(true);
    expect(master.world.agents.has(agent)).toBe(false);
  });

  test.each([
    ['unknown', 'nope', [], 'Unknown agent'],
    ['scheduled for maintenance', 'm-S0', [window('a')], 'maintenance schedule'],
  ])('refused: %s', (_what, agent, before, message) => {
    const master = new TestMaster();
    master.addAgent('a');
    for (const call of before) master.operator(call);
    expect(master.operator(drain(agent))).toEqual({
      status: 400,
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('gone', () => {
  const gone = (agent: string): OperatorCall => ({
    type: 'MARK_AGENT_GONE',
    mark_agent_gone: { agent_id: { value: agent } },
  });

  test.each([
    [
      'that knows partitions',
      [{ type: 'PARTITION_AWARE' }, { type: 'MULTI_ROLE' }],
      'TASK_GONE_BY_OPERATOR',
      'REASON_AGENT_REMOVED_BY_OPERATOR',
    ],
    ['that does not', [{ type: 'MULTI_ROLE' }], 'TASK_LOST', 'REASON_AGENT_REMOVED'],
  ])('tasks of a framework %s', (_what, capabilities, state, reason) => {
    const { master, agent } = running({ capabilities });
    expect(master.operator(gone(agent))).toEqual({ status: 200 });
    expect(updatesIn(master.heard('f'))).toMatchObject([
      { state, reason, message: 'Agent has been marked gone' },
    ]);
    expect(kinds(master.agentHeard('a'))).toEqual(['SHUTDOWN']);
    master.framework('f', {
      type: 'RECONCILE',
      reconcile: { tasks: [{ task_id: { value: 't' }, agent_id: { value: agent } }] },
    });
    expect(updatesIn(master.heard('f'))).toMatchObject([{ state, message: 'Reconciliation: Task is gone' }]);
    master.addAgent('a2', { info: { hostname: 'a', id: { value: agent } } });
    expect(master.agentHeard('a2')).toMatchObject([{ type: 'ERROR' }]);
    expect(master.operator(gone(agent))).toEqual({ status: 200 });
  });

  test('an agent that nobody knows is not found', () => {
    expect(new TestMaster().operator(gone('nope'))).toEqual({
      status: 404,
      message: "Agent 'nope' not found",
    });
  });
});

describe('quota and weights', () => {
  const amounts = (cpus: number) => ({ cpus: { value: cpus } });
  const update = (config: object, force = false): OperatorCall => ({
    type: 'UPDATE_QUOTA',
    update_quota: { force, quota_configs: [{ role: 'dev', ...config }] },
  });

  test.each<[string, OperatorCall, string]>([
    [
      'more than the cluster has',
      update({ guarantees: amounts(100), limits: amounts(100) }),
      "Invalid QuotaConfig: total quota guarantees 'cpus:100' exceed cluster capacity 'cpus:4; disk:10000; mem:8192' (use 'force' flag to bypass this check)",
    ],
    [
      'a guarantee above the limit',
      update({ guarantees: amounts(3), limits: amounts(2) }),
      "Invalid QuotaConfig: 'QuotaConfig.guarantees' { cpus: 3 } is not contained within the 'QuotaConfig.limits' { cpus: 2 }",
    ],
    [
      'a negative limit',
      update({ limits: amounts(-1) }),
      "Invalid QuotaConfig: Invalid limit configuration {'cpus': -1}: Negative values not supported",
    ],
    ['a nested role', update({ role: 'dev/web', limits: amounts(1) }), 'top-level'],
    ['a role that is none', update({ role: 'a b', limits: amounts(1) }), 'Invalid role'],
  ])('refused: %s', (_what, call, message) => {
    const master = new TestMaster();
    master.addAgent('a');
    const answer = master.operator(call);
    expect(answer.status).toBe(400);
    expect(answer.message).toContain(message);
    expect(master.world.quotas.size).toBe(0);
  });

  test('offers above a new limit end; without limits they come again', () => {
    const master = new TestMaster();
    const MULTI = [{ type: 'MULTI_ROLE' }];
    master.subscribe('f', { roles: ['dev'], capabilities: MULTI });
    master.addAgent('a');
    master.heard('f');
    master.operator(update({ limits: amounts(1) }));
    const events = master.heard('f');
    expect(kinds(events)).toEqual(['RESCIND', 'OFFERS']);
    expect(offersIn(events)[0]?.resources.find(({ name }) => name === 'cpus')?.scalar?.value).toBe(1);
    master.operator(update({}));
    expect(master.world.quotas.size).toBe(0);
  });

  test('the old way to set: once, then it is a conflict', () => {
    const master = new TestMaster();
    const guarantee: MesosResource[] = [{ name: 'cpus', type: 'SCALAR', scalar: { value: 1 } }];
    const set: OperatorCall = {
      type: 'SET_QUOTA',
      set_quota: { quota_request: { role: 'q', force: true, guarantee } },
    };
    expect(master.operator(set).status).toBe(200);
    expect(master.operator(set).status).toBe(409);
    expect(master.operator({ type: 'REMOVE_QUOTA', remove_quota: { role: 'q' } }).status).toBe(200);
    expect(master.operator({ type: 'REMOVE_QUOTA', remove_quota: { role: 'q' } }).status).toBe(400);
  });

  test.each([0, -1, NaN])('a weight of %d is refused', (weight) => {
    const call: OperatorCall = {
      type: 'UPDATE_WEIGHTS',
      update_weights: { weight_infos: [{ role: 'x', weight }] },
    };
    expect(new TestMaster().operator(call).status).toBe(400);
  });
});

describe('reservations by an operator', () => {
  const cpus = (value: number): MesosResource => ({
    name: 'cpus',
    type: 'SCALAR',
    scalar: { value },
    reservations: [{ type: 'DYNAMIC', role: 'ops', principal: 'p' }],
  });
  const reserve = (agent: string, value: number): OperatorCall => ({
    type: 'RESERVE_RESOURCES',
    reserve_resources: { agent_id: { value: agent }, resources: [cpus(value)] },
  });

  test('take what is offered, if need be', () => {
    const { master, agent } = running();
    expect(master.operator(reserve(agent, 2))).toEqual({ status: 202 });
    expect(kinds(master.heard('f'))).toEqual(['RESCIND', 'OFFERS']);
    expect(master.world.agents.get(agent)?.kept).toHaveLength(1);
  });

  test('never what is in use, or more than there is', () => {
    const { master, agent } = running();
    expect(master.operator(reserve(agent, 4)).status).toBe(409);
    expect(kinds(master.heard('f'))).toEqual([]);
    expect(master.operator(reserve('nope', 1))).toEqual({
      status: 400,
      message: 'No agent found with specified ID',
    });
  });
});

test('what operators did is in the registry: journal and checkpoint give the same world', () => {
  const { master, agent } = running();
  const other = master.addAgent('b');
  master.operator({ type: 'UPDATE_WEIGHTS', update_weights: { weight_infos: [{ role: 'x', weight: 2 }] } });
  master.operator({
    type: 'UPDATE_QUOTA',
    update_quota: { quota_configs: [{ role: 'dev', limits: { cpus: { value: 2 } } }] },
  });
  master.operator({ type: 'DRAIN_AGENT', drain_agent: { agent_id: { value: agent } } });
  master.operator({ type: 'MARK_AGENT_GONE', mark_agent_gone: { agent_id: { value: other } } });
  master.operator(window('c'));
  const replayed = emptyMaster(master.world.id);
  for (const write of master.writes) apply(replayed, write);
  for (const world of [replayed, loadMaster(JSON.parse(JSON.stringify(saveMaster(master.world))))]) {
    expect(world.roles.weights).toEqual(master.world.roles.weights);
    expect(world.roles.weightOf('x')).toBe(2);
    expect([...world.quotas]).toEqual([...master.world.quotas]);
    expect(world.schedule).toEqual(master.world.schedule);
    expect(world.goneAgents).toEqual(master.world.goneAgents);
    expect(world.agents.get(agent)?.drain).toEqual(master.world.agents.get(agent)?.drain);
  }
});
