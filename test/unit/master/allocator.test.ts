import { describe, expect, test } from 'vitest';
import type { FrameworkId } from '../../../shared/ids.ts';
import type { MesosResource, Offer, Operation } from '../../../shared/mesos/v1.ts';
import type { Minimums } from '../../../server/master/allocator/least.ts';
import { toMesos } from '../../../shared/resources.ts';
import { SMALL, TestMaster, offersIn } from './test-master.ts';

const MULTI = [{ type: 'MULTI_ROLE' }, { type: 'RESERVATION_REFINEMENT' }, { type: 'PARTITION_AWARE' }];

function sums(offers: readonly Offer[], name: string): number {
  return offers
    .flatMap((offer) => offer.resources)
    .filter((resource) => resource.name === name)
    .reduce((sum, resource) => sum + (resource.scalar?.value ?? 0), 0);
}

/** Offers that each framework has, counted in agents. */
function shares(master: TestMaster, frameworks: readonly FrameworkId[]): number[] {
  return frameworks.map((id) => master.world.frameworks.get(id)?.offers.length ?? 0);
}

function operate(master: TestMaster, connection: string, operations: Operation[]): void {
  const framework = master.world.frameworkByConnection.get(connection as never);
  const ids = [...master.world.offers.values()].filter((offer) => offer.framework === framework);
  master.framework(connection, {
    type: 'ACCEPT',
    accept: { offer_ids: ids.map(({ id }) => ({ value: id })), operations, filters: { refuse_seconds: 0 } },
  });
}

function reserved(name: string, value: number, role: string, principal?: string): MesosResource {
  const reservation = { type: 'DYNAMIC', role, ...(principal === undefined ? {} : { principal }) } as const;
  return { name, type: 'SCALAR', scalar: { value }, reservations: [reservation] };
}

describe('shares', () => {
  test('roles come first, then the frameworks of a role: one against two is half and a quarter each', () => {
    const master = new TestMaster();
    const ids = [
      master.subscribe('a', { roles: ['ads'], capabilities: MULTI }),
      master.subscribe('b', { roles: ['web'], capabilities: MULTI }),
      master.subscribe('c', { roles: ['web'], capabilities: MULTI }),
    ];
    for (let i = 0; i < 12; i++) master.addAgent(`agent-${i}`);
    expect(shares(master, ids)).toEqual([6, 3, 3]);
  });

  test('a role of weight three has three times as much', () => {
    const master = new TestMaster();
    master.world.roles.setWeight('web', 3);
    const ids = [
      master.subscribe('a', { roles: ['ads'], capabilities: MULTI }),
      master.subscribe('b', { roles: ['web'], capabilities: MULTI }),
    ];
    for (let i = 0; i < 12; i++) master.addAgent(`agent-${i}`);
    expect(shares(master, ids)).toEqual([3, 9]);
  });

  test('subroles share what their parent has; frameworks of the parent compete as one of them', () => {
    const master = new TestMaster();
    const ids = [
      master.subscribe('a', { roles: ['eng'], capabilities: MULTI }),
      master.subscribe('b', { roles: ['eng/web'], capabilities: MULTI }),
      master.subscribe('c', { roles: ['eng/db'], capabilities: MULTI }),
      master.subscribe('d', { roles: ['ops'], capabilities: MULTI }),
    ];
    for (let i = 0; i < 12; i++) master.addAgent(`agent-${i}`);
    expect(shares(master, ids)).toEqual([2, 2, 2, 6]);
  });

  test('the dominant resource counts, whichever it is', () => {
    const master = new TestMaster();
    const ids = [master.subscribe('cpu'), master.subscribe('ram')];
    master.addAgent('small-cpu', { total: { ...SMALL, cpusMilli: 8000, memMb: 1000 } });
    master.addAgent('small-ram', { total: { ...SMALL, cpusMilli: 1000, memMb: 16_000 } });
    master.addAgent('rest', { total: { ...SMALL, cpusMilli: 1000, memMb: 1000 } });
    // One holds 8 of 10 cpus, the other 16 of 18 GB: the one with less of its dominant resource gets the rest.
    expect(shares(master, ids)).toEqual([2, 1]);
  });

  test('a suppressed role is left out, and its share is none of the others’ loss', () => {
    const master = new TestMaster();
    const ids = [master.subscribe('f'), master.subscribe('g', {}, ['dawn'])];
    for (let i = 0; i < 4; i++) master.addAgent(`agent-${i}`);
    expect(shares(master, ids)).toEqual([4, 0]);
  });
});

describe('who may be offered what', () => {
  test('agents with GPUs only to those that know about them', () => {
    const master = new TestMaster();
    const ids = [
      master.subscribe('f'),
      master.subscribe('g', { capabilities: [...MULTI, { type: 'GPU_RESOURCES' }] }),
    ];
    for (let i = 0; i < 4; i++) master.addAgent(`agent-${i}`, { total: { ...SMALL, gpus: 1 } });
    expect(shares(master, ids)).toEqual([0, 4]);
  });

  test('what a framework’s constraints exclude goes to others', () => {
    const master = new TestMaster();
    const picky = {
      role_constraints: {
        dawn: {
          groups: [
            {
              attribute_constraints: [
                { selector: { attribute_name: 'rack' }, predicate: { text_equals: { value: 'r1' } } },
              ],
            },
          ],
        },
      },
    };
    master.framework('f', {
      type: 'SUBSCRIBE',
      subscribe: {
        framework_info: { user: 'u', name: 'f', roles: ['dawn'], capabilities: MULTI },
        offer_constraints: picky,
      },
    });
    const rack = (value: string) => ({
      info: { attributes: [{ name: 'rack', type: 'TEXT' as const, text: { value } }] },
    });
    master.addAgent('a', rack('r1'));
    master.addAgent('b', rack('r2'));
    expect(offersIn(master.heard('f')).map(({ hostname }) => hostname)).toEqual(['a']);
  });

  test('the least that a framework finds worth an offer is its own to say', () => {
    const master = new TestMaster();
    const least = (mem: number) => ({
      capabilities: MULTI,
      offer_filters: {
        dawn: { min_allocatable_resources: { quantities: [{ quantities: { mem: { value: mem } } }] } },
      },
    });
    const ids = [master.subscribe('f', least(100_000)), master.subscribe('g', least(8192))];
    master.addAgent('a');
    expect(shares(master, ids)).toEqual([0, 1]);
  });
});

describe('reservations', () => {
  function withReservation(): { master: TestMaster; agent: string } {
    const master = new TestMaster();
    master.subscribe('eng', { roles: ['eng'], capabilities: MULTI });
    const agent = master.addAgent('a');
    operate(master, 'eng', [{ type: 'RESERVE', reserve: { resources: [reserved('cpus', 1, 'eng')] } }]);
    return { master, agent };
  }

  test('go to their role only; the rest of the agent goes to others', () => {
    const { master } = withReservation();
    master.closeFramework('eng');
    master.subscribe('ops', { roles: ['ops'], capabilities: MULTI });
    const offers = offersIn(master.heard('ops'));
    expect(sums(offers, 'cpus')).toBe(3);
    master.subscribe('web', { roles: ['eng/web'], capabilities: MULTI });
    const web = offersIn(master.heard('web'));
    expect(web.flatMap((offer) => offer.resources)).toEqual([
      { ...reserved('cpus', 1, 'eng'), allocation_info: { role: 'eng/web' } },
    ]);
  });

  test('outlive the agent’s stream and the master, and come back in what it has', () => {
    const { master, agent } = withReservation();
    master.closeAgent('a');
    master.addAgent('a2', { info: { hostname: 'a', id: { value: agent } } });
    expect(sums(offersIn(master.heard('eng')).slice(-1), 'cpus')).toBe(4);
    expect(master.world.agents.get(agent as never)?.total.map(({ key }) => key)).toContainEqual(
      expect.stringContaining('DYNAMIC'),
    );
    expect(master.writes).toContainEqual(
      expect.objectContaining({ w: 'agent-resources', resources: [reserved('cpus', 1, 'eng')] }),
    );
  });

  test('an agent that has less than was reserved on it is refused', () => {
    const { master, agent } = withReservation();
    master.closeAgent('a');
    master.addAgent('a2', {
      info: { hostname: 'a', id: { value: agent } },
      total: { ...SMALL, cpusMilli: 500 },
    });
    expect(master.agentHeard('a2')).toMatchObject([
      { type: 'ERROR', error: { message: expect.stringContaining('less than was reserved') as string } },
    ]);
  });

  test('reserve, create and launch in one ACCEPT; destroy and unreserve give the agent back as it was', () => {
    const master = new TestMaster();
    master.subscribe('eng', { roles: ['eng'], capabilities: MULTI, principal: 'ann' });
    const agent = master.addAgent('a');
    const disk = reserved('disk', 64, 'eng', 'ann');
    const volume: MesosResource = {
      ...disk,
      disk: { persistence: { id: 'v1' }, volume: { container_path: 'data', mode: 'RW' } },
    };
    const task = {
      name: 't',
      task_id: { value: 't' },
      agent_id: { value: agent },
      command: { value: 'true' },
      resources: [...toMesos({ cpusMilli: 100, memMb: 32, diskMb: 0, gpus: 0, ports: [] }), volume],
    };
    operate(master, 'eng', [
      { type: 'RESERVE', id: { value: 'r' }, reserve: { resources: [disk] } },
      { type: 'CREATE', create: { volumes: [volume] } },
      { type: 'LAUNCH', launch: { task_infos: [task] } },
    ]);
    expect(master.agentHeard('a').map(({ type }) => type)).toEqual([
      'SUBSCRIBED',
      'CHECKPOINT_RESOURCES',
      'CHECKPOINT_RESOURCES',
      'RUN_TASK',
    ]);
    expect(master.heard('eng')).toContainEqual(
      expect.objectContaining({
        type: 'UPDATE_OPERATION_STATUS',
        update_operation_status: {
          status: expect.objectContaining({
            operation_id: { value: 'r' },
            state: 'OPERATION_FINISHED',
          }) as object,
        },
      }),
    );
    master.update('a', master.world.frameworkByConnection.get('eng' as never)!, {
      task_id: { value: 't' },
      state: 'TASK_FINISHED',
    });
    operate(master, 'eng', [
      { type: 'DESTROY', destroy: { volumes: [volume] } },
      { type: 'UNRESERVE', unreserve: { resources: [disk] } },
    ]);
    expect(master.world.agents.get(agent)?.kept).toEqual([]);
    expect(sums(offersIn(master.heard('eng')).slice(-1), 'disk')).toBe(SMALL.diskMb);
  });

  test('a volume of an id that is there already is refused', () => {
    const master = new TestMaster();
    master.subscribe('eng', { roles: ['eng'], capabilities: MULTI });
    master.addAgent('a');
    const disk = reserved('disk', 128, 'eng');
    const volume: MesosResource = {
      ...reserved('disk', 64, 'eng'),
      disk: { persistence: { id: 'v1' }, volume: { container_path: 'data', mode: 'RW' } },
    };
    operate(master, 'eng', [
      { type: 'RESERVE', reserve: { resources: [disk] } },
      { type: 'CREATE', create: { volumes: [volume] } },
      { type: 'CREATE', id: { value: 'again' }, create: { volumes: [volume] } },
    ]);
    expect(master.heard('eng')).toContainEqual({
      type: 'UPDATE_OPERATION_STATUS',
      update_operation_status: {
        status: {
          operation_id: { value: 'again' },
          state: 'OPERATION_ERROR',
          message: "Persistence ID 'v1' is in use already",
        },
      },
    });
  });

  test.each<[string, Operation, string]>([
    [
      'more than is offered',
      { type: 'RESERVE', reserve: { resources: [reserved('cpus', 100, 'eng')] } },
      'does not contain cpus(allocated: eng):100',
    ],
    [
      'for another role',
      { type: 'RESERVE', reserve: { resources: [reserved('cpus', 1, 'ops')] } },
      "role 'ops'",
    ],
    ['nothing', { type: 'RESERVE', reserve: {} }, 'no resources'],
    [
      'less than nothing, which would make more of the rest',
      { type: 'RESERVE', reserve: { resources: [reserved('cpus', -1, 'eng')] } },
      'Invalid scalar resource',
    ],
    [
      'no number',
      { type: 'RESERVE', reserve: { resources: [reserved('cpus', Number.NaN, 'eng')] } },
      'Invalid scalar resource',
    ],
    [
      'what is not reserved',
      {
        type: 'UNRESERVE',
        unreserve: { resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 1 } }] },
      },
      'not dynamically reserved',
    ],
    [
      'a volume of unreserved disk',
      {
        type: 'CREATE',
        create: {
          volumes: [
            {
              name: 'disk',
              type: 'SCALAR',
              scalar: { value: 1 },
              disk: { persistence: { id: 'v' }, volume: { container_path: 'd', mode: 'RW' } },
            },
          ],
        },
      },
      'unreserved',
    ],
  ])('refused, and nothing changes: %s', (_what, operation, message) => {
    const master = new TestMaster();
    master.subscribe('eng', { roles: ['eng'], capabilities: MULTI });
    const agent = master.addAgent('a');
    operate(master, 'eng', [{ ...operation, id: { value: 'op' } }]);
    expect(master.heard('eng')).toContainEqual({
      type: 'UPDATE_OPERATION_STATUS',
      update_operation_status: {
        status: {
          operation_id: { value: 'op' },
          state: 'OPERATION_ERROR',
          message: expect.stringContaining(message) as string,
        },
      },
    });
    expect(master.world.agents.get(agent)?.kept).toEqual([]);
  });
});

describe('quota', () => {
  const quota = (guarantees: Record<string, number>, limits: Record<string, number> = {}) => ({
    guarantees: new Map(Object.entries(guarantees).map(([name, value]) => [name, value * 1000])),
    limits: new Map(Object.entries(limits).map(([name, value]) => [name, value * 1000])),
  });

  test('a limit is never exceeded: offers are cut to it', () => {
    const master = new TestMaster();
    master.world.quotas.set('eng', quota({}, { cpus: 6 }));
    master.subscribe('eng', { roles: ['eng/web'], capabilities: MULTI });
    for (let i = 0; i < 3; i++) master.addAgent(`agent-${i}`);
    expect(sums(offersIn(master.heard('eng')), 'cpus')).toBe(6);
  });

  test('what was promised is kept back from others, and given when its role comes', () => {
    const master = new TestMaster();
    master.world.quotas.set('eng', quota({ cpus: 8, mem: 16_384 }));
    for (let i = 0; i < 3; i++) master.addAgent(`agent-${i}`);
    master.subscribe('ops', { roles: ['ops'], capabilities: MULTI });
    expect(sums(offersIn(master.heard('ops')), 'cpus')).toBe(4);
    master.subscribe('eng', { roles: ['eng'], capabilities: MULTI });
    expect(sums(offersIn(master.heard('eng')), 'cpus')).toBe(8);
  });

  test('a guarantee comes before a fair share', () => {
    const master = new TestMaster();
    master.world.quotas.set('eng', quota({ cpus: 12 }));
    master.subscribe('eng', { roles: ['eng'], capabilities: MULTI });
    master.subscribe('ops', { roles: ['ops'], capabilities: MULTI });
    for (let i = 0; i < 4; i++) master.addAgent(`agent-${i}`);
    expect(sums(offersIn(master.heard('eng')), 'cpus')).toBeGreaterThanOrEqual(12);
  });
});

describe('what operators leave out', () => {
  const tell = (master: TestMaster, ...hostnames: string[]): void =>
    master.fact({ kind: 'whitelist', hostnames: new Set(hostnames) });

  test('agents whose host is not on the whitelist get no new offers; an empty one is nobody, none is everybody', () => {
    const master = new TestMaster();
    tell(master, 'a');
    const f = master.subscribe('f', { roles: ['r'], capabilities: MULTI });
    for (const name of ['a', 'b']) master.addAgent(name);
    expect(offersIn(master.heard('f')).map(({ hostname }) => hostname)).toEqual(['a']);
    // What was offered before stays.
    tell(master);
    master.addAgent('c');
    expect(master.heard('f')).toEqual([]);
    expect(shares(master, [f])).toEqual([1]);
    tell(master, 'b');
    expect(offersIn(master.heard('f')).map(({ hostname }) => hostname)).toEqual(['b']);
    master.fact({ kind: 'whitelist', hostnames: null });
    expect(offersIn(master.heard('f')).map(({ hostname }) => hostname)).toEqual(['c']);
  });

  test.each<[string, number, Minimums | undefined, boolean]>([
    ['less than Mesos offers', 10, undefined, false],
    ['as much as Mesos offers', 32, undefined, true],
    ['of another resource', 10, [new Map([['disk', 1000]])], true],
    [
      'not all of what is needed together',
      64,
      [
        new Map([
          ['mem', 32_000],
          ['disk', 101_000],
        ]),
      ],
      false,
    ],
    ['one of several', 10, [new Map([['mem', 32_000]]), new Map([['disk', 100_000]])], true],
    ['ports are counted', 10, [new Map([['ports', 10_000]])], true],
    ['too few ports', 10, [new Map([['ports', 11_000]])], false],
    ['any amount', 1, [], true],
  ])('%s', (_what, memMb, minAllocatable, isOffered) => {
    const master = new TestMaster(undefined, minAllocatable ? { minAllocatable } : {});
    master.subscribe('f', { roles: ['r'], capabilities: MULTI });
    master.addAgent('a', { total: { cpusMilli: 0, memMb, diskMb: 100, gpus: 0, ports: [[1, 10]] } });
    expect(offersIn(master.heard('f'))).toHaveLength(isOffered ? 1 : 0);
  });
});
