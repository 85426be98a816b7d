import { describe, expect, test } from 'vitest';
import type { AgentId } from '../../../shared/ids.ts';
import type { Offer } from '../../../shared/mesos/v1.ts';
import type { Connection, MasterFact } from '../../../server/master/facts.ts';
import { fromMesos } from '../../../shared/resources.ts';
import { nextWake } from '../../../server/master/wake.ts';
import { SMALL, TestMaster, kinds, offersIn, status, taskInfo } from './test-master.ts';

const cpus = (offers: readonly Offer[]): number[] =>
  offers.map((offer) => fromMesos(offer.resources).cpusMilli);

function decline(
  master: TestMaster,
  connection: string,
  offers: readonly Offer[],
  refuseSeconds?: number,
): void {
  const filters = refuseSeconds === undefined ? {} : { filters: { refuse_seconds: refuseSeconds } };
  master.framework(connection, {
    type: 'DECLINE',
    decline: { offer_ids: offers.map(({ id }) => id), ...filters },
  });
}

describe('offers', () => {
  test('all that is free of an agent is one offer, in one event with the others', () => {
    const master = new TestMaster();
    const agents = [master.addAgent('a'), master.addAgent('b')];
    const framework = master.subscribe('f');
    const events = master.heard('f');
    expect(kinds(events)).toEqual(['SUBSCRIBED', 'HEARTBEAT', 'OFFERS']);
    expect(offersIn(events).map((offer) => [offer.id.value, offer.agent_id.value])).toEqual([
      ['m-O0', agents[0]],
      ['m-O1', agents[1]],
    ]);
    expect(offersIn(events)[0]).toMatchObject({
      framework_id: { value: framework },
      hostname: 'a',
      allocation_info: { role: 'dawn' },
      url: { scheme: 'http', address: { hostname: 'a', ip: '127.0.0.1', port: 5051 }, path: '/slave(1)' },
    });
    expect(fromMesos(offersIn(events)[0]!.resources)).toEqual(SMALL);
    expect(
      offersIn(events)[0]!.resources.every((resource) => resource.allocation_info?.role === 'dawn'),
    ).toBe(true);
  });

  test('a freed fragment is an offer of its own; the old one stays', () => {
    const master = new TestMaster();
    const framework = master.subscribe('f');
    const agent = master.addAgent('a');
    master.launch('f', agent, [taskInfo('t', agent)]);
    expect(cpus(offersIn(master.heard('f')))).toEqual([4000, 3000]);
    master.update('a', framework, status('t', 'TASK_FINISHED', 'u'));
    const events = master.heard('f');
    expect(kinds(events)).toEqual(['UPDATE', 'OFFERS']);
    expect(cpus(offersIn(events))).toEqual([1000]);
    expect(master.world.offers.size).toBe(2);
  });

  test('nothing dirty, nothing done; too little is not offered', () => {
    const master = new TestMaster();
    master.addAgent('a', { total: { ...SMALL, cpusMilli: 9, memMb: 31 } });
    master.addAgent('b', { total: { ...SMALL, cpusMilli: 0, memMb: 32 } });
    master.subscribe('f');
    expect(offersIn(master.heard('f')).map(({ hostname }) => hostname)).toEqual(['b']);
    master.fact({ kind: 'settle' });
    expect(master.heard('f')).toEqual([]);
  });
});

describe('filters', () => {
  function offered(): { master: TestMaster; agent: AgentId; offers: Offer[] } {
    const master = new TestMaster();
    master.subscribe('f');
    const agent = master.addAgent('a');
    return { master, agent, offers: offersIn(master.heard('f')) };
  }

  test.each([
    ['the default', undefined, 5],
    ['a negative number: the default', -1, 5],
    ['seconds', 30, 30],
    ['nothing: one allocation interval, so that nobody spins', 0, 1],
    ['more than a year: a year', 1e12, 365 * 24 * 3600],
  ])('refused for %s', (_what, given, seconds) => {
    const { master, offers } = offered();
    decline(master, 'f', offers, given);
    master.closeAgent('a');
    master.addAgent('a', { info: { id: { value: 'm-S0' } } });
    expect(offersIn(master.heard('f'))).toEqual([]);
    const until = master.world.frameworks.get('m-0000' as never)?.filters.get('m-S0' as never)?.[0]?.untilMs;
    expect((until ?? 0) - master.now).toBe(seconds * 1000);
  });

  test('ends by itself', () => {
    const { master, offers } = offered();
    decline(master, 'f', offers);
    master.pass(4);
    expect(offersIn(master.heard('f'))).toEqual([]);
    master.pass(1);
    expect(cpus(offersIn(master.heard('f')))).toEqual([4000]);
  });

  test('more than was refused is offered again', () => {
    const { master, agent } = offered();
    master.launch('f', agent, [taskInfo('t', agent)], 600);
    expect(offersIn(master.heard('f'))).toEqual([]);
    master.update('a', 'm-0000' as never, status('t', 'TASK_FINISHED', 'u'));
    expect(cpus(offersIn(master.heard('f')))).toEqual([4000]);
  });

  test('a short refusal of a fragment does not shorten a long one of more', () => {
    const { master, agent, offers } = offered();
    master.launch('f', agent, [taskInfo('t', agent)]);
    decline(master, 'f', offersIn(master.heard('f')), 600);
    master.update('a', 'm-0000' as never, status('t', 'TASK_FINISHED', 'u'));
    const [whole] = offersIn(master.heard('f'));
    expect(cpus([whole!])).toEqual([4000]);
    expect(offers).toHaveLength(1);
    master.launch('f', agent, [taskInfo('big', agent, { cpusMilli: 3500, memMb: 200 })], 5);
    master.pass(10);
    expect(offersIn(master.heard('f'))).toEqual([]);
  });

  test('REVIVE ends them; for a role that is not subscribed it does nothing', () => {
    const { master, offers } = offered();
    decline(master, 'f', offers, 600);
    master.framework('f', { type: 'REVIVE', revive: { roles: ['other'] } });
    expect(master.heard('f')).toEqual([]);
    master.framework('f', { type: 'REVIVE' });
    expect(offersIn(master.heard('f'))).toHaveLength(1);
  });

  test('SUPPRESS stops new offers and leaves the old ones', () => {
    const { master } = offered();
    master.framework('f', { type: 'SUPPRESS' });
    expect(kinds(master.heard('f'))).toEqual([]);
    master.addAgent('b');
    expect(master.heard('f')).toEqual([]);
    expect(master.world.offers.size).toBe(1);
    master.framework('f', { type: 'REVIVE' });
    expect(offersIn(master.heard('f')).map(({ hostname }) => hostname)).toEqual(['b']);
  });

  test('a framework that subscribes suppressed hears no offers', () => {
    const master = new TestMaster();
    master.addAgent('a');
    master.subscribe('f', {}, ['dawn']);
    expect(kinds(master.heard('f'))).toEqual(['SUBSCRIBED', 'HEARTBEAT']);
  });
});

describe('offers that are held', () => {
  test('a framework keeps what it was offered, unless --offer_timeout says how long', () => {
    const master = new TestMaster();
    master.subscribe('f');
    master.addAgent('a');
    master.subscribe('g');
    master.pass(3600);
    expect(offersIn(master.heard('g'))).toEqual([]);
    const hurried = new TestMaster(undefined, { offerTimeoutMs: 3000 });
    hurried.subscribe('f');
    hurried.addAgent('a');
    hurried.subscribe('g');
    hurried.pass(4);
    expect(offersIn(hurried.heard('g'))).toHaveLength(1);
  });

  test('an offer times out though nothing else happens', () => {
    const master = new TestMaster(undefined, { offerTimeoutMs: 3000 });
    master.addAgent('a');
    master.subscribe('f');
    master.heard('f');
    master.pass(2.9);
    expect(kinds(master.heard('f'))).toEqual([]);
    master.pass(0.2);
    expect(kinds(master.heard('f'))).toEqual(['RESCIND', 'OFFERS']);
    master.pass(3);
    expect(kinds(master.heard('f'))).toEqual(['RESCIND', 'OFFERS']);
  });
});

describe('--allocation_interval', () => {
  /** A cluster of one agent, at 0.3 s after a tick. */
  function ticking(): { master: TestMaster; agent: AgentId } {
    const master = new TestMaster(undefined, { allocationIntervalMs: 1000 });
    master.pass(0.3);
    const agent = master.addAgent('a');
    master.subscribe('f');
    return { master, agent };
  }

  test('who comes is offered at once; what becomes free together, at the next tick, as one offer', () => {
    const { master, agent } = ticking();
    expect(cpus(offersIn(master.heard('f')))).toEqual([4000]);
    const framework = 'm-0000' as never;
    master.launch('f', agent, [taskInfo('t', agent), taskInfo('u', agent)]);
    master.update('a', framework, status('t', 'TASK_FINISHED', 'x'));
    master.update('a', framework, status('u', 'TASK_FINISHED', 'y'));
    expect(offersIn(master.heard('f'))).toEqual([]);
    master.pass(0.6);
    expect(offersIn(master.heard('f'))).toEqual([]);
    master.pass(0.1);
    expect(cpus(offersIn(master.heard('f')))).toEqual([4000]);
    master.pass(60);
    expect(offersIn(master.heard('f'))).toEqual([]);
    expect(nextWake(master.world)).toBeGreaterThan(master.now);
  });

  test('REVIVE takes what is free without waiting; the tick finds nothing more', () => {
    const { master } = ticking();
    decline(master, 'f', offersIn(master.heard('f')), 600);
    master.framework('f', { type: 'REVIVE' });
    expect(cpus(offersIn(master.heard('f')))).toEqual([4000]);
    master.pass(2);
    expect(offersIn(master.heard('f'))).toEqual([]);
  });

  test('a refusal of 0 seconds waits for the tick only, one of 5 for the tick after it', () => {
    const { master } = ticking();
    decline(master, 'f', offersIn(master.heard('f')), 0);
    master.pass(0.7);
    const again = offersIn(master.heard('f'));
    expect(cpus(again)).toEqual([4000]);
    master.pass(0.5);
    decline(master, 'f', again);
    master.pass(5.4);
    expect(offersIn(master.heard('f'))).toEqual([]);
    master.pass(0.1);
    expect(cpus(offersIn(master.heard('f')))).toEqual([4000]);
  });
});

describe('several frameworks', () => {
  test('agents go to the one with the smallest dominant share', () => {
    const master = new TestMaster();
    master.subscribe('f');
    const agent = master.addAgent('a');
    master.launch('f', agent, [taskInfo('t', agent, { cpusMilli: 4000, memMb: 8192 })]);
    master.heard('f');
    master.subscribe('g');
    for (const name of ['b', 'c', 'd']) master.addAgent(name);
    expect(offersIn(master.heard('g')).map(({ hostname }) => hostname)).toEqual(['b', 'd']);
    expect(offersIn(master.heard('f')).map(({ hostname }) => hostname)).toEqual(['c']);
  });

  test('in one allocation the agents are shared out', () => {
    const master = new TestMaster();
    master.subscribe('f', {}, ['dawn']);
    master.subscribe('g', {}, ['dawn']);
    for (let i = 0; i < 10; i++) master.addAgent(`a${i}`);
    const revive = (connection: string): MasterFact => ({
      kind: 'framework-call',
      connection: connection as Connection,
      call: { type: 'REVIVE' },
    });
    master.together([revive('f'), revive('g')]);
    expect(offersIn(master.heard('f'))).toHaveLength(5);
    expect(offersIn(master.heard('g'))).toHaveLength(5);
  });

  test('what one refuses the other is offered', () => {
    const master = new TestMaster();
    master.subscribe('f');
    master.addAgent('a');
    master.subscribe('g');
    decline(master, 'f', offersIn(master.heard('f')), 600);
    expect(offersIn(master.heard('g'))).toHaveLength(1);
  });
});
