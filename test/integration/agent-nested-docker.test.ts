/** Commands beside a task that is a container of a Docker engine, through the agent's API. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { engineAddress } from '../../server/agent/detect.ts';
import { DockerContainerizer } from '../../server/agent/docker/docker.ts';
import { connectEngine, type Engine } from '../../server/agent/docker/engine.ts';
import { containerName } from '../../server/agent/docker/spec.ts';
import { ContainerApi, inputRecord, nestedId, stdin } from '../support/container-api.ts';
import { dockerTest, noDocker, dockerOptions } from '../support/docker.ts';
import { Listener, run } from '../unit/agent/agent-fixtures.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const TASK = randomUUID();
const agentKey = randomUUID();
const id = nestedId('n', TASK);
const none = { container: { type: 'DOCKER', docker: { image: 'busybox', network: 'NONE' } } } as const;
const task = run(TASK, 'echo mine > /tmp/file; trap "exit 0" TERM; while :; do sleep 0.1; done', none);
let engine: Engine;
let heard: Listener;
let containerizer: DockerContainerizer;
let api: ContainerApi;

beforeEach(async () => {
  if (noDocker !== null) return;
  engine = await connectEngine(engineAddress(undefined).address);
  await open();
  containerizer.launch(task);
  await heard.until(TASK, 'TASK_RUNNING');
});

afterEach(async () => {
  if (noDocker !== null) return;
  await api.close();
  await containerizer.remove(TASK);
  await containerizer.close();
});

async function open(): Promise<void> {
  heard = new Listener();
  const options = dockerOptions(engine, agentKey);
  containerizer = new DockerContainerizer(options, heard);
  api = new ContainerApi(containerizer);
  api.holds(TASK);
  await api.open();
}

dockerTest(
  'a container that stands alone is one of the engine, with another in it, and is gone when it is removed',
  async () => {
    const { onReport } = heard;
    heard.onReport = (report) => void (api.alone.report(report) || onReport.call(heard, report));
    const alone = { container_id: { value: `alone-${agentKey}` } };
    const command = { value: 'echo mine > /tmp/own; while [ ! -e /tmp/go ]; do sleep 0.1; done; exit 3' };
    const { container } = none;
    expect(await api.call('LAUNCH_CONTAINER', { ...alone, command, container })).toEqual([200, '']);
    const inside = {
      container_id: nestedId('n', alone.container_id.value),
      command: { value: 'cat /tmp/own; touch /tmp/go' },
    };
    const stream = await api.stream('LAUNCH_NESTED_CONTAINER_SESSION', inside);
    expect((await stream.whole()).STDOUT).toBe('mine\n');
    const end = { type: 'WAIT_CONTAINER', wait_container: { exit_status: 3 * 256 } };
    expect(await api.call('WAIT_CONTAINER', alone)).toEqual([200, end]);
    expect(await api.call('REMOVE_CONTAINER', alone)).toEqual([200, '']);
    const all = execFileSync('docker', ['ps', '-a', '--format', '{{.Names}}'], { encoding: 'utf8' });
    expect(all).not.toContain(alone.container_id.value);
    const missing = {
      ...container,
      docker: { ...container.docker, image: 'no-such-image:1', force_pull_image: false },
    };
    expect((await api.call('LAUNCH_CONTAINER', { ...alone, command, container: missing }))[0]).toBe(400);
  },
);

const session = (line: string, more: object = {}) =>
  api.stream('LAUNCH_NESTED_CONTAINER_SESSION', { container_id: id, command: { value: line }, ...more });
const wait = () => api.call('WAIT_NESTED_CONTAINER', { container_id: id });
const ended = (exit_status: number) => [
  200,
  { type: 'WAIT_NESTED_CONTAINER', wait_nested_container: { exit_status } },
];

/** Processes in the container with these words in their command lines. */
async function noneWith(words: string): Promise<void> {
  const inside = (): string =>
    execFileSync('docker', ['exec', containerName(TASK), 'ps', '-o', 'args'], { encoding: 'utf8' });
  while (inside().includes(words)) await new Promise((resolve) => setTimeout(resolve, 50));
}

dockerTest('a session sees the container, and tells both streams and how it ended', async () => {
  const stream = await session('cat /tmp/file; echo wrong >&2; exit 3');
  expect(await stream.whole()).toEqual({ STDOUT: 'mine\n', STDERR: 'wrong\n' });
  expect(await wait()).toEqual(ended(3 * 256));
});

dockerTest('input reaches the command, and its end too', async () => {
  const stream = await session('while read -r line; do echo "got $line"; done; echo bye');
  const input = api.input([{ type: 'CONTAINER_ID', container_id: id }, stdin('one\n')]);
  await stream.until(/got one\n/);
  input.end(inputRecord(stdin('')));
  expect((await stream.whole()).STDOUT).toBe('got one\nbye\n');
});

dockerTest('a session with a terminal has its size, and takes another', async () => {
  const tty_info = { window_size: { rows: 33, columns: 111 } };
  const stream = await session('while stty size; do sleep 0.1; done', {
    container: { type: 'MESOS', tty_info },
  });
  await stream.until(/33 111\r\n/);
  const resized = { type: 'TTY_INFO', tty_info: { window_size: { rows: 44, columns: 122 } } };
  const input = api.input([
    { type: 'CONTAINER_ID', container_id: id },
    { type: 'PROCESS_IO', process_io: { type: 'CONTROL', control: resized } },
  ]);
  await stream.until(/44 122\r\n/);
  input.write(inputRecord(stdin('\u0003')));
  await stream.whole();
  input.destroy();
});

dockerTest('what a session started ends when its connection is closed', async () => {
  const stream = await session('trap "" HUP TERM; sleep 1234 & echo ready; wait');
  await stream.until(/ready/);
  stream.close();
  await noneWith('sleep 1234');
  expect(await wait()).toEqual(ended(9));
  expect(heard.of(TASK).map(({ state }) => state)).not.toContain('TASK_KILLED');
});

dockerTest('a container gets the signal that it is killed with', async () => {
  const command = { value: "trap 'exit 5' USR1; echo ready; while :; do sleep 0.05; done" };
  expect(await api.call('LAUNCH_CONTAINER', { container_id: id, command })).toEqual([200, '']);
  await (await api.stream('ATTACH_CONTAINER_OUTPUT', { container_id: id })).until(/ready/);
  expect(await api.call('KILL_CONTAINER', { container_id: id, signal: 10 })).toEqual([200, '']);
  expect(await wait()).toEqual(ended(5 * 256));
});

dockerTest('it ends with the task', async () => {
  const stream = await session('echo ready; sleep 1000');
  await stream.until(/ready/);
  containerizer.kill(TASK, 0);
  await stream.whole();
});

dockerTest('what an agent left beside a task is ended by its next life, and the task is not', async () => {
  const stream = await session('echo ready; sleep 1234');
  await stream.until(/ready/);
  // The first life is not closed: it was killed, and ends nothing.
  const before = api;
  await containerizer.close();
  await open();
  await containerizer.recover();
  containerizer.launch(task);
  await heard.until(TASK, 'TASK_RUNNING');
  await noneWith('sleep 1234');
  expect(heard.of(TASK).map(({ state }) => state)).toEqual(['TASK_RUNNING']);
  await before.close();
});

dockerTest('a command that is not there is told', async () => {
  const command = { shell: false, value: '/no/such', arguments: ['such'] };
  const stream = await api.stream('LAUNCH_NESTED_CONTAINER_SESSION', { container_id: id, command });
  expect((await stream.whole()).STDOUT).toContain('no such file');
  expect(await wait()).toEqual(ended(126 * 256));
});
