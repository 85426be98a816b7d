import { array, assert, boolean, constantFrom, integer, nat, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../../shared/command.ts';
import type { JobKey } from '../../../shared/ids.ts';
import { configId } from '../../../shared/job/config-id.ts';
import type { Constraint, Job, TaskConfig } from '../../../shared/job/config.ts';
import type { Resources } from '../../../shared/resources.ts';
import { addResources } from '../../../shared/resources.ts';
import { ASSIGNED_STATUSES } from '../../../shared/task-states.ts';
import { saveWorld } from '../../../server/scheduler/checkpoint.ts';
import { groupKey } from '../../../server/scheduler/group-key.ts';
import { coprimeStep } from '../../../server/scheduler/placement/group-run.ts';
import type { PlanReport } from '../../../server/scheduler/plan.ts';
import { plan } from '../../../server/scheduler/plan.ts';
import type { WhyReport } from '../../../server/scheduler/why.ts';
import { explainGroup } from '../../../server/scheduler/why.ts';
import { SchedulerHarness } from '../../support/scheduler-harness.ts';
import { job } from '../../support/jobs.ts';
import { launchedBy } from '../../support/pretend-master.ts';

const KEY = 'web/prod/api' as JobKey;

const is = (attribute: string, ...values: string[]): Constraint => ({
  kind: 'value',
  attribute,
  negated: false,
  values,
});
const isNot = (attribute: string, ...values: string[]): Constraint => ({
  kind: 'value',
  attribute,
  negated: true,
  values,
});
const limit = (attribute: string, most: number): Constraint => ({ kind: 'limit', attribute, limit: most });

const hostsOf = (harness: SchedulerHarness, key: JobKey = KEY): (string | null)[] =>
  [...(harness.world.activeByJob.get(key)?.keys() ?? [])]
    .sort((a, b) => a - b)
    .map((instance) => harness.task(key, instance).host);
const waiting = (harness: SchedulerHarness): number =>
  [...harness.world.pending.values()].reduce((sum, ids) => sum + ids.size, 0);

// Constraints ------------------------------------------------------------------------------------------------------------------

const RACK_R1 = { rack: 'r1' };
const VERDICTS: readonly (readonly [
  string,
  readonly Constraint[],
  Readonly<Record<string, string>>,
  boolean,
])[] = [
  ['the value', [is('rack', 'r1')], RACK_R1, true],
  ['one of the values', [is('rack', 'r0', 'r1')], RACK_R1, true],
  ['another value', [is('rack', 'r2')], RACK_R1, false],
  ['no such attribute', [is('zone', 'z1')], RACK_R1, false],
  ['a negated value', [isNot('rack', 'r1')], RACK_R1, false],
  ['a negated other value', [isNot('rack', 'r2')], RACK_R1, true],
  ['a negated value without the attribute', [isNot('zone', 'z1')], RACK_R1, true],
  ['the host name', [is('host', 'a1')], {}, true],
  ['the host name that the agent gives itself', [is('host', 'a1')], { host: 'alias' }, false],
  ['a limit', [limit('rack', 1)], RACK_R1, true],
  ['a limit without the attribute', [limit('zone', 1)], RACK_R1, false],
  ['a dedicated agent, not asked for', [], { dedicated: 'web/db' }, false],
  ['a dedicated agent, asked for', [is('dedicated', 'web/db')], { dedicated: 'web/db' }, true],
  ['a dedicated agent, another asked for', [is('dedicated', 'web/www')], { dedicated: 'web/db' }, false],
  ['dedicated asked for, agent is not', [is('dedicated', 'web/db')], {}, false],
  ['two constraints, one broken', [is('rack', 'r1'), is('host', 'a2')], RACK_R1, false],
];

test.each(VERDICTS)('%s', (_what, constraints, attributes, placed) => {
  const harness = new SchedulerHarness();
  harness.agent('a1', { attributes });
  harness.run(job(KEY, 1, { constraints }));
  expect(hostsOf(harness)).toEqual([placed ? 'a1' : null]);
});

test('a limit counts every task of the job there is, the dying ones too', () => {
  const harness = new SchedulerHarness();
  harness.agent('a1', { attributes: RACK_R1 });
  harness.agent('a2', { attributes: RACK_R1 });
  harness.agent('a3', { attributes: { rack: 'r2' } });
  harness.onKill = () => [];
  harness.run(job(KEY, 4, { constraints: [limit('rack', 1)] }));
  expect(hostsOf(harness).filter((host) => host !== null)).toHaveLength(2);
  const victim = [0, 1, 2, 3].map((at) => harness.task(KEY, at)).find(({ host }) => host === 'a3')!;
  harness.command({ kind: 'job.kill', key: KEY, only: [[victim.instance, victim.instance]] });
  harness.deliverAll();
  expect(waiting(harness)).toBe(2);
  harness.report(victim.id, 'TASK_KILLED');
  harness.deliverAll();
  expect(waiting(harness)).toBe(1);
});

test('old and new config of one job share its limit, also when both wait for the same offer', () => {
  const harness = new SchedulerHarness();
  const one = { constraints: [limit('host', 1)] };
  harness.run(job(KEY, 3, one));
  harness.submit(job(KEY, 3, { ...one, env: { VERSION: '2' } }), [[0, 0]]);
  expect(harness.world.pending.size).toBe(2);
  harness.agent('a1');
  expect(hostsOf(harness).filter((host) => host === 'a1')).toHaveLength(1);
});

test('an agent that goes down for maintenance soon gets nothing new', () => {
  const harness = new SchedulerHarness();
  harness.agent('soon', { unavailableAtMs: harness.now + 6 * 60_000 });
  harness.agent('later', { unavailableAtMs: harness.now + 6 * 60_000 + 1 });
  harness.run(job(KEY, 4));
  expect(new Set(hostsOf(harness))).toEqual(new Set(['later']));
});

// Fairness, offers, ports --------------------------------------------------------------------------------------------------------

test('a job of one instance does not wait for a job of a thousand', () => {
  const harness = new SchedulerHarness();
  const big = job('web/prod/big', 1000, { cpu: 1 });
  const small = job('web/prod/small', 1, { cpu: 1 });
  harness.submit(big);
  harness.submit(small);
  harness.agent('a1', { resources: { cpusMilli: 8_000, memMb: 64_000 } });
  expect(hostsOf(harness, small.key)).toEqual(['a1']);
  expect(hostsOf(harness, big.key).filter((host) => host !== null)).toHaveLength(7);
});

test('instances spread over the agents', () => {
  const harness = new SchedulerHarness();
  const hosts = ['a1', 'a2', 'a3', 'a4'];
  for (const host of hosts) harness.agent(host);
  harness.run(job(KEY, 4));
  expect(hostsOf(harness).sort()).toEqual(hosts);
});

test('what no single offer holds, several of one agent may: they go in one ACCEPT', () => {
  const harness = new SchedulerHarness();
  const half: Resources = { cpusMilli: 1_000, memMb: 512, diskMb: 1024, gpus: 0, ports: [] };
  harness.agent('a1', { resources: addResources(half, half) });
  expect(harness.submit(job(KEY, 1, { cpu: 2 })).ok).toBe(true);
  const agent = harness.master.agents.get('a1')!;
  harness.master.takeBackOffers();
  harness.master.offer(agent, [half, half]);
  harness.deliverAll();
  const accepts = harness.calls.filter((call) => call.type === 'ACCEPT');
  expect(accepts).toHaveLength(1);
  expect(accepts[0]?.accept.offer_ids).toHaveLength(2);
  expect(launchedBy(accepts[0]?.accept.operations)).toHaveLength(1);
});

test('every port that is asked for, from what is offered, none twice', () => {
  const harness = new SchedulerHarness();
  harness.agent('a1', {
    resources: {
      ports: [
        [31_000, 31_002],
        [31_010, 31_010],
      ],
    },
  });
  harness.run(job(KEY, 3, { ports: ['admin', 'http'] }));
  const ports = [0, 1].flatMap((at) => Object.values(harness.task(KEY, at).ports));
  expect([...ports].sort()).toEqual([31_000, 31_001, 31_002, 31_010]);
  expect(Object.keys(harness.task(KEY, 0).ports)).toEqual(['admin', 'http']);
  expect(harness.task(KEY, 2).status).toBe('PENDING');
});

test('offers are void once the link is down; nothing is launched on them', () => {
  const harness = new SchedulerHarness();
  harness.agent('a1');
  harness.step({ kind: 'link', up: false });
  harness.run(job(KEY, 1));
  expect(harness.calls.some(({ type }) => type === 'ACCEPT')).toBe(false);
  expect(harness.world.placement.offerCount).toBe(0);
});

test('an offer that was taken back is not used', () => {
  const harness = new SchedulerHarness();
  harness.agent('a1');
  harness.master.lose('a1', 'TASK_LOST');
  harness.deliverAll();
  harness.run(job(KEY, 1));
  expect(waiting(harness)).toBe(1);
});

test('what does not fit is parked, and wakes when something becomes free where it fits', () => {
  const harness = new SchedulerHarness();
  harness.agent('a1', { resources: { cpusMilli: 2_000 } });
  harness.run(job('web/prod/full', 1, { cpu: 2 }));
  harness.run(job(KEY, 1, { cpu: 2 }));
  expect([...harness.world.placement.parked]).toEqual([groupKey(KEY, harness.task(KEY).config)]);
  harness.command({ kind: 'job.kill', key: 'web/prod/full' as JobKey });
  harness.deliverAll();
  expect(harness.task(KEY)).toMatchObject({ status: 'RUNNING', host: 'a1' });
  harness.agent('a2');
  expect(harness.world.placement.parked.size).toBe(0);
});

test('the walk over the agents meets each of them once, however many there are', () => {
  for (let count = 1; count <= 300; count++) {
    const met = new Set<number>();
    for (let looked = 0, at = 0; looked < count; looked++, at = (at + coprimeStep(count)) % count)
      met.add(at);
    expect(met.size).toBe(count);
  }
});

// Why --------------------------------------------------------------------------------------------------------------------------

function why(harness: SchedulerHarness, config: Partial<TaskConfig>): WhyReport {
  const wanted = job(KEY, 1, config);
  harness.run(wanted);
  return explainGroup(harness.world, groupKey(KEY, configId(wanted.task)), harness.now, harness.views());
}

describe('why a task waits', () => {
  test('no agent at all', () => {
    const report = why(new SchedulerHarness(), {});
    expect(report).toMatchObject({
      agents: 0,
      summary: 'there is no agent',
      remedies: ['add an agent'],
    });
  });

  test('each agent at its first failing test, and what would help', () => {
    const harness = new SchedulerHarness();
    harness.agent('small', { resources: { cpusMilli: 2_000 }, attributes: RACK_R1 });
    harness.agent('tiny', { resources: { cpusMilli: 1_000 }, attributes: RACK_R1 });
    harness.agent('elsewhere', { attributes: { rack: 'r2' } });
    const report = why(harness, { cpu: 4, constraints: [is('rack', 'r1')] });
    expect(report.summary).toBe('none of 3 agents fits: 2 cpu, 1 rack');
    expect(report.vetoes).toMatchObject([
      { kind: 'cpu', agents: 2 },
      { kind: 'constraint', subject: 'rack', agents: 1, detail: 'rack must be r1' },
    ]);
    expect(report.nearest.map(({ host, missing }) => [host, missing])).toEqual([
      ['small', '2 cpu'],
      ['tiny', '3 cpu'],
      ['elsewhere', 'constraint rack'],
    ]);
    expect(report.remedies).toEqual([
      'lower cpu from 4 to 2: fits 1 agent now',
      'relax the constraint on rack: 1 more agent comes into question',
      'add an agent with at least cpu 4, ram 128 MB, disk 128 MB free',
    ]);
  });

  test('an agent that is large enough but full is told from one that never will be', () => {
    const harness = new SchedulerHarness();
    harness.agent('a1', { resources: { cpusMilli: 4_000 } });
    harness.run(job('web/prod/full', 1, { cpu: 4 }));
    const report = why(harness, { cpu: 3 });
    expect(report.remedies).toContain('wait for, or end, other tasks: 1 agent is large enough but full');
    expect(report.vetoes[0]?.detail).not.toContain('even when empty');
  });

  test.each([
    ['a limit', { constraints: [limit('host', 1)] }, {}, 'limit', 'at most 1 of this job for each host'],
    [
      'a dedicated agent',
      {},
      { attributes: { dedicated: 'web/db' } },
      'dedicated',
      'kept for jobs that ask for it',
    ],
    ['maintenance', {}, { unavailableAtMs: 1_000_000 }, 'maintenance', 'going down for maintenance'],
    [
      'gpus',
      { gpus: 1 },
      {},
      'gpu',
      'needs 1, best free 0 on a1; no agent has that much even when empty (largest 0)',
    ],
    ['ports', { ports: ['http'] }, { resources: { ports: [] } }, 'ports', 'needs 1, best free 0 on a1'],
    ['disk', { diskMb: 70_000 }, {}, 'disk', 'needs 70000 MB, best free 65536 MB on a1'],
  ] as const)('%s', (_what, config, shape, kind, detail) => {
    const harness = new SchedulerHarness();
    harness.agent('a1', shape);
    const wanted = job(KEY, 2, config);
    harness.run(wanted);
    const group = groupKey(KEY, configId(wanted.task));
    const report = explainGroup(harness.world, group, harness.now, harness.views());
    expect(report.vetoes).toMatchObject([{ kind, agents: 1 }]);
    expect(report.vetoes[0]?.detail).toContain(detail);
  });
});

// Plans ------------------------------------------------------------------------------------------------------------------------

/** Asks for the plan and makes sure that asking changed nothing, offers included. */
function planned(harness: SchedulerHarness, command: Command): PlanReport {
  const state = (): unknown => ({
    saved: JSON.stringify(saveWorld(harness.world)),
    offers: harness.world.placement.offerCount,
    free: harness.world.placement.slots.map((slot) => [
      slot.free,
      harness.world.placement.free.cpus[slot.slot],
    ]),
    parked: [...harness.world.placement.parked],
  });
  const before = state();
  const report = plan(harness.world, command, { user: 'ann', from: 'test' }, harness.env, harness.views());
  expect(state()).toEqual(before);
  return report;
}

const submit = (wanted: Job): Command => ({ kind: 'job.submit', job: wanted });

describe('plans', () => {
  test('of a new job: where it goes, and what would wait', () => {
    const harness = new SchedulerHarness();
    harness.agent('a1', { resources: { cpusMilli: 2_000 } });
    const report = planned(harness, submit(job(KEY, 3)));
    expect(report).toMatchObject({ action: 'create', add: [0, 1, 2], change: [], remove: [], refused: null });
    expect(report.placements.filter(({ host }) => host === 'a1')).toHaveLength(2);
    expect(report.pending).toMatchObject([
      { instances: [2], why: { summary: 'none of 1 agents fits: 1 cpu' } },
    ]);
  });

  test('of an update that fits only because the old tasks go', () => {
    const harness = new SchedulerHarness();
    harness.agent('a1', { resources: { cpusMilli: 2_000 } });
    harness.run(job(KEY, 2));
    const report = planned(harness, submit(job(KEY, 2, { env: { VERSION: '2' } })));
    expect(report).toMatchObject({ action: 'update', change: [0, 1], pending: [] });
    expect(report.placements.map(({ host }) => host)).toEqual(['a1', 'a1']);
    expect(report.diff.length).toBeGreaterThan(0);
  });

  test('of an update that adds, changes and removes nothing', () => {
    const harness = new SchedulerHarness();
    harness.agent('a1');
    harness.run(job(KEY, 2));
    expect(planned(harness, submit(job(KEY, 2)))).toMatchObject({
      action: 'none',
      message: 'Job is unchanged by proposed update.',
      refused: null,
    });
  });

  test('of scaling and of killing', () => {
    const harness = new SchedulerHarness();
    harness.agent('a1');
    harness.run(job(KEY, 2));
    expect(planned(harness, { kind: 'job.scale', key: KEY, instances: 4 })).toMatchObject({
      action: 'scale',
      add: [2, 3],
      unchanged: [0, 1],
    });
    expect(planned(harness, { kind: 'job.kill', key: KEY, only: [[1, 1]] })).toMatchObject({
      action: 'kill',
      remove: [1],
      unchanged: [0],
    });
  });

  test('of what would be refused: the refusal', () => {
    const harness = new SchedulerHarness();
    expect(planned(harness, { kind: 'job.scale', key: KEY, instances: 4 })).toMatchObject({
      action: 'none',
      refused: { code: 'not_found' },
    });
  });

  test('have the same id until what they rest on changes', () => {
    const harness = new SchedulerHarness();
    harness.agent('a1');
    harness.run(job(KEY, 2));
    const update = submit(job(KEY, 2, { env: { VERSION: '2' } }));
    const { planId } = planned(harness, update);
    expect(planned(harness, update).planId).toBe(planId);
    harness.command({ kind: 'job.scale', key: KEY, instances: 3 });
    expect(planned(harness, update).planId).not.toBe(planId);
  });
});

// Any history ------------------------------------------------------------------------------------------------------------------

/** Constraints of a job never change within a history, so that what holds when a task is placed holds ever after. */
const CONSTRAINTS: readonly (readonly Constraint[])[] = [
  [],
  [limit('host', 1)],
  [limit('rack', 2)],
  [is('rack', 'r1')],
  [isNot('rack', 'r1'), limit('host', 2)],
];

const values = (harness: SchedulerHarness, host: string, attribute: string): string[] =>
  attribute === 'host'
    ? [host]
    : (harness.master.agents.get(host)?.attributes ?? []).flatMap(({ name, text }) =>
        name === attribute && text ? [text.value] : [],
      );

function tasksWith(harness: SchedulerHarness, key: JobKey, attribute: string, value: string): number {
  return [...harness.world.tasks.values()].filter(
    ({ job: of, host, status }) =>
      of === key &&
      host !== null &&
      ASSIGNED_STATUSES.has(status) &&
      values(harness, host, attribute).includes(value),
  ).length;
}

/** Aurora's rules once more, the plain way. `more`: tasks to be added to the count. */
function allows(
  harness: SchedulerHarness,
  key: JobKey,
  constraints: readonly Constraint[],
  host: string,
  more: 0 | 1,
): boolean {
  return constraints.every((constraint) => {
    const offered = values(harness, host, constraint.attribute);
    if (constraint.kind === 'value')
      return offered.some((value) => constraint.values.includes(value)) !== constraint.negated;
    return (
      offered.length > 0 &&
      offered.every(
        (value) => tasksWith(harness, key, constraint.attribute, value) + more <= constraint.limit,
      )
    );
  });
}

function checkPlacement(harness: SchedulerHarness): void {
  for (const task of harness.world.tasks.values()) {
    const config = harness.world.configs.get(task.config)!;
    if (task.host !== null && ASSIGNED_STATUSES.has(task.status))
      expect(allows(harness, task.job, config.constraints, task.host, 0), `${task.id} on ${task.host}`).toBe(
        true,
      );
    if (task.status !== 'PENDING') continue;
    for (const [host, { free, offers }] of harness.master.agents) {
      const all = [free, ...offers.values()].reduce(addResources);
      const fits =
        all.cpusMilli >= config.cpu * 1000 &&
        all.memMb >= config.ramMb &&
        allows(harness, task.job, config.constraints, host, 1);
      expect(fits, `${task.id} waits although ${host} fits`).toBe(false);
    }
  }
}

test('any history: never oversold, no constraint broken, and nothing waits that a full scan would place', () => {
  const action = record({
    what: constantFrom(
      'submit',
      'submit',
      'submit',
      'only',
      'kill',
      'scale',
      'end',
      'agent',
      'fragment',
      'restart',
    ),
    at: nat({ max: 4 }),
    count: integer({ min: 1, max: 5 }),
    cpu: constantFrom(0.5, 1, 1.5),
    quiet: boolean(),
  });
  assert(
    property(array(action, { minLength: 5, maxLength: 30 }), nat(), (actions, seed) => {
      const harness = new SchedulerHarness({ seed });
      let agents = 0;
      for (const { what, at, count, cpu, quiet } of actions) {
        const key = `web/prod/job${at}` as JobKey;
        const wanted = job(key, count, { cpu, constraints: CONSTRAINTS[at] ?? [] });
        if (what === 'submit') harness.submit(wanted);
        if (what === 'only') harness.submit(wanted, [[0, 0]]);
        if (what === 'kill') harness.command({ kind: 'job.kill', key });
        if (what === 'scale') harness.command({ kind: 'job.scale', key, instances: count });
        if (what === 'end') {
          const running = [...harness.world.tasks.values()].filter(({ status }) => status === 'RUNNING');
          const task = running[(at * 7 + count) % Math.max(1, running.length)];
          if (task) harness.report(task.id, 'TASK_FAILED');
        }
        if (what === 'agent' && agents < 4) {
          agents += 1;
          const resources = { cpusMilli: count * 1000, memMb: 1024 };
          harness.master.addAgent(`a${agents}`, {
            resources,
            attributes: at === 4 ? {} : { rack: `r${at % 3}` },
          });
        }
        if (what === 'fragment') {
          const agent = [...harness.master.agents.values()][at];
          if (agent) {
            agent.free = { cpusMilli: 500, memMb: 128, diskMb: 128, gpus: 0, ports: [] };
            harness.master.offer(agent);
          }
        }
        if (what === 'restart') harness.restart();
        if (quiet) continue;
        harness.advance(count * 20);
        checkPlacement(harness);
      }
      harness.advance(1);
      checkPlacement(harness);
    }),
    { numRuns: 80 },
  );
}, 60_000);
