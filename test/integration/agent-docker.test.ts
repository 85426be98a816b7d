import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, vi } from 'vitest';
import type { LogLine } from '../../shared/api/views.ts';
import { engineAddress } from '../../server/agent/detect.ts';
import type { Run } from '../../server/agent/containerizer.ts';
import { DockerContainerizer } from '../../server/agent/docker/docker.ts';
import { connectEngine, type Engine } from '../../server/agent/docker/engine.ts';
import { LABEL_AGENT } from '../../server/agent/docker/labels.ts';
import { containerName, containerSpec } from '../../server/agent/docker/spec.ts';
import { agentEndpoint } from '../../server/agent/endpoint.ts';
import { dockerTest, noDocker, dockerOptions } from '../support/docker.ts';
import { Listener, run } from '../unit/agent/agent-fixtures.ts';

vi.setConfig({ testTimeout: 90_000 });

const IGNORES_TERM = "trap '' TERM; echo ready; while :; do sleep 0.1; done";

let engine: Engine;
let agentKey: string;
let heard: Listener;
let containerizer: DockerContainerizer;
/** Ends what a test made, the last first, also when it failed. */
let undo: (() => Promise<void>)[];

beforeEach(async () => {
  undo = [];
  if (noDocker !== null) return;
  agentKey = randomUUID();
  await use(await connectEngine(engineAddress(undefined).address));
});

afterEach(async () => {
  for (const each of undo.reverse()) await each();
});

/** An agent's containerizer on an engine; its containers go with the test. */
async function use(on: Engine): Promise<void> {
  engine = on;
  open();
  undo.push(async () => {
    await containerizer.close();
    const filters = { label: [`${LABEL_AGENT}=${agentKey}`] };
    for (const { Id } of await on.calls.listContainers({ all: true, filters }))
      await on.calls.getContainer(Id).remove({ force: true, v: true });
  });
}

function open(): void {
  heard = new Listener();
  containerizer = new DockerContainerizer(options(), heard);
}

function options() {
  return dockerOptions(engine, agentKey);
}

/** As after a kill -9 of the agent. */
async function secondLife(): Promise<ReadonlySet<string>> {
  await containerizer.close();
  open();
  return containerizer.recover();
}

async function idOf(task: string): Promise<string> {
  return (await engine.calls.getContainer(containerName(task)).inspect()).Id;
}

async function logs(task: string, stream: 'stdout' | 'stderr' | 'both' = 'both') {
  const lines: Omit<LogLine, 'task' | 'instance'>[] = [];
  const query = { stream, tail: 100, follow: false };
  for await (const line of containerizer.logs(task, query, new AbortController().signal)) lines.push(line);
  return lines;
}

async function lineOf(task: string, text: string): Promise<void> {
  await heard.until(task, 'TASK_RUNNING');
  const found = new AbortController();
  const query = { stream: 'both', tail: 100, follow: true } as const;
  try {
    for await (const line of containerizer.logs(task, query, found.signal)) if (line.text === text) return;
  } finally {
    found.abort();
  }
}

dockerTest('a task that ends well is finished', async () => {
  containerizer.launch(run('t', 'exit 0'));
  expect((await heard.over('t')).state).toBe('TASK_FINISHED');
  expect(heard.of('t')[0]).toMatchObject({ state: 'TASK_RUNNING' });
});

dockerTest('a task that fails tells its exit code and its last words', async () => {
  containerizer.launch(run('t', 'echo out; echo cannot find my configuration >&2; exit 3'));
  containerizer.launch(
    run('quiet', 'exit 4', { container: { type: 'DOCKER', docker: { image: 'busybox' } } }),
  );
  const [told, quiet] = [await heard.over('t'), await heard.over('quiet')];
  expect(told).toMatchObject({
    state: 'TASK_FAILED',
    message: 'Command exited with status 3: cannot find my configuration',
  });
  expect(quiet).toMatchObject({ state: 'TASK_FAILED', message: 'Container exited with status 4' });
});

dockerTest('a task that takes more memory than it has is told so', async () => {
  containerizer.launch(run('t', 'x=x; while :; do x=$x$x; done'));
  expect(await heard.over('t')).toMatchObject({
    state: 'TASK_FAILED',
    message: 'out of memory',
    reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
  });
});

dockerTest('SIGTERM first', async () => {
  containerizer.launch(run('t', "trap 'exit 0' TERM; echo ready; while :; do sleep 0.1; done"));
  await lineOf('t', 'ready');
  containerizer.kill('t', 60_000);
  expect(await heard.over('t')).toMatchObject({
    state: 'TASK_KILLED',
    message: 'Command exited with status 0',
  });
});

dockerTest('SIGKILL when a task ignores that', async () => {
  containerizer.launch(run('t', IGNORES_TERM));
  await lineOf('t', 'ready');
  containerizer.kill('t', 300);
  expect(await heard.over('t')).toMatchObject({
    state: 'TASK_KILLED',
    message: 'Command terminated with signal Killed',
  });
});

dockerTest('a kill right after the launch leaves nothing running', async () => {
  containerizer.launch(run('t', 'sleep 1000'));
  containerizer.kill('t', 0);
  expect((await heard.over('t')).state).toBe('TASK_KILLED');
  expect(await engine.calls.listContainers({ filters: { label: [`${LABEL_AGENT}=${agentKey}`] } })).toEqual(
    [],
  );
});

dockerTest('a container that was made but whose answer was lost is started, not made twice', async () => {
  const made = run('t', 'sleep 1000');
  const { id } = await engine.calls.createContainer(containerSpec(made, options()));
  containerizer.launch(made);
  await heard.until('t', 'TASK_RUNNING');
  expect(await idOf('t')).toBe(id);
});

dockerTest('an image that is nowhere fails with its name', async () => {
  const image = 'localhost:1/no/such:1';
  containerizer.launch(run('t', 'true', { container: { type: 'DOCKER', docker: { image } } }));
  const { state, message, reason } = await heard.over('t');
  expect([state, reason]).toEqual(['TASK_FAILED', 'REASON_CONTAINER_LAUNCH_FAILED']);
  expect(message).toContain(`image ${image} cannot be pulled`);
});

dockerTest('a volume that the operator did not allow is refused before anything is made', async () => {
  const volumes = [{ host_path: '/etc', container_path: '/data', mode: 'RO' as const }];
  const docker = { image: 'busybox' };
  containerizer.launch(run('t', 'true', { container: { type: 'DOCKER', docker, volumes } }));
  expect((await heard.over('t')).message).toContain('E_MOUNT_NOT_ALLOWED');
  expect(await containerizer.recover()).toEqual(new Set());
});

dockerTest('logs have their stream and their time', async () => {
  containerizer.launch(run('t', 'echo out; echo wrong >&2'));
  await heard.over('t');
  const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(await logs('t')).toEqual(
    expect.arrayContaining([
      { stream: 'stdout', at, text: 'out' },
      { stream: 'stderr', at, text: 'wrong' },
    ]),
  );
  expect(await logs('t', 'stderr')).toEqual([{ stream: 'stderr', at, text: 'wrong' }]);
});

describe('tasks of a group', () => {
  const inPod = (id: string, line: string, port?: number): Run => ({
    ...run(id, line),
    pod: { id: 'pod', ports: port === undefined ? [] : [[port, port]] },
  });
  const GREETED = 'until nc 127.0.0.1 7000 </dev/null | grep -q hello; do sleep 0.1; done';

  dockerTest('find each other at 127.0.0.1, where others do not find them', async () => {
    containerizer.launch(inPod('server', 'while :; do echo hello | nc -l -p 7000; done'));
    containerizer.launch(inPod('client', GREETED));
    containerizer.launch(run('other', 'nc -w 1 127.0.0.1 7000; [ $? != 0 ]'));
    expect(await heard.over('client')).toMatchObject({ state: 'TASK_FINISHED' });
    expect(await heard.over('other')).toMatchObject({ state: 'TASK_FINISHED' });
  });

  dockerTest('do so also when the first of them has ended, and an agent has come back', async () => {
    containerizer.launch(inPod('first', 'exit 0'));
    await heard.over('first');
    expect(await secondLife()).toEqual(new Set(['first', 'pod']));
    containerizer.launch(inPod('server', 'while :; do echo hello | nc -l -p 7000; done'));
    containerizer.launch(inPod('client', GREETED));
    expect((await heard.over('client')).state).toBe('TASK_FINISHED');
    await containerizer.remove('pod');
    expect(await containerizer.recover()).toEqual(new Set(['first', 'server', 'client']));
  });

  dockerTest('have the ports that they began with, and no other', async () => {
    containerizer.launch(inPod('t', 'sleep 1000', 31_850));
    await heard.until('t', 'TASK_RUNNING');
    const { HostConfig } = await engine.calls.getContainer(containerName('pod')).inspect();
    expect(HostConfig.PortBindings).toEqual({ '31850/tcp': [{ HostIp: '', HostPort: '31850' }] });
    containerizer.launch(inPod('late', 'sleep 1000', 31_851));
    const { state, message } = await heard.over('late');
    expect([state, message]).toEqual(['TASK_FAILED', expect.stringContaining('31851/tcp cannot be opened')]);
  });
});

dockerTest('what it uses', async () => {
  containerizer.launch(run('t', 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo ready; sleep 1000'));
  await lineOf('t', 'ready');
  const used = (await containerizer.usage(['t', 'none'])).get('t');
  expect(used?.['cpus_user_time_secs']).toBeGreaterThan(0.05);
  expect(used?.['mem_rss_bytes']).toBeGreaterThan(10_000);
  // The task, and what reaps it.
  expect(used?.['processes']).toBeGreaterThanOrEqual(2);
});

describe('what a task writes is in its sandbox', () => {
  const read = (name: string): string => readFileSync(join(sandbox, name), 'utf8');
  let sandbox: string;
  beforeEach(() => {
    const directory = mkdtempSync(join(tmpdir(), 'dawn-sandbox-'));
    sandbox = join(directory, 'sandbox');
    mkdirSync(sandbox);
    undo.push(() => Promise.resolve(rmSync(directory, { recursive: true, force: true })));
  });

  dockerTest('when its end is told', async () => {
    const line = 'echo out; echo wrong >&2; printf "no newline"; echo mine >$MESOS_SANDBOX/mine';
    containerizer.launch({ ...run('t', line), sandbox });
    await heard.over('t');
    expect([read('stdout'), read('stderr'), read('mine')]).toEqual(['out\nno newline', 'wrong\n', 'mine\n']);
  });

  dockerTest('once and whole, when several agents followed one another', async () => {
    const line = 'i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); [ -e stop ] || sleep 0.002; done';
    const counting = { ...run('t', line), sandbox };
    for (let life = 0; life < 3; life++) {
      containerizer.launch(counting);
      await heard.until('t', 'TASK_RUNNING');
      const begun = existsSync(join(sandbox, 'stdout')) ? read('stdout').length : 0;
      await expect.poll(() => read('stdout').length, { timeout: 30_000 }).toBeGreaterThan(begun);
      await secondLife();
    }
    writeFileSync(join(sandbox, 'stop'), '');
    containerizer.launch(counting);
    await heard.over('t');
    expect(read('stdout')).toBe(Array.from({ length: 3000 }, (_, i) => `line ${i}\n`).join(''));
  });

  dockerTest('unless the task has put a link in its place, which is left alone', async () => {
    const target = join(sandbox, '..', 'target');
    writeFileSync(target, 'precious');
    symlinkSync('../target', join(sandbox, 'stdout'));
    containerizer.launch({ ...run('t', 'echo out'), sandbox });
    expect((await heard.over('t')).state).toBe('TASK_FINISHED');
    expect(readFileSync(target, 'utf8')).toBe('precious');
  });
});

dockerTest('a second life of the agent takes over the same container', async () => {
  containerizer.launch(run('t', 'sleep 1000'));
  await heard.until('t', 'TASK_RUNNING');
  const id = await idOf('t');
  expect(await secondLife()).toEqual(new Set(['t']));
  containerizer.launch(run('t', 'sleep 1000'));
  await heard.until('t', 'TASK_RUNNING');
  expect(await idOf('t')).toBe(id);
});

dockerTest('a second life tells how a task ended meanwhile', async () => {
  containerizer.launch(run('t', 'read line; echo broken >&2; exit 7'));
  await heard.over('t');
  await secondLife();
  containerizer.launch(run('t', 'must not run again'));
  expect(await heard.over('t')).toMatchObject({
    state: 'TASK_FAILED',
    message: 'Command exited with status 7: broken',
  });
});

dockerTest(
  'a second life that is told to kill before it has looked ends the container that runs',
  async () => {
    containerizer.launch(run('t', 'sleep 1000'));
    await heard.until('t', 'TASK_RUNNING');
    await secondLife();
    containerizer.launch(run('t', 'sleep 1000'));
    containerizer.kill('t', 0);
    expect((await heard.over('t')).state).toBe('TASK_KILLED');
    expect((await engine.calls.getContainer(containerName('t')).inspect()).State.Running).toBe(false);
  },
);

dockerTest('the same when its turn to be looked at comes only after the kill', async () => {
  containerizer.launch(run('t', 'sleep 1000'));
  await heard.until('t', 'TASK_RUNNING');
  await secondLife();
  // As many as are started at a time: the task behind them waits.
  for (let i = 0; i < 8; i++) containerizer.launch(run(`before-${i}`, 'exit 0'));
  containerizer.launch(run('t', 'sleep 1000'));
  containerizer.kill('t', 0);
  expect(await heard.over('t')).toMatchObject({
    state: 'TASK_KILLED',
    message: 'Command terminated with signal Killed',
  });
  expect((await engine.calls.getContainer(containerName('t')).inspect()).State.Running).toBe(false);
  for (let i = 0; i < 8; i++) await heard.over(`before-${i}`);
});

dockerTest('a health check runs in the container', async () => {
  containerizer.launch(run('t', 'echo ok > /tmp/file; echo ready; sleep 1000'));
  await lineOf('t', 'ready');
  expect(await wrongIn('t', { value: 'grep -q ok /tmp/file' }, 20_000)).toBeNull();
  expect(await wrongIn('t', { value: 'echo a >&2; echo sick; exit 2' }, 20_000)).toMatch(
    /^exit 2: (a|sick)$/,
  );
  expect(await wrongIn('t', { value: 'sleep 1000' }, 200)).toBe('no answer within 0.2 s');
});

dockerTest('an engine that stands still loses nothing, and does not make the agent stand still', async () => {
  const own = await ownEngine();
  await use(own.engine);
  const container = { type: 'DOCKER', docker: { image: 'busybox', network: 'NONE' } } as const;
  containerizer.launch(run('t', 'sleep 1000', { container }));
  await heard.until('t', 'TASK_RUNNING');
  const id = await idOf('t');
  const door = agentEndpoint({
    tasks: () => ({ containerizer, placeOf: (container) => ({ container, user: undefined }) }),
    hosts: [],
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  undo.push(() => new Promise((resolve) => door.close(() => resolve())));

  own.process.kill('SIGSTOP');
  const before = heard.reports.length;
  containerizer.launch(run('late', 'sleep 1000', { container }));
  const url = `http://127.0.0.1:${(door.address() as AddressInfo).port}/dawn/v1/tasks/t/files`;
  expect((await fetch(url, { signal: AbortSignal.timeout(2_000) })).status).toBe(404);
  // The fault itself, not a wait for something: the engine answers nobody for this long.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  expect(heard.reports.slice(before)).toEqual([]);

  own.process.kill('SIGCONT');
  await heard.until('late', 'TASK_RUNNING');
  expect(await idOf('t')).toBe(id);
  expect(new Set(heard.reports.map(({ state }) => state))).toEqual(new Set(['TASK_RUNNING']));
});

/** A Docker engine of the test's own, with busybox from the other one. It ends with the test, by its pid. */
async function ownEngine(): Promise<{ readonly engine: Engine; readonly process: ChildProcess }> {
  const directory = mkdtempSync(join(tmpdir(), 'dawn-engine-'));
  const socket = join(directory, 'docker.sock');
  const places = ['data-root', 'exec-root', 'pidfile'].map((flag) => `--${flag}=${join(directory, flag)}`);
  // In a network namespace of its own: an engine without a bridge removes the docker0 that it finds, which is another engine's.
  const daemon = spawn(
    'unshare',
    [
      '--net',
      'dockerd',
      ...places,
      '-H',
      `unix://${socket}`,
      '--bridge=none',
      '--iptables=false',
      '--ip6tables=false',
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => daemon.once('exit', () => resolve()));
  undo.push(async () => {
    daemon.kill('SIGCONT');
    daemon.kill('SIGTERM');
    const timer = setTimeout(() => daemon.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(timer);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  const engineOfItsOwn = await connected(socket, daemon);
  const image = execFileSync('docker', ['save', 'busybox'], { maxBuffer: 256 * 1024 * 1024 });
  execFileSync('docker', ['-H', `unix://${socket}`, 'load'], {
    input: image,
    stdio: 'pipe',
    timeout: 30_000,
  });
  return { engine: engineOfItsOwn, process: daemon };
}

async function connected(socketPath: string, daemon: ChildProcess): Promise<Engine> {
  for (;;) {
    if (daemon.exitCode !== null) throw new Error(`dockerd ended with ${daemon.exitCode}`);
    try {
      return await connectEngine({ socketPath });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function wrongIn(...command: Parameters<typeof containerizer.exec>): Promise<string | null> {
  return (await containerizer.exec(...command)).wrong;
}
