import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { admitFreed } from '../../../server/master/allocation-interval.ts';
import { allocate } from '../../../server/master/allocator/allocate.ts';
import { decide } from '../../../server/master/decide.ts';
import { MASTER_LIMITS, type Connection, type MasterEnv } from '../../../server/master/facts.ts';
import { checkMaster } from '../../../server/master/invariants.ts';
import { MasterTx } from '../../../server/master/tx.ts';
import { emptyMaster } from '../../../server/master/world.ts';
import type { Call } from '../../../shared/mesos/scheduler.ts';
import type { OperatorCall } from '../../../shared/mesos/operator.ts';
import type { MesosResource } from '../../../shared/mesos/v1.ts';
import type { Minimums } from '../../../server/master/allocator/least.ts';
import { seededRandom } from '../../../server/random.ts';
import { toMesos } from '../../../shared/resources.ts';
import { agentInfo, taskInfo } from './test-master.ts';
import { ReferenceAllocator, offersOf } from './reference-allocator.ts';

const ROLES = ['eng', 'eng/web', 'eng/web/eu', 'eng/db', 'ops', 'ops/x', 'ads'];

const role = fc.constantFrom(...ROLES);
const top = fc.constantFrom('eng', 'ops', 'ads', 'none');
const one = fc.nat(7);
const amount = fc.constantFrom(0, 1, 2, 5, 8, 20);

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('agent' as const),
      agent: one,
      cpus: amount,
      gpus: fc.constantFrom(0, 0, 0, 1),
      reserved: fc.option(role, { nil: undefined }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('subscribe' as const),
      framework: one,
      roles: fc.uniqueArray(role, { minLength: 1, maxLength: 3 }),
      knows: fc.subarray(['GPU_RESOURCES', 'RESERVATION_REFINEMENT']),
      least: fc.option(amount, { nil: undefined }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('launch' as const), framework: one, cpus: amount }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('decline' as const), framework: one, take: fc.nat(4) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('close' as const, 'suppress' as const, 'revive' as const),
      framework: one,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('leave' as const, 'deactivate' as const, 'reactivate' as const),
      agent: one,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('quota' as const),
      role: top,
      guarantee: amount,
      limit: fc.option(amount, { nil: undefined }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('weight' as const), role, weight: fc.constantFrom(0.5, 1, 3) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('whitelist' as const),
      agents: fc.option(fc.uniqueArray(one, { minLength: 4 }), { nil: null }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('reserve' as const, 'unreserve' as const),
      agent: one,
      role,
      refined: fc.boolean(),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

/** Mostly Mesos's default. */
const minimums = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Minimums>(
      [],
      [new Map([['disk', 1000]])],
      [
        new Map([
          ['cpus', 2000],
          ['mem', 1_024_000],
        ]),
      ],
      [new Map([['ports', 2000]]), new Map([['cpus', 1000]])],
    ),
  },
);

/** A master that anything is done to; who meets which agent first is as the agents came. */
class Cluster {
  readonly world = emptyMaster('m');
  private readonly env: MasterEnv;

  constructor(minAllocatable: Minimums | undefined) {
    const { stream } = seededRandom(1);
    const inOrder = { stream: (name: string) => ({ ...stream(name), shuffle: () => {} }) };
    this.env = {
      now: 1_000_000,
      random: inOrder,
      limits: { ...MASTER_LIMITS, ...(minAllocatable ? { minAllocatable } : {}) },
    };
  }

  do(now: Step): void {
    switch (now.do) {
      case 'agent':
        return this.register(now);
      case 'leave':
        return this.decide({ kind: 'agent-closed', connection: `a${now.agent}` as Connection });
      case 'deactivate':
      case 'reactivate': {
        const call = { agent_id: { value: this.agent(now.agent) } };
        if (now.do === 'deactivate')
          return this.operate({ type: 'DEACTIVATE_AGENT', deactivate_agent: call });
        return this.operate({ type: 'REACTIVATE_AGENT', reactivate_agent: call });
      }
      case 'subscribe':
        return this.subscribe(now);
      case 'close':
        return this.decide({ kind: 'framework-closed', connection: `f${now.framework}` as Connection });
      case 'suppress':
        return this.call(now.framework, { type: 'SUPPRESS' });
      case 'revive':
        return this.call(now.framework, { type: 'REVIVE' });
      case 'decline': {
        const offer_ids = this.offers(now.framework).slice(0, now.take);
        return this.call(now.framework, {
          type: 'DECLINE',
          decline: { offer_ids, filters: { refuse_seconds: 60 } },
        });
      }
      case 'launch':
        return this.launch(now.framework, now.cpus);
      case 'quota': {
        const amounts = (value: number) => ({ cpus: { value }, mem: { value: value * 1024 } });
        const limits = now.limit === undefined ? {} : { limits: amounts(Math.max(now.limit, now.guarantee)) };
        const config = { role: now.role, guarantees: amounts(now.guarantee), ...limits };
        return this.operate({ type: 'UPDATE_QUOTA', update_quota: { force: true, quota_configs: [config] } });
      }
      case 'whitelist': {
        const hostnames = now.agents && new Set(now.agents.map((agent) => `a${agent}`));
        return this.decide({ kind: 'whitelist', hostnames });
      }
      case 'weight':
        return this.operate({
          type: 'UPDATE_WEIGHTS',
          update_weights: { weight_infos: [{ role: now.role, weight: now.weight }] },
        });
      case 'reserve':
      case 'unreserve': {
        const call = {
          agent_id: { value: this.agent(now.agent) },
          resources: reserved(1, now.role, now.refined),
        };
        if (now.do === 'reserve') return this.operate({ type: 'RESERVE_RESOURCES', reserve_resources: call });
        return this.operate({ type: 'UNRESERVE_RESOURCES', unreserve_resources: call });
      }
    }
  }

  /** Allocates, and tells what it offered and what it should have. */
  settle(): { offered: unknown; expected: unknown } {
    const { world } = this;
    admitFreed(new MasterTx(world, this.env));
    const agents = world.allDirty
      ? [...world.agents.values()]
      : [...world.dirtyAgents].flatMap((id) => world.agents.get(id) ?? []);
    const { now, limits } = this.env;
    const expected = new ReferenceAllocator(world, now, limits.minAllocatable).run(agents);
    const before = new Set<string>(world.offers.keys());
    allocate(new MasterTx(world, this.env));
    expect(checkMaster(world)).toEqual([]);
    return { offered: offersOf(world, before), expected };
  }

  private register({ agent, cpus, gpus, reserved: owner }: Extract<Step, { do: 'agent' }>): void {
    const connection = `a${agent}` as Connection;
    if (this.world.agentByConnection.has(connection)) return;
    const resources = toMesos({
      cpusMilli: cpus * 1000,
      memMb: cpus * 512 + 64,
      diskMb: 100,
      gpus,
      ports: [[1, 9]],
    });
    const more: MesosResource[] =
      owner === undefined ? [] : [{ name: 'cpus', type: 'SCALAR', scalar: { value: 2 }, role: owner }];
    const known = [...this.world.agents.values()].find(({ info }) => info.hostname === connection);
    const info = agentInfo(connection, {
      resources: [...resources, ...more],
      ...(known ? { id: { value: known.id } } : {}),
    });
    this.decide({
      kind: 'agent-call',
      connection,
      call: { type: 'SUBSCRIBE', subscribe: { agent_info: info, tasks: [], boot_id: 'b' } },
    });
  }

  private subscribe({ framework, roles, knows, least }: Extract<Step, { do: 'subscribe' }>): void {
    if (this.id(framework) !== undefined) return;
    const filters = {
      min_allocatable_resources: { quantities: [{ quantities: { cpus: { value: least ?? 0 } } }] },
    };
    const capabilities = ['MULTI_ROLE', ...knows].map((type) => ({ type }));
    const info = {
      user: 'u',
      name: 'f',
      roles,
      capabilities,
      ...(least === undefined ? {} : { offer_filters: { [roles[0]!]: filters } }),
    };
    this.call(framework, { type: 'SUBSCRIBE', subscribe: { framework_info: info } });
  }

  private launch(framework: number, cpus: number): void {
    const [offer] = this.offers(framework);
    const agent = this.world.offers.get((offer?.value ?? '') as never)?.agent;
    if (!offer || !agent) return;
    const task = taskInfo(`t${this.world.nextTask}`, agent, { cpusMilli: cpus * 500, memMb: 32 });
    this.call(framework, {
      type: 'ACCEPT',
      accept: {
        offer_ids: [offer],
        operations: [{ type: 'LAUNCH', launch: { task_infos: [task] } }],
        filters: { refuse_seconds: 0 },
      },
    });
  }

  private offers(framework: number): { value: string }[] {
    const id = this.id(framework);
    return [...this.world.offers.values()]
      .filter((offer) => offer.framework === id)
      .map((offer) => ({ value: offer.id }));
  }

  private id(framework: number) {
    return this.world.frameworkByConnection.get(`f${framework}` as Connection);
  }

  private agent(n: number): string {
    return this.world.agentByConnection.get(`a${n}` as Connection) ?? 'none';
  }

  private call(framework: number, call: Call): void {
    this.decide({ kind: 'framework-call', connection: `f${framework}` as Connection, call });
  }

  private operate(call: OperatorCall): void {
    this.decide({ kind: 'operator-call', call, request: 'r' });
  }

  private decide(fact: Parameters<typeof decide>[1]): void {
    decide(this.world, fact, this.env);
  }
}

function reserved(cpus: number, owner: string, refined: boolean): MesosResource[] {
  const [first = ''] = owner.split('/');
  const stack = refined && first !== owner ? [first, owner] : [owner];
  const reservations = stack.map((each) => ({ type: 'DYNAMIC', role: each, principal: 'p' }) as const);
  return [{ name: 'cpus', type: 'SCALAR', scalar: { value: cpus }, reservations }];
}

test('offers are those of the rules, whatever happened before', () => {
  let offers = 0;
  fc.assert(
    fc.property(
      fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 }),
      minimums,
      (turns, minAllocatable) => {
        const cluster = new Cluster(minAllocatable);
        for (const steps of turns) {
          for (const each of steps) cluster.do(each);
          const { offered, expected } = cluster.settle();
          expect(offered).toEqual(expected);
          offers += (expected as unknown[]).length;
        }
      },
    ),
    { numRuns: 600, seed: 11 },
  );
  expect(offers).toBeGreaterThan(4_000);
}, 60_000);
