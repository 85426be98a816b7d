/**
 * (a) Placement in the core alone, beside the naive way in the same run; durable submits; and a whole simulated cluster in one process: from submit to every task RUNNING
 * and acknowledged, journal on disk with a sync per commit. `npx tsx test/bench/cluster.ts`
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readClusterFixture } from '../../shared/cluster-fixture.ts';
import type { JobKey } from '../../shared/ids.ts';
import type { Job } from '../../shared/job/config.ts';
import type { Offer } from '../../shared/mesos/v1.ts';
import { toMesos } from '../../shared/resources.ts';
import { startSimulatedAgents } from '../../server/agent/simulated/fleet.ts';
import { startCore } from '../../server/core.ts';
import { systemClock } from '../../server/engine/clock.ts';
import { MASTER_LIMITS } from '../../server/master/facts.ts';
import { seededRandom } from '../../server/random.ts';
import { decide } from '../../server/scheduler/decide.ts';
import { LIMITS, type Env } from '../../server/scheduler/facts.ts';
import { emptyWorld, type World } from '../../server/scheduler/world.ts';
import { openSqliteJournal } from '../../server/store/sqlite-journal.ts';
import { job } from '../support/jobs.ts';
import { placeNaively } from './naive.ts';
import { count, median, ms, printTable, ratio } from './table.ts';

const ROUNDS = 5;
const WARM_UPS = 3;
const limits = { ...LIMITS, tasksPerJobMax: 200_000 };
const actor = { user: 'bench', from: 'test' };

function offersOf(agents: number): Offer[] {
  return Array.from({ length: agents }, (_, at) => ({
    id: { value: `o${at}` },
    framework_id: { value: 'f' },
    agent_id: { value: `a${at}` },
    hostname: `host-${at}`,
    resources: toMesos({
      cpusMilli: 64_000,
      memMb: 262_144,
      diskMb: 1_000_000,
      gpus: 0,
      ports: [[31000, 31999]],
    }),
    attributes: [{ name: 'host', type: 'TEXT', text: { value: `host-${at}` } }],
  }));
}

function worldWith(agents: number): { world: World; env: Env } {
  const world = emptyWorld();
  const env: Env = { now: 1_700_000_000_000, random: seededRandom(1), limits };
  decide(
    world,
    { kind: 'event', event: { type: 'SUBSCRIBED', subscribed: { framework_id: { value: 'f' } } } },
    env,
  );
  decide(world, { kind: 'event', event: { type: 'OFFERS', offers: { offers: offersOf(agents) } } }, env);
  return { world, env };
}

function jobsOf(jobs: number, tasks: number): Job[] {
  return Array.from({ length: jobs }, (_, at) =>
    job(`bench/prod/job${at}`, tasks / jobs, {
      cpu: 0.1,
      constraints: [{ kind: 'limit', attribute: 'host', limit: 1000 }],
    }),
  );
}

/** Milliseconds to place everything: decisions, writes and what is sent to the master, all of it. */
function placeOurs(agents: number, jobs: number, tasks: number): number {
  const { world, env } = worldWith(agents);
  for (const each of jobsOf(jobs, tasks))
    decide(world, { kind: 'command', command: { kind: 'job.submit', job: each }, actor }, env);
  const begun = performance.now();
  decide(world, { kind: 'settle' }, env);
  const took = performance.now() - begun;
  const placed = [...world.tasks.values()].filter((task) => task.status === 'ASSIGNED').length;
  if (placed !== tasks) throw new Error(`placed ${placed} of ${tasks}`);
  return took;
}

function placeNaive(agents: number, jobs: number, tasks: number): number {
  const machines = Array.from({ length: agents }, (_, at) => ({
    name: `a${at}`,
    cpus: 64,
    mem: 262_144,
    disk: 1_000_000,
    attributes: {},
    tasks: [],
  }));
  const wanted = jobsOf(jobs, tasks).flatMap((each) =>
    Array.from({ length: each.instances }, () => ({
      job: each.key as string,
      cpus: 0.1,
      mem: 128,
      disk: 128,
      hostLimit: 1000,
    })),
  );
  const begun = performance.now();
  placeNaively(machines, wanted);
  return performance.now() - begun;
}

function benchCore(): void {
  const rows: string[][] = [
    ['agents', 'jobs', 'tasks', 'ours', 'placements/s', 'naive tasks', 'naive placements/s', 'ratio'],
  ];
  for (const [agents, jobs, tasks] of [
    [1000, 1, 10_000],
    [1000, 100, 10_000],
    [1000, 100, 100_000],
    [10_000, 100, 100_000],
  ] as const) {
    for (let round = 0; round < WARM_UPS; round++) placeOurs(agents, jobs, tasks);
    const ours = median(Array.from({ length: ROUNDS }, () => placeOurs(agents, jobs, tasks)));
    // The naive way slows down with every task that is there: what it cannot do in reasonable time is measured on a part, to its advantage.
    const sample = Math.min(tasks, agents > 1000 ? 2_000 : 10_000);
    const naive = placeNaive(agents, jobs, sample);
    const [rate, naiveRate] = [(tasks / ours) * 1000, (sample / naive) * 1000];
    rows.push([
      count(agents),
      count(jobs),
      count(tasks),
      ms(ours),
      count(rate),
      count(sample),
      count(naiveRate),
      ratio(rate / naiveRate),
    ]);
  }
  printTable('Placement in the core alone (decisions, writes, launches)', rows);
}

async function inCluster<Value>(
  run: (core: ReturnType<typeof startCore>, directory: string) => Promise<Value>,
  agents: number,
): Promise<Value> {
  const directory = mkdtempSync(join(tmpdir(), 'dawn-bench-'));
  const clock = systemClock();
  const journal = openSqliteJournal(directory, clock.now());
  const core = startCore({
    journal,
    clock,
    random: seededRandom(1),
    limits,
    masterLimits: MASTER_LIMITS,
    fatal: (error) => {
      throw error;
    },
  });
  const fixture = readClusterFixture(
    `containerizer: simulated\nagents: [{ name: sim, count: ${agents}, cpus: 64, memMb: 262144, diskMb: 1000000, ports: [31000, 31031] }]\nsimulation: { startMs: [1, 50] }`,
    'bench',
  );
  const fleet = startSimulatedAgents(fixture, core.agents, clock);
  await until(() => core.master.agents.size >= agents);
  try {
    return await run(core, directory);
  } finally {
    fleet.close();
    core.close();
    rmSync(directory, { recursive: true });
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

async function benchCluster(): Promise<void> {
  const rows: string[][] = [
    [
      'agents',
      'jobs',
      'tasks',
      'to all RUNNING',
      'tasks/s',
      'commits',
      'commits/s',
      'journal',
      'heap per task',
    ],
  ];
  for (const [jobs, tasks] of [
    [1, 10_000],
    [100, 10_000],
  ] as const) {
    const row = await inCluster(async (core, directory) => {
      const heapEmpty = heap();
      const seqBefore = countCommits(core);
      const begun = performance.now();
      await Promise.all(
        jobsOf(jobs, tasks).map((each) => core.engine.command({ kind: 'job.submit', job: each }, actor)),
      );
      const running = (): number => {
        let sum = 0;
        for (const task of core.engine.world.tasks.values()) if (task.status === 'RUNNING') sum += 1;
        return sum;
      };
      await until(() => running() === tasks);
      const took = performance.now() - begun;
      const commits = countCommits(core) - seqBefore;
      const bytes = statSync(join(directory, 'dawn.db')).size + statSync(join(directory, 'dawn.db-wal')).size;
      return [
        '1,000',
        count(jobs),
        count(tasks),
        ms(took),
        count((tasks / took) * 1000),
        count(commits),
        count((commits / took) * 1000),
        `${(bytes / 1e6).toFixed(1)} MB`,
        `${count((heap() - heapEmpty) / tasks)} B`,
      ];
    }, 1000);
    rows.push(row);
  }
  printTable(
    'A simulated cluster in one process: server, store on disk (synchronous=FULL), 1,000 agents',
    rows,
  );
}

const commitCounts = new WeakMap<object, { n: number }>();
function countCommits(core: ReturnType<typeof startCore>): number {
  let counter = commitCounts.get(core);
  if (!counter) {
    counter = { n: 0 };
    commitCounts.set(core, counter);
    const counting = counter;
    core.engine.onCommitted(() => (counting.n += 1));
  }
  return counter.n;
}

function heap(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}

/** Submits acknowledged as durable, nothing to place them on: what the store and the loop cost. */
async function benchSubmits(): Promise<void> {
  const rows: string[][] = [['submits', 'in flight', 'tasks', 'took', 'submits/s', 'tasks/s']];
  for (const [submits, each] of [
    [1000, 1],
    [1000, 100],
    [50, 4000],
  ] as const) {
    const row = await inCluster(async (core) => {
      const begun = performance.now();
      const replies = await Promise.all(
        Array.from({ length: submits }, (_, at) =>
          core.engine.command(
            {
              kind: 'job.submit',
              job: { ...job(`bench/prod/s${at}`, each, { cpu: 1000 }), key: `bench/prod/s${at}` as JobKey },
            },
            actor,
          ),
        ),
      );
      const took = performance.now() - begun;
      if (!replies.every((reply) => reply.ok)) throw new Error('a submit was refused');
      return [
        count(submits),
        count(submits),
        count(submits * each),
        ms(took),
        count((submits / took) * 1000),
        count(((submits * each) / took) * 1000),
      ];
    }, 1);
    rows.push(row);
  }
  printTable('Durable submits (each acknowledged after its commit is synced)', rows);
}

benchCore();
await benchSubmits();
await benchCluster();
