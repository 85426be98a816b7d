/**
 * (b) Thirty instances on a real Docker engine, from submit to all RUNNING, beside the same thirty containers created and started straight through the engine's API, and beside a
 * Swarm service of thirty replicas: interleaved, on one engine that the benchmark starts and ends itself. `node --import tsx test/bench/docker.ts` (as root, with dockerd and
 * a static busybox installed)
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resourcesOf, taskInfo } from '../../server/scheduler/task-info.ts';
import { toMesos } from '../../shared/resources.ts';
import { connectEngine, type Engine } from '../../server/agent/docker/engine.ts';
import { containerSpec } from '../../server/agent/docker/spec.ts';
import { NOTHING_MORE } from '../../server/agent/docker/policy.ts';
import type { AgentId, TaskId } from '../../shared/ids.ts';
import { createClient } from '../../cli/client.ts';
import { job } from '../support/jobs.ts';
import { median, ms, printTable, ratio } from './table.ts';

const INSTANCES = 30;
const ROUNDS = 3;
/** As many as the agent starts at a time. */
const PARALLEL = 8;
const ROOT = new URL('../..', import.meta.url).pathname;

const directory = mkdtempSync(join(tmpdir(), 'dawn-bench-docker-'));
const socket = join(directory, 'docker.sock');
const children: ChildProcess[] = [];

/** `Dawn` alone differs in what it does between the same two points: nothing exists, everything runs. */
async function main(): Promise<void> {
  const engine = await startEngine();
  docker('swarm', 'init', '--advertise-addr', '127.0.0.1');
  const url = await startDawn();
  const took = { raw: [] as number[], dawn: [] as number[], swarm: [] as number[] };
  await raw(engine, 'warm');
  await dawn(url, 'warm');
  for (let round = 0; round < ROUNDS; round++) {
    took.raw.push(await raw(engine, `r${round}`));
    took.dawn.push(await dawn(url, `r${round}`));
    took.swarm.push(await swarm(`r${round}`));
  }
  const base = median(took.raw);
  const rows = Object.entries(took).map(([name, list]) => [
    LABELS[name as keyof typeof took],
    ms(median(list)),
    ms(Math.min(...list)),
    `${(INSTANCES / (median(list) / 1000)).toFixed(1)}/s`,
    ratio(median(list) / base),
  ]);
  printTable(`${INSTANCES} containers on one engine, bridge network, ${ROUNDS} interleaved rounds`, [
    ['way', 'median', 'best', 'starts', 'to the raw API'],
    ...rows,
  ]);
}

const LABELS = {
  raw: `engine API, ${PARALLEL} at a time`,
  dawn: 'Dawn: submit to all RUNNING',
  swarm: 'Swarm: service create to all running',
} as const;

async function raw(engine: Engine, round: string): Promise<number> {
  const wanted = job('bench/prod/raw', INSTANCES, {
    cpu: 0.05,
    ramMb: 16,
    command: { kind: 'shell', line: 'exec sleep 100000' },
  });
  const specs = Array.from({ length: INSTANCES }, (_, instance) => {
    const info = taskInfo(
      wanted.key,
      wanted.task,
      { id: `raw-${round}-${instance}` as TaskId, instance, ports: {} },
      { agent: 'a' as AgentId, host: 'h', resources: toMesos(resourcesOf(wanted.task, {})) },
    );
    return containerSpec(
      { id: `raw-${round}-${instance}`, task: info },
      { ...engine, agentKey: 'raw', defaultImage: 'busybox', policy: NOTHING_MORE },
    );
  });
  const begun = performance.now();
  const queue = [...specs];
  const worker = async (): Promise<void> => {
    for (let spec = queue.shift(); spec; spec = queue.shift()) {
      const container = await engine.calls.createContainer(spec);
      await container.start();
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  const took = performance.now() - begun;
  removeAll('dawn.agent=raw');
  return took;
}

async function dawn(url: string, round: string): Promise<number> {
  const client = createClient({ url, user: 'bench', from: 'cli' });
  const wanted = job(`bench/prod/${round}`, INSTANCES, {
    cpu: 0.05,
    ramMb: 16,
    command: { kind: 'shell', line: 'exec sleep 100000' },
    killGraceSecs: 0,
  });
  const begun = performance.now();
  await client.call('job.submit', { body: { job: wanted } });
  await until(
    async () =>
      (await client.call('job.status', { params: { role: 'bench', env: 'prod', name: round } })).row
        .running === INSTANCES,
  );
  const took = performance.now() - begun;
  await client.act({ kind: 'job.kill', key: wanted.key });
  await until(
    async () =>
      (await client.call('job.status', { params: { role: 'bench', env: 'prod', name: round } })).active
        .length === 0,
  );
  removeAll(`dawn.job=${wanted.key}`);
  return took;
}

async function swarm(round: string): Promise<number> {
  const begun = performance.now();
  docker(
    'service',
    'create',
    '--detach',
    '--name',
    `bench-${round}`,
    '--replicas',
    String(INSTANCES),
    '--stop-grace-period',
    '0s',
    '--restart-condition',
    'none',
    '--limit-memory',
    '16m',
    'busybox',
    '/bin/sh',
    '-c',
    'exec sleep 100000',
  );
  await until(() =>
    Promise.resolve(
      docker('service', 'ls', '--format', '{{.Replicas}}').includes(`${INSTANCES}/${INSTANCES}`),
    ),
  );
  const took = performance.now() - begun;
  docker('service', 'rm', `bench-${round}`);
  await until(() => Promise.resolve(docker('ps', '-q', '--filter', `name=bench-${round}`).trim() === ''));
  return took;
}

async function startEngine(): Promise<Engine> {
  const log = openSync(join(directory, 'dockerd.log'), 'a');
  const args = [
    '--data-root',
    join(directory, 'data'),
    '--exec-root',
    join(directory, 'exec'),
    '-H',
    `unix://${socket}`,
    '--pidfile',
    join(directory, 'pid'),
  ];
  // Without this Swarm asks a registry for an image that is here: it would lose for nothing.
  children.push(
    spawn('dockerd', args, {
      stdio: ['ignore', log, log],
      env: { ...process.env, DOCKER_SERVICE_PREFER_OFFLINE_IMAGE: '1' },
    }),
  );
  const engine = await until(() => connectEngine({ socketPath: socket }), 30_000);
  const root = join(directory, 'rootfs');
  for (const name of ['bin', 'tmp', 'etc', 'proc', 'dev']) mkdirSync(join(root, name), { recursive: true });
  cpSync('/bin/busybox', join(root, 'bin', 'busybox'));
  for (const applet of ['sh', 'sleep', 'true']) symlinkSync('busybox', join(root, 'bin', applet));
  execFileSync(
    '/bin/sh',
    ['-c', `tar -C ${root} -c . | docker -H unix://${socket} import -c 'ENV PATH=/bin' - busybox:latest`],
    { stdio: 'ignore' },
  );
  return engine;
}

/** A server and one agent as processes of their own, from the built binary. */
async function startDawn(): Promise<string> {
  const binary = join(ROOT, 'dist', 'dawn.js');
  const server = part([
    binary,
    'server',
    '--port',
    '0',
    '--data-dir',
    join(directory, 'server'),
    '--ready-line',
  ]);
  const url = String((await readyLine(server))['url']);
  const agent = part([
    binary,
    'agent',
    '--master',
    url,
    '--work-dir',
    join(directory, 'agent'),
    '--resources',
    'cpus:64;mem:65536;disk:65536;ports:[31000-31099]',
    '--containerizer',
    'docker',
    '--docker-host',
    `unix://${socket}`,
    '--kill-on-exit',
    '--ready-line',
  ]);
  await readyLine(agent);
  const client = createClient({ url, from: 'cli' });
  await until(async () => (await client.call('cluster.info', {})).agents.up === 1);
  return url;
}

function part(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  return child;
}

function readyLine(child: ChildProcess): Promise<Record<string, unknown>> {
  return new Promise((resolve) =>
    child.stdout?.once('data', (chunk: Buffer) =>
      resolve(JSON.parse(String(chunk)) as Record<string, unknown>),
    ),
  );
}

function docker(...args: readonly string[]): string {
  return execFileSync('docker', ['-H', `unix://${socket}`, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function removeAll(label: string): void {
  const ids = docker('ps', '-aq', '--filter', `label=${label}`)
    .split('\n')
    .filter((id) => id !== '');
  if (ids.length > 0) docker('rm', '-f', ...ids);
}

/** Asks every 10 ms; a value that is not false, or no error, is an answer. */
async function until<Value>(ask: () => Promise<Value>, limitMs = 120_000): Promise<Value> {
  for (const endMs = performance.now() + limitMs; ;) {
    const answer = await ask().catch((error: unknown) =>
      performance.now() > endMs ? Promise.reject(error) : undefined,
    );
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > endMs) throw new Error('waited too long');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function end(): Promise<void> {
  // Agent, server, then the engine.
  for (const child of children.reverse()) {
    child.kill('SIGTERM');
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      if (child.exitCode !== null) resolve();
    });
  }
  rmSync(directory, { recursive: true, force: true });
}

writeFileSync(join(directory, 'what'), 'a benchmark of Dawn\n');
try {
  await main();
} finally {
  await end();
}
