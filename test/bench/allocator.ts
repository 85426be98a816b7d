/**
 * The allocator alone: one cycle over all agents for many frameworks, with quota, reservations, filters and a tree of roles, beside the naive way (shares summed anew and
 * frameworks sorted for every agent) in the same run; then a cycle when nothing changed. `node --import tsx test/bench/allocator.ts`
 */
import type { FrameworkId, AgentId } from '../../shared/ids.ts';
import { bundleOf } from '../../shared/mesos/bundle.ts';
import { toMesos } from '../../shared/resources.ts';
import { decide } from '../../server/master/decide.ts';
import {
  MASTER_LIMITS,
  type Connection,
  type MasterEnv,
  type MasterFact,
} from '../../server/master/facts.ts';
import { offerMessages } from '../../server/master/offer-message.ts';
import { recoverOffer } from '../../server/master/offers.ts';
import { emptyMaster, type MasterWorld } from '../../server/master/world.ts';
import { seededRandom } from '../../server/random.ts';
import { count, median, ms, printTable, ratio } from './table.ts';

const ROUNDS = 15;
const capabilities = [{ type: 'MULTI_ROLE' }, { type: 'RESERVATION_REFINEMENT' }];
const env: MasterEnv = { now: 1_700_000_000_000, random: seededRandom(1), limits: MASTER_LIMITS };

interface Shape {
  readonly agents: number;
  readonly frameworks: number;
  readonly roles: number;
  readonly quotas: number;
}

function say(world: MasterWorld, fact: MasterFact): void {
  decide(world, fact, env);
}

function cluster({ agents, frameworks, roles, quotas }: Shape): MasterWorld {
  const world = emptyMaster('m');
  for (let at = 0; at < agents; at++) {
    const resources = toMesos({
      cpusMilli: 24_000,
      memMb: 65_536,
      diskMb: 1_000_000,
      gpus: 0,
      ports: [[31000, 32000]],
    });
    // Every tenth agent has something reserved.
    if (at % 10 === 0) resources.push({ name: 'cpus', type: 'SCALAR', scalar: { value: 2 }, role: 'team0' });
    say(world, {
      kind: 'agent-call',
      connection: `a${at}` as Connection,
      call: {
        type: 'SUBSCRIBE',
        subscribe: {
          agent_info: {
            hostname: `host-${at}`,
            ip: '127.0.0.1',
            port: 5051,
            resources,
            attributes: [],
            containerizer: 'simulated',
            version: '0',
          },
          tasks: [],
          boot_id: `b${at}`,
        },
      },
    });
  }
  for (let at = 0; at < quotas; at++) {
    // Half of the cluster is promised.
    const amounts = new Map([
      ['cpus', Math.round((12_000 * agents) / quotas)],
      ['mem', Math.round((32_768_000 * agents) / quotas)],
    ]);
    world.quotas.set(`team${at}`, { guarantees: amounts, limits: new Map() });
  }
  for (let at = 0; at < frameworks; at++) {
    const role = at % 2 === 0 ? `team${at % roles}` : `team${at % roles}/sub`;
    say(world, {
      kind: 'framework-call',
      connection: `f${at}` as Connection,
      call: {
        type: 'SUBSCRIBE',
        subscribe: { framework_info: { user: 'u', name: `f${at}`, roles: [role], capabilities } },
      },
    });
  }
  return world;
}

/** Everything is offered back, and for each agent some frameworks have refused it not long ago. */
function refill(world: MasterWorld, filtersPerAgent: number): void {
  for (const offer of world.offers.values()) recoverOffer(world, offer);
  const frameworks = [...world.frameworks.values()];
  for (const framework of frameworks) framework.filters.clear();
  let next = 0;
  for (const agent of world.agents.values()) {
    for (let at = 0; at < filtersPerAgent; at++) {
      const framework = frameworks[next++ % frameworks.length];
      const role = framework?.info.roles?.[0] ?? '*';
      framework?.filters.set(agent.id, [{ role, untilMs: env.now + 60_000, refused: agent.total }]);
    }
  }
  world.allDirty = true;
}

/** Milliseconds of one cycle, and of putting its offers into words. */
function cycle(world: MasterWorld): { cycle: number; words: number } {
  const begun = performance.now();
  const { effects } = decide(world, { kind: 'settle' }, env);
  const decided = performance.now();
  for (const effect of effects) if (effect.kind === 'offers') offerMessages(effect.offers, effect.framework);
  return { cycle: decided - begun, words: performance.now() - decided };
}

/** For every agent: shares summed from what is held, frameworks sorted, filters asked one after another. On so many agents only. */
function naiveCycle(world: MasterWorld, agentsMost: number): number {
  const free = bundleOf(toMesos({ cpusMilli: 24_000, memMb: 65_536, diskMb: 1_000_000, gpus: 0, ports: [] }));
  const held = new Map<FrameworkId, { agent: AgentId; cpus: number; mem: number }[]>();
  const frameworks = [...world.frameworks.values()];
  const total = { cpus: world.agents.size * 24, mem: world.agents.size * 65_536 };
  const begun = performance.now();
  let done = 0;
  for (const agent of world.agents.values()) {
    if (done++ >= agentsMost) break;
    const shares = frameworks.map((framework) => {
      let [cpus, mem] = [0, 0];
      for (const each of held.get(framework.id) ?? []) {
        cpus += each.cpus;
        mem += each.mem;
      }
      return { framework, share: Math.max(cpus / total.cpus, mem / total.mem) };
    });
    shares.sort((a, b) => a.share - b.share || (a.framework.id < b.framework.id ? -1 : 1));
    const taker = shares.find(
      ({ framework }) =>
        !(framework.filters.get(agent.id) ?? []).some((filter) => filter.refused.length >= free.length),
    );
    if (!taker) continue;
    const list = held.get(taker.framework.id) ?? [];
    list.push({ agent: agent.id, cpus: 24, mem: 65_536 });
    held.set(taker.framework.id, list);
  }
  return ((performance.now() - begun) / Math.min(agentsMost, world.agents.size)) * world.agents.size;
}

const rows = [
  [
    'agents',
    'frameworks',
    'roles',
    'quotas',
    'cycle',
    'best',
    'growth',
    'messages',
    'offers/s',
    'naive (no quota)',
    'ratio',
    'idle cycle',
  ],
];
/** Milliseconds an agent at the size before: what a cycle should grow with is agents. */
let before = NaN;
for (const shape of [
  { agents: 10_000, frameworks: 1_000, roles: 50, quotas: 0 },
  { agents: 1_000, frameworks: 100, roles: 10, quotas: 5 },
  { agents: 10_000, frameworks: 1_000, roles: 50, quotas: 5 },
  { agents: 50_000, frameworks: 1_000, roles: 50, quotas: 5 },
  { agents: 3_000, frameworks: 3_000, roles: 3_000, quotas: 3_000 },
]) {
  const world = cluster(shape);
  const times: { cycle: number; words: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    refill(world, 5);
    times.push(cycle(world));
  }
  const offers = world.offers.size;
  const idle = cycle(world).cycle;
  const ours = median(times.map((time) => time.cycle));
  const naive = naiveCycle(world, 300);
  const perAgent = ours / shape.agents;
  rows.push([
    count(shape.agents),
    count(shape.frameworks),
    count(shape.roles),
    count(shape.quotas),
    ms(ours),
    ms(Math.min(...times.map((time) => time.cycle))),
    shape.quotas === 5 && !Number.isNaN(before) ? ratio(perAgent / before) : '',
    ms(median(times.map(({ words }) => words))),
    count((offers / ours) * 1000),
    ms(naive),
    ratio(naive / ours),
    `${(idle * 1000).toFixed(0)} µs`,
  ]);
  before = shape.quotas === 5 ? perAgent : NaN;
}
printTable(
  'One allocation over every agent, five filters each, every tenth agent with a reservation; growth is of the time per agent',
  rows,
);
