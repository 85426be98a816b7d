/** Our scheduler and a foreign framework on the master of one process. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ownFleet } from '../../server/http/console/fleet/own.ts';
import type { Connection } from '../../server/master/facts.ts';
import type { JobKey } from '../../shared/ids.ts';
import type { Call, Event } from '../../shared/mesos/scheduler.ts';
import type { Offer } from '../../shared/mesos/v1.ts';
import { type ConsoleServer, consoleServer, fakeAgent, settled } from '../support/console-server.ts';
import { job } from '../support/jobs.ts';

const KEY = 'web/prod/api' as JobKey;
const CONNECTION = 'foreign' as Connection;
const ACTOR = { user: 'ann', from: 'test' };
/** With as many gigabytes of memory and of disk. */
const AGENT_CPUS = 8;

let server: ConsoleServer;
let foreign: Foreign;
/** What our scheduler called. */
const said: Call['type'][] = [];

/** A framework of somebody else's: it keeps what it is offered, or fills it with one task. */
class Foreign {
  readonly held: Offer[] = [];
  isGreedy = false;
  private id = '';
  private tasks = 0;

  subscribe(): Promise<void> {
    server.core.frameworks.open(CONNECTION, { send: (event) => this.hear(event), close: () => undefined });
    const framework_info = {
      user: 'u',
      name: 'foreign',
      roles: ['foreign'],
      capabilities: [{ type: 'MULTI_ROLE' }],
    };
    void server.core.frameworks.call(CONNECTION, { type: 'SUBSCRIBE', subscribe: { framework_info } });
    return settled(server);
  }

  async giveBack(): Promise<void> {
    const offer_ids = this.held.splice(0).map(({ id }) => id);
    await this.say({ type: 'DECLINE', decline: { offer_ids, filters: { refuse_seconds: 3600 } } });
  }

  private hear(event: Event): void {
    if (event.type === 'SUBSCRIBED') this.id = event.subscribed.framework_id.value;
    if (event.type !== 'OFFERS') return;
    this.held.push(...event.offers.offers);
    if (this.isGreedy) for (const offer of event.offers.offers) void this.fill(offer);
  }

  private fill({ id, agent_id, resources }: Offer): Promise<void> {
    const value = `foreign-${(this.tasks += 1)}`;
    const task = { name: value, task_id: { value }, agent_id, resources, command: { value: 'true' } };
    const operations = [{ type: 'LAUNCH', launch: { task_infos: [task] } }] as const;
    return this.say({ type: 'ACCEPT', accept: { offer_ids: [id], operations } });
  }

  private async say(call: Call): Promise<void> {
    const answer = await server.core.frameworks.call(CONNECTION, {
      ...call,
      framework_id: { value: this.id },
    });
    expect(answer).toEqual({ status: 202 });
    await settled(server);
  }
}

beforeEach(() => {
  said.length = 0;
  server = consoleServer({
    filterCalls(calls) {
      said.push(...calls.map(({ type }) => type));
      return calls;
    },
  });
  foreign = new Foreign();
});

afterEach(() => server.close());

async function submit(instances: number, cpu = 1): Promise<void> {
  const command = {
    kind: 'job.submit',
    job: job(KEY, instances, { cpu, ramMb: 1024, diskMb: 1024 }),
  } as const;
  expect((await server.core.engine.command(command, ACTOR)).ok).toBe(true);
  await settled(server);
}

function running(): number {
  return [...server.core.engine.world.tasks.values()].filter(({ status }) => status === 'RUNNING').length;
}

async function agents(count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    fakeAgent(server.core, `host-${at}`);
    await settled(server);
  }
}

test('while ours has nothing to place, the other is offered everything at once', async () => {
  await agents(4);
  await submit(1);
  expect(running()).toBe(1);
  await foreign.subscribe();
  expect(foreign.held.map(({ hostname }) => hostname).sort()).toEqual([
    'host-0',
    'host-1',
    'host-2',
    'host-3',
  ]);
});

test('what nobody holds is there for ours as soon as it wants some', async () => {
  await agents(2);
  await foreign.subscribe();
  await foreign.giveBack();
  await submit(1);
  expect(running()).toBe(1);
  expect(server.core.master.offers.size).toBe(0);
});

test('what does not fit for ours is the other’s', async () => {
  await agents(1);
  foreign.isGreedy = true;
  await foreign.subscribe();
  foreign.isGreedy = false;
  await submit(1, 100);
  // Ours has less, so it is asked first.
  fakeAgent(server.core, 'fresh');
  await settled(server);
  expect(foreign.held.map(({ hostname }) => hostname)).toEqual(['host-0', 'fresh']);
});

test('both want all there is: each gets its half', async () => {
  foreign.isGreedy = true;
  await foreign.subscribe();
  await submit(10 * AGENT_CPUS);
  await agents(10);
  expect(running()).toBe(5 * AGENT_CPUS);
  expect(foreign.held).toHaveLength(5);
});

test('a rolling update asks for offers once: each new task takes the place that its old one left', async () => {
  await agents(3);
  await submit(6);
  said.length = 0;
  const update = { strategy: { kind: 'queue', groupSize: 1 }, watchSecs: 0 } as const;
  const next = job(KEY, 6, { cpu: 1, env: { VERSION: '2' } }, update);
  await server.core.engine.command({ kind: 'job.submit', job: next }, ACTOR);
  await settled(server);
  const [id] = server.core.engine.world.updatesByJob.get(KEY)!.slice(-1);
  expect(server.core.engine.world.updates.get(id!)?.status).toBe('ROLLED_FORWARD');
  const about = said.filter((type) => type === 'REVIVE' || type === 'SUPPRESS' || type === 'ACCEPT');
  expect(about).toEqual(['REVIVE', ...Array.from({ length: 6 }, () => 'ACCEPT'), 'SUPPRESS']);
});

test('what is free is told without holding it: what nobody uses and nobody was offered', async () => {
  const free = (): number[] =>
    ownFleet(server.core.master)
      .agents()
      .map((agent) => agent.free.cpusMilli)
      .sort();
  await agents(2);
  await submit(1);
  expect(free()).toEqual([7000, 8000]);
  await foreign.subscribe();
  expect(free()).toEqual([0, 0]);
  await foreign.giveBack();
  expect(free()).toEqual([7000, 8000]);
});

test('an agent that an operator took out counts as going down', async () => {
  await agents(2);
  const [id] = server.core.master.agents.keys();
  const call = { type: 'DEACTIVATE_AGENT', deactivate_agent: { agent_id: { value: id! } } } as const;
  expect(await server.core.operators.perform(call)).toMatchObject({ status: 200 });
  const windows = ownFleet(server.core.master)
    .agents()
    .map(({ agent, unavailableAtMs }) => [agent === id, unavailableAtMs]);
  expect(windows).toEqual([
    [true, 0],
    [false, Infinity],
  ]);
});
