/**
 * Our scheduler on a master elsewhere: from submit to every task RUNNING and acknowledged, over HTTP to a master in another process, journal on disk; beside one
 * call at a time. `npx tsx test/bench/link.ts`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readClusterFixture } from '../../shared/cluster-fixture.ts';
import type { MediaType } from '../../shared/mesos/wire/codec.ts';
import { startCore } from '../../server/core.ts';
import { systemClock } from '../../server/engine/clock.ts';
import { httpLink } from '../../server/link/http.ts';
import { MASTER_LIMITS } from '../../server/master/facts.ts';
import { seededRandom } from '../../server/random.ts';
import { LIMITS } from '../../server/scheduler/facts.ts';
import { openSqliteJournal } from '../../server/store/sqlite-journal.ts';
import { job } from '../support/jobs.ts';
import { mesosMaster } from '../support/mesos-master.ts';
import { count, ms, printTable, ratio } from './table.ts';

const AGENTS = 200;
const TASKS = 2_000;
const ROUNDS = 2;

if (process.argv[2] === 'master') await beMaster();
else await bench();

async function beMaster(): Promise<void> {
  const master = await mesosMaster();
  master.simulate(
    readClusterFixture(
      `containerizer: simulated\nagents: [{ name: sim, count: ${AGENTS}, cpus: 64, memMb: 262144, diskMb: 1000000, ports: [31000, 31031] }]\nsimulation: { startMs: [1, 50] }`,
      'bench',
    ),
  );
  while (master.core.master.agents.size < AGENTS) await new Promise((resolve) => setTimeout(resolve, 5));
  process.send?.(master.port);
}

async function bench(): Promise<void> {
  const rows: string[][] = [['encoding', 'in flight', 'calls', 'to all RUNNING', 'tasks/s', 'ratio']];
  for (const mediaType of ['application/json', 'application/x-protobuf'] as const) {
    let single = 0;
    for (const inFlight of [1, 16]) {
      const rounds: { tookMs: number; calls: number }[] = [];
      for (let round = 0; round < ROUNDS; round++) rounds.push(await run(mediaType, inFlight));
      const best = rounds.reduce((a, b) => (b.tookMs < a.tookMs ? b : a));
      if (inFlight === 1) single = best.tookMs;
      rows.push([
        mediaType.replace('application/', ''),
        count(inFlight),
        count(best.calls),
        ms(best.tookMs),
        count((TASKS / best.tookMs) * 1000),
        ratio(single / best.tookMs),
      ]);
    }
  }
  printTable(
    `${count(TASKS)} tasks on ${AGENTS} agents of a master in another process (best of ${ROUNDS})`,
    rows,
  );
}

async function run(mediaType: MediaType, callsInFlight: number): Promise<{ tookMs: number; calls: number }> {
  const child = fork(fileURLToPath(import.meta.url), ['master'], { execArgv: ['--import', 'tsx'] });
  const [port] = (await once(child, 'message')) as [number];
  const directory = mkdtempSync(join(tmpdir(), 'dawn-bench-'));
  const clock = systemClock();
  const random = seededRandom('link');
  let calls = 0;
  const core = startCore({
    journal: openSqliteJournal(directory, clock.now()),
    clock,
    random,
    limits: LIMITS,
    masterLimits: MASTER_LIMITS,
    filterCalls: (each) => ((calls += each.length), each),
    connect: (listener) =>
      httpLink(
        {
          masters: [new URL(`http://127.0.0.1:${port}`)],
          identity: { role: 'dawn', user: 'bench', name: 'Dawn', principal: undefined },
          secret: undefined,
          mediaType,
          clock,
          fraction: () => random.stream('link').fraction(),
          log: () => undefined,
          callsInFlight,
        },
        listener,
      ),
    fatal: (error) => {
      throw error;
    },
  });
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  try {
    await until(() => core.engine.world.subscribed);
    calls = 0;
    const begun = performance.now();
    const command = { kind: 'job.submit', job: job('bench/prod/job', TASKS, { cpu: 0.1 }) } as const;
    await core.engine.command(command, { user: 'bench', from: 'test' });
    await until(() => [...core.engine.world.tasks.values()].every(({ status }) => status === 'RUNNING'));
    return { tookMs: performance.now() - begun, calls };
  } finally {
    core.close();
    child.kill();
    await once(child, 'exit');
    rmSync(directory, { recursive: true });
  }
}
