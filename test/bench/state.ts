/**
 * `/state` of a large cluster while it changes: 20,000 tasks, one poller and twenty, beside a plain JSON.stringify of the same state in the same run, and how long `/health` takes
 * meanwhile. `node --import tsx test/bench/state.ts`
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { FrameworkId, TaskId } from '../../shared/ids.ts';
import { bundleOf } from '../../shared/mesos/bundle.ts';
import { toMesos } from '../../shared/resources.ts';
import { mesosDoor } from '../../server/libprocess/door.ts';
import { mesosRoutes } from '../../server/http/mesos/routes.ts';
import { systemClock } from '../../server/engine/clock.ts';
import { decide } from '../../server/master/decide.ts';
import { MASTER_LIMITS, type Connection, type MasterEnv } from '../../server/master/facts.ts';
import { noteStatus } from '../../server/master/history.ts';
import { addTask } from '../../server/master/tasks.ts';
import { MasterTx } from '../../server/master/tx.ts';
import { emptyMaster, type MasterWorld } from '../../server/master/world.ts';
import { seededRandom } from '../../server/random.ts';
import { count, ms, printTable, ratio } from './table.ts';

const TASKS = 20_000;
const AGENTS = 500;
const SECONDS = 6;
/** Tasks that change, and how often. */
const CHURN_TASKS = 20;
const CHURN_MS = 20;
const env: MasterEnv = { now: 1_700_000_000_000, random: seededRandom(1), limits: MASTER_LIMITS };

/** What a worker found: milliseconds of each request. */
interface Report {
  readonly latencies: readonly number[];
}

async function main(): Promise<void> {
  const world = cluster();
  const plain = { state: {} as unknown };
  const routes = new Map([
    ...mesosRoutes({
      hub: { open: () => undefined, call: () => Promise.resolve({ status: 200 }), closed: () => undefined },
      operators: { perform: () => Promise.resolve({ status: 200 }), watch: () => () => undefined },
      master: world,
      masterId: world.id,
      clock: systemClock(),
      startedAtMs: 0,
      electedAtMs: 0,
      flags: {},
    }),
    [
      'plain',
      (_request: unknown, response: ServerResponse) => {
        const body = Buffer.from(JSON.stringify(plain.state));
        response.writeHead(200, { 'Content-Length': body.length }).end(body);
      },
    ],
  ]);
  const door = mesosDoor({ process: 'master', routes, hosts: [], log: console.error });
  const server = createServer((request, response) => void door(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const text = await body(`${url}/state`);
  plain.state = JSON.parse(text);
  const churn = setInterval(change(world), CHURN_MS);
  const rows = [['', 'pollers', 'answers/s', 'server CPU per answer', 'p50', '/health p99']];
  const figures = new Map<string, number>();
  for (const pollers of [1, 20]) {
    for (const [name, path] of [
      ['JSON.stringify', '/plain'],
      ['segments', '/state'],
    ] as const) {
      const { rate, cpuMs, p50, health } = await measure(url + path, url, pollers);
      figures.set(`${name} ${pollers}`, cpuMs);
      rows.push([name, String(pollers), rate.toFixed(1), ms(cpuMs), ms(p50), ms(health)]);
    }
  }
  clearInterval(churn);
  server.close();
  const size = (text.length / 1e6).toFixed(1);
  const rate = count((CHURN_TASKS * 1000) / CHURN_MS);
  printTable(
    `/state of ${count(TASKS)} tasks (${size} MB) on ${AGENTS} agents, ${rate} tasks changing a second`,
    rows,
  );
  for (const pollers of [1, 20]) {
    const gain =
      (figures.get(`JSON.stringify ${pollers}`) ?? NaN) / (figures.get(`segments ${pollers}`) ?? NaN);
    console.log(`  ${pollers} pollers: ${ratio(gain)} less CPU an answer`);
  }
}

async function measure(
  target: string,
  url: string,
  pollers: number,
): Promise<{ rate: number; cpuMs: number; p50: number; health: number }> {
  const start = (path: string, everyMs: number): Promise<Report> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(POLLER, { eval: true, workerData: { url: path, everyMs, seconds: SECONDS } });
      worker.on('message', resolve).on('error', reject);
    });
  const all = [start(`${url}/health`, 10), ...Array.from({ length: pollers }, () => start(target, 0))];
  const threadBefore = performance.eventLoopUtilization();
  const [health, ...reports] = await Promise.all(all);
  // The main thread's own work: the pollers run in the same process, on threads of theirs.
  const active = performance.eventLoopUtilization(threadBefore).active;
  const latencies = reports.flatMap((report) => report.latencies).sort((a, b) => a - b);
  return {
    rate: latencies.length / SECONDS,
    cpuMs: active / latencies.length,
    p50: at(latencies, 0.5),
    health: at(
      [...(health?.latencies ?? [])].sort((a, b) => a - b),
      0.99,
    ),
  };
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** A worker, in JavaScript, for it is started as it stands: asks again and again for a while, then says how long each answer took. */
const POLLER = `
const { get } = require('node:http');
const { parentPort, workerData } = require('node:worker_threads');
const latencies = [];
const endAt = performance.now() + workerData.seconds * 1000;
const next = () => {
  const startAt = performance.now();
  get(workerData.url, (response) =>
    response.on('data', () => undefined).on('end', () => {
      latencies.push(performance.now() - startAt);
      if (performance.now() < endAt) setTimeout(next, workerData.everyMs);
      else parentPort.postMessage({ latencies });
    }),
  );
};
next();
`;

async function body(url: string): Promise<string> {
  return (await fetch(url)).text();
}

function cluster(): MasterWorld {
  const world = emptyMaster('11111111-2222-3333-4444-555555555555');
  for (let each = 0; each < AGENTS; each++) {
    decide(
      world,
      {
        kind: 'agent-call',
        connection: `a${each}` as Connection,
        call: {
          type: 'SUBSCRIBE',
          subscribe: {
            agent_info: {
              hostname: `host-${each}`,
              ip: '127.0.0.1',
              port: 5051,
              resources: toMesos({
                cpusMilli: 64_000,
                memMb: 262_144,
                diskMb: 1_000_000,
                gpus: 0,
                ports: [[31000, 32000]],
              }),
              attributes: [],
              containerizer: 'simulated',
              version: '0',
            },
            tasks: [],
            boot_id: `b${each}`,
          },
        },
      },
      env,
    );
  }
  const framework_info = {
    user: 'u',
    name: 'bench',
    roles: ['bench'],
    capabilities: [{ type: 'MULTI_ROLE' }],
  };
  const connection = 'f' as Connection;
  decide(
    world,
    { kind: 'framework-call', connection, call: { type: 'SUBSCRIBE', subscribe: { framework_info } } },
    env,
  );
  const framework = world.frameworkByConnection.get(connection) as FrameworkId;
  const agents = [...world.agents.values()];
  const labels = Array.from({ length: 10 }, (_, each) => ({ key: `label-${each}`, value: `value-${each}` }));
  for (let each = 0; each < TASKS; each++) {
    const agent = agents[each % AGENTS]!;
    const id = `service-${Math.floor(each / 100)}.${each}`;
    const resources = toMesos({
      cpusMilli: 1000,
      memMb: 1024,
      diskMb: 0,
      gpus: 0,
      ports: [[31000 + (each % 1000), 31000 + (each % 1000)]],
    });
    const info = {
      name: id,
      task_id: { value: id },
      agent_id: { value: agent.id },
      resources,
      labels: { labels },
    };
    const status = {
      task_id: { value: id },
      state: 'TASK_RUNNING',
      uuid: btoa(id),
      timestamp: 1_700_000_000.5,
    } as const;
    addTask(world, agent, {
      id: id as TaskId,
      framework,
      agent: agent.id,
      info: { ...info, command: { value: 'sleep 1' } },
      role: 'bench',
      resources: bundleOf(resources),
      status,
      inFlight: null,
      kill: null,
      released: false,
      number: (world.nextTask += 1),
      state: 'TASK_RUNNING',
      statuses: [{ ...status, state: 'TASK_STARTING' }, status],
    });
  }
  return world;
}

/** Makes some tasks get another status. */
function change(world: MasterWorld): () => void {
  const [tasks] = world.tasks.values();
  const all = [...(tasks?.values() ?? [])];
  return () => {
    const tx = new MasterTx(world, env);
    for (let each = 0; each < CHURN_TASKS; each++) {
      const task = all[Math.floor(Math.random() * all.length)];
      if (task) noteStatus(tx, task, { ...task.status, timestamp: 1_700_000_000 + Math.random() });
    }
  };
}

await main();
