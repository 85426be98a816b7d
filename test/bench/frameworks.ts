/**
 * Frameworks over HTTP: from SUBSCRIBE to the first OFFERS while many subscribe at once, and 10,000 tasks that one framework launches, hears of and acknowledges; beside as many bare
 * requests to an endpoint that does nothing, in the same run. The frameworks are a process of their own. `node --import tsx test/bench/frameworks.ts`
 */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { MediaType } from '../../shared/mesos/wire/codec.ts';
import { readClusterFixture } from '../../shared/cluster-fixture.ts';
import { mesosMaster } from '../support/mesos-master.ts';
import type { Findings, Work } from './framework-client.ts';
import { count, ms, printTable, ratio } from './table.ts';

const TASKS = 10_000;
const AGENTS = 1_000;

/** What the other process found. */
function work(wanted: Work): Promise<Findings> {
  const client = fork(fileURLToPath(new URL('framework-client.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  return new Promise((resolve, reject) => {
    client.once('message', (found) => {
      resolve(found as Findings);
      client.kill();
    });
    client.once('error', reject);
    client.once('exit', (code) => reject(new Error(`the frameworks' process ended with ${code}`)));
    client.send(wanted);
  });
}

/** A master with simulated agents, for as long as it takes. */
async function withMaster<Value>(agents: number, run: (url: string) => Promise<Value>): Promise<Value> {
  const master = await mesosMaster();
  master.simulate(
    readClusterFixture(
      `containerizer: simulated\nagents: [{ name: sim, count: ${agents}, cpus: 64, memMb: 262144, diskMb: 1000000, ports: [31000, 31031] }]\nsimulation: { startMs: [1, 50] }`,
      'bench',
    ),
  );
  while (master.core.master.agents.size < agents) await new Promise((resolve) => setTimeout(resolve, 5));
  try {
    return await run(`http://127.0.0.1:${master.port}`);
  } finally {
    await master.close();
  }
}

/** An endpoint that reads a request and answers 202. */
async function withBare<Value>(run: (url: string) => Promise<Value>): Promise<Value> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(202).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

async function subscriptions(): Promise<void> {
  const rows = [['frameworks', 'p50', 'p99', 'last', 'bare request p99', 'ratio of p99']];
  for (const frameworks of [10, 100, 300]) {
    const { latencies } = await withMaster(AGENTS, (url) => work({ kind: 'subscribe', url, frameworks }));
    const bare = await withBare((url) =>
      work({ kind: 'bare', url, requests: frameworks, inFlight: frameworks }),
    );
    const [p99, bareP99] = [at(latencies, 0.99), at(bare.latencies, 0.99)];
    rows.push([
      count(frameworks),
      ms(at(latencies, 0.5)),
      ms(p99),
      ms(at(latencies, 1)),
      ms(bareP99),
      ratio(p99 / bareP99),
    ]);
  }
  printTable(
    `SUBSCRIBE to first OFFERS, all at once, ${count(AGENTS)} agents; whoever is offered something declines it`,
    rows,
  );
}

async function tasks(): Promise<void> {
  const rows = [
    [
      'encoding',
      'to all RUNNING',
      'to all acknowledged',
      'tasks/s',
      'master busy',
      'calls',
      'as many bare requests',
      'ratio',
    ],
  ];
  for (const type of ['application/json', 'application/x-protobuf'] as const satisfies readonly MediaType[]) {
    let busyMs = 0;
    const found = await withMaster(200, async (url) => {
      const before = performance.eventLoopUtilization();
      const findings = await work({ kind: 'tasks', url, type, tasks: TASKS });
      busyMs = performance.eventLoopUtilization(before).active;
      return findings;
    });
    const bare = await withBare((url) => work({ kind: 'bare', url, requests: found.calls, inFlight: 32 }));
    rows.push([
      type,
      ms(found.runningMs),
      ms(found.doneMs),
      count((TASKS / found.doneMs) * 1000),
      ms(busyMs),
      count(found.calls),
      ms(bare.doneMs),
      ratio(found.doneMs / bare.doneMs),
    ]);
  }
  printTable(
    `${count(TASKS)} tasks of one framework on 200 simulated agents (in the master's process), each status acknowledged by a call`,
    rows,
  );
}

// Once for nothing: what is measured is a master that has been asked before.
await withMaster(AGENTS, (url) => work({ kind: 'subscribe', url, frameworks: 100 }));
await subscriptions();
await tasks();
