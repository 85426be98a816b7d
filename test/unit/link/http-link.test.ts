import { afterEach, describe, expect, test } from 'vitest';
import type { HttpLinkOptions } from '../../../server/link/http.ts';
import { PretendMesos, subscribed } from '../../support/pretend-mesos.ts';
import { LinkFixture, recorded } from './link-fixture.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

async function master(): Promise<PretendMesos> {
  const made = await new PretendMesos().listen();
  open.push(made);
  return made;
}

function linkTo(masters: readonly PretendMesos[], options?: Partial<HttpLinkOptions>): LinkFixture {
  const made = new LinkFixture(
    masters.map(({ url }) => url),
    options,
  );
  open.push(made.link);
  return made;
}

const reconcile = { type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: 't' } }] } } as const;
const kill = (id: string) => ({ type: 'KILL', kill: { task_id: { value: id } } }) as const;

describe('a subscription', () => {
  test('asks under our role and user, without an id at first', async () => {
    const mesos = await master();
    linkTo([mesos]);
    await mesos.until('SUBSCRIBE');
    const [asked] = mesos.asked;
    expect(asked?.path).toBe('/api/v1/scheduler');
    expect(asked?.headers).toMatchObject({ accept: 'application/json', 'content-type': 'application/json' });
    expect(asked?.headers['mesos-stream-id']).toBeUndefined();
    expect(asked?.headers.authorization).toBeUndefined();
    expect(asked?.call).not.toHaveProperty('framework_id');
    expect(asked?.call).toMatchObject({
      subscribe: {
        framework_info: { user: 'nobody', roles: ['web'], checkpoint: true, failover_timeout: 1_814_400 },
      },
    });
  });

  describe.each(['application/json', 'application/x-protobuf'] as const)('in %s', (mediaType) => {
    test.each(['failed-over', 'new-offers-rescinded', 'two-roles'])(
      'events of a real master arrive as they are, cut anywhere: %s',
      async (name) => {
        const events = recorded(name);
        const mesos = await master();
        const dawn = linkTo([mesos], { mediaType });
        await mesos.until('SUBSCRIBE');
        expect(mesos.asked[0]?.headers).toMatchObject({ accept: mediaType, 'content-type': mediaType });
        const bytes = Buffer.concat(events.map((event) => mesos.recordOf(event)));
        for (let at = 0; at < bytes.length; at += 1000) mesos.write(bytes.subarray(at, at + 1000));
        await dawn.until(() => dawn.events.length >= events.length);
        for (const [at, event] of events.entries()) expect(dawn.events[at]).toMatchObject(event);
      },
    );

    test('a call arrives as it was made', async () => {
      const mesos = await master();
      const dawn = linkTo([mesos], { mediaType });
      await mesos.until('SUBSCRIBE');
      mesos.send(...subscribed('f-1'));
      await dawn.until(() => dawn.happened.includes('SUBSCRIBED'));
      dawn.link.send([kill('a')]);
      await mesos.until('KILL');
      expect(mesos.calls('KILL')).toEqual([{ ...kill('a'), framework_id: { value: 'f-1' } }]);
    });

    test('times are numbers that can be reckoned with', async () => {
      const mesos = await master();
      const dawn = linkTo([mesos], { mediaType });
      await mesos.until('SUBSCRIBE');
      const [offer] = recorded('two-roles').flatMap((event) =>
        event.type === 'OFFERS' ? event.offers.offers : [],
      );
      const unavailability = {
        start: { nanoseconds: 1_795_316_207_817_129_000 },
        duration: { nanoseconds: 3_600_000_000_000 },
      };
      mesos.send({ type: 'OFFERS', offers: { offers: [{ ...offer, unavailability }] } });
      await dawn.until(() => dawn.happened.includes('OFFERS'));
      const [heard] = dawn.events;
      expect(heard?.type === 'OFFERS' && heard.offers.offers[0]?.unavailability).toEqual(unavailability);
    });
  });

  test('events that the scheduler does not know, and broken ones, are left out', async () => {
    const mesos = await master();
    const dawn = linkTo([mesos]);
    await mesos.until('SUBSCRIBE');
    mesos.send(
      ...subscribed('f-1'),
      { type: 'INVERSE_OFFERS', inverse_offers: {} },
      { type: 'NO_SUCH' },
      { type: 'UPDATE', update: {} },
      { type: 'OFFERS', offers: { offers: [{ id: { value: 'o' } }] } },
      { type: 'OFFERS' },
      { type: 'RESCIND', rescind: { offer_id: { value: 'o' } } },
    );
    await dawn.until(() => dawn.happened.includes('RESCIND'));
    expect(dawn.events.slice(2)).toEqual([
      { type: 'OFFERS', offers: { offers: [] } },
      { type: 'RESCIND', rescind: { offer_id: { value: 'o' } } },
    ]);
    expect(dawn.happened).not.toContain('down');
  });

  test('calls that must not pass each other go out in order, with stream id and framework id', async () => {
    const mesos = await master();
    const dawn = linkTo([mesos]);
    await mesos.until('SUBSCRIBE');
    mesos.send(...subscribed('f-1'));
    await dawn.until(() => dawn.happened.includes('SUBSCRIBED'));
    dawn.link.send([kill('a'), reconcile]);
    dawn.link.send([kill('b')]);
    await mesos.until('KILL', 2);
    expect(mesos.asked.slice(1).map(({ call }) => call)).toEqual(
      [kill('a'), reconcile, kill('b')].map((call) => ({ ...call, framework_id: { value: 'f-1' } })),
    );
    for (const { headers } of mesos.asked.slice(1)) expect(headers['mesos-stream-id']).toBe('stream-1');
  });

  test('principal and secret go along, also to where a redirect leads', async () => {
    const [standby, leader] = [await master(), await master()];
    standby.refuse = () => ({
      status: 307,
      headers: { location: `//127.0.0.1:${leader.port}/master/api/v1/scheduler` },
    });
    const identity = { role: 'web', user: 'nobody', name: 'Dawn', principal: 'sched' };
    linkTo([standby], { identity, secret: 's3' });
    await leader.until('SUBSCRIBE');
    const authorization = 'Basic c2NoZWQ6czM=';
    expect(standby.asked[0]?.headers.authorization).toBe(authorization);
    expect(leader.asked[0]?.headers.authorization).toBe(authorization);
    expect(leader.asked[0]?.call).toMatchObject({ subscribe: { framework_info: { principal: 'sched' } } });
  });
});

describe('finding the leader', () => {
  test('masters are tried in turn, without a wait between them', async () => {
    const [dead, electing, leader] = [await master(), await master(), await master()];
    electing.refuse = () => ({ status: 503, text: 'No leader elected' });
    dead.close();
    const dawn = linkTo([dead, electing, leader]);
    await leader.until('SUBSCRIBE');
    expect(electing.calls('SUBSCRIBE')).toHaveLength(1);
    expect(dawn.happened).toEqual(['up']);
    expect(dawn.logged.join('\n')).toMatch(/503 No leader elected/);
  });

  test('nobody there: again after a back-off that grows, until somebody is', async () => {
    const mesos = await master();
    let refusals = 0;
    mesos.refuse = () => ((refusals += 1) < 5 ? { status: 503, text: 'No leader elected' } : undefined);
    const dawn = linkTo([mesos]);
    await mesos.until('SUBSCRIBE', 5);
    expect(dawn.happened).toEqual(['up', 'down', 'up', 'down', 'up', 'down', 'up', 'down', 'up']);
    const waits = dawn.logged.flatMap((line) => /againInMs":(\d+)/.exec(line)?.[1] ?? []).map(Number);
    expect(waits).toHaveLength(4);
    for (const [at, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(500 * 2 ** at);
      expect(wait).toBeLessThanOrEqual(1000 * 2 ** at);
    }
  });

  test('a standby that still points at a dead leader is asked again later', async () => {
    const [standby, dead] = [await master(), await master()];
    const { port } = dead;
    dead.close();
    let asked = 0;
    standby.refuse = () =>
      (asked += 1) < 3
        ? { status: 307, headers: { location: `//127.0.0.1:${port}/master/api/v1/scheduler` } }
        : undefined;
    const dawn = linkTo([standby]);
    await standby.until('SUBSCRIBE', 3);
    standby.send(...subscribed('f-1'));
    await dawn.until(() => dawn.framework !== null);
  });

  test('masters that send each other in circles are given up for this round', async () => {
    const [a, b] = [await master(), await master()];
    a.refuse = () => ({
      status: 307,
      headers: { location: `//127.0.0.1:${b.port}/master/api/v1/scheduler` },
    });
    b.refuse = () => ({
      status: 307,
      headers: { location: `//127.0.0.1:${a.port}/master/api/v1/scheduler` },
    });
    const dawn = linkTo([a]);
    await dawn.until(() => dawn.happened.includes('down'));
    expect(a.asked.length + b.asked.length).toBeLessThanOrEqual(7);
  });

  test.each([
    ['no location', {}],
    ['one that is no URL', { location: '//:x/' }],
    ['one of another kind', { location: 'ftp://127.0.0.1/' }],
  ])('a redirect with %s is a failure', async (_name, headers) => {
    const mesos = await master();
    let refused = false;
    mesos.refuse = () =>
      refused ? undefined : ((refused = true), { status: 307, headers: headers as Record<string, string> });
    const dawn = linkTo([mesos]);
    await mesos.until('SUBSCRIBE', 2);
    expect(dawn.happened).toEqual(['up', 'down', 'up']);
  });
});

describe('what breaks is mended by subscribing anew with the same id', () => {
  async function subscribedLink(): Promise<{ mesos: PretendMesos; dawn: LinkFixture }> {
    const mesos = await master();
    const dawn = linkTo([mesos]);
    await mesos.until('SUBSCRIBE');
    mesos.send(...subscribed('f-1'));
    await dawn.until(() => dawn.happened.includes('HEARTBEAT'));
    return { mesos, dawn };
  }

  async function again({ mesos, dawn }: { mesos: PretendMesos; dawn: LinkFixture }): Promise<void> {
    await mesos.until('SUBSCRIBE', 2);
    expect(mesos.calls('SUBSCRIBE')[1]).toMatchObject({
      framework_id: { value: 'f-1' },
      subscribe: { framework_info: { id: { value: 'f-1' } } },
    });
    expect(dawn.happened.slice(-2)).toEqual(['down', 'up']);
  }

  test('the stream ends', async () => {
    const both = await subscribedLink();
    both.mesos.endStream();
    await again(both);
  });

  test('the stream is garbage', async () => {
    const both = await subscribedLink();
    both.mesos.write(Buffer.from('not a length\n'));
    await again(both);
  });

  test('a record is no JSON', async () => {
    const both = await subscribedLink();
    both.mesos.write(Buffer.from('3\n{x}'));
    await again(both);
  });

  test('the master is silent for five heartbeats', async () => {
    const both = await subscribedLink();
    const begun = performance.now();
    await again(both);
    expect((performance.now() - begun) * 200).toBeGreaterThan(70_000);
    expect(both.dawn.logged.join('\n')).toMatch(/nothing heard for 7\d s/);
  });

  test('heartbeats keep it', async () => {
    const { mesos, dawn } = await subscribedLink();
    for (let beat = 0; beat < 20; beat++) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      mesos.send({ type: 'HEARTBEAT' });
    }
    expect(dawn.happened).not.toContain('down');
  });

  test.each([
    [400, 'Framework cannot be found'],
    [403, 'Framework is not subscribed'],
    [
      400,
      "The stream ID 'x' included in this request didn't match the stream ID currently associated with framework ID f-1",
    ],
    [401, '401 Unauthorized.'],
    [503, 'No leader elected'],
    [307, ''],
    [500, 'boom'],
  ])('a call is answered %d %s', async (status, text) => {
    const both = await subscribedLink();
    both.mesos.answer = () => ({ status, text });
    both.dawn.link.send([reconcile, kill('a')]);
    await again(both);
    expect(both.mesos.calls('KILL')).toEqual([]);
  });

  test('a call is never answered', async () => {
    const both = await subscribedLink();
    both.mesos.answer = () => undefined;
    both.dawn.link.send([reconcile]);
    await both.mesos.until('RECONCILE');
    both.mesos.close();
    await both.dawn.until(() => both.dawn.happened.includes('down'));
  });

  test('calls made while it is down are dropped', async () => {
    const both = await subscribedLink();
    both.mesos.endStream();
    await both.dawn.until(() => both.dawn.happened.includes('down'));
    both.dawn.link.send([kill('a')]);
    await again(both);
    both.mesos.send(...subscribed('f-1'));
    both.dawn.link.send([kill('too-early')]);
    await both.dawn.until(() => both.dawn.happened.filter((each) => each === 'SUBSCRIBED').length === 2);
    both.dawn.link.send([kill('b')]);
    await both.mesos.until('KILL');
    expect(both.mesos.calls('KILL').map(({ kill: { task_id: id } }) => id.value)).toEqual(['b']);
    expect(both.mesos.asked.at(-1)?.headers['mesos-stream-id']).toBe('stream-2');
  });

  test('a wrong call is told and does not stop the others; its offers go back', async () => {
    const { mesos, dawn } = await subscribedLink();
    mesos.answer = (call) =>
      call.type === 'ACCEPT'
        ? { status: 400, text: 'Failed to validate scheduler::Call: nonsense' }
        : { status: 202 };
    dawn.link.send([
      { type: 'ACCEPT', accept: { offer_ids: [{ value: 'o-1' }], operations: [] } },
      kill('a'),
    ]);
    await mesos.until('DECLINE');
    expect(mesos.calls('KILL')).toHaveLength(1);
    expect(mesos.calls('DECLINE')[0]?.decline.offer_ids).toEqual([{ value: 'o-1' }]);
    expect(dawn.happened).not.toContain('down');
    expect(dawn.logged.join('\n')).toMatch(/refused a call.*nonsense/);
  });
});

describe('ERROR', () => {
  test('a removed framework is said out loud and the event handed on', async () => {
    const mesos = await master();
    const dawn = linkTo([mesos]);
    await mesos.until('SUBSCRIBE');
    mesos.send(...recorded('removed'));
    mesos.endStream();
    await mesos.until('SUBSCRIBE', 2);
    expect(dawn.happened).toEqual(['up', 'ERROR', 'down', 'up']);
    expect(dawn.logged.join('\n')).toMatch(/HAS REMOVED THIS FRAMEWORK/);
  });

  test('whoever took our place is not fought for it', async () => {
    const mesos = await master();
    const dawn = linkTo([mesos]);
    await mesos.until('SUBSCRIBE');
    mesos.send(...recorded('failed-over'));
    mesos.endStream();
    await dawn.until(() => dawn.happened.includes('down'));
    expect(Number(/againInMs":(\d+)/.exec(dawn.logged.join('\n'))?.[1])).toBeGreaterThanOrEqual(30_000);
  });
});
