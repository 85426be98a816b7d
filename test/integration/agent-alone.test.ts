/** Containers that are started through the agent's API and belong to no task. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AloneContainers } from '../../server/agent/nested/alone.ts';
import { ProcessContainerizer } from '../../server/agent/process/process.ts';
import { sandboxPath } from '../../server/agent/sandboxes.ts';
import { openState } from '../../server/agent/state-file.ts';
import type { ContainerReport } from '../../server/agent/containerizer.ts';
import { ContainerApi, nestedId } from '../support/container-api.ts';

let directory: string;
let containerizer: ProcessContainerizer;
let api: ContainerApi;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'dawn-alone-'));
  let hear: (report: ContainerReport) => void = () => undefined;
  containerizer = new ProcessContainerizer(directory, {
    onReport: (report) => hear(report),
    log: () => undefined,
  });
  api = new ContainerApi(containerizer);
  hear = (report) => void api.alone.report(report);
  await api.open();
});

afterEach(async () => {
  api.alone.killAll();
  for (const id of api.state.alone.keys()) await api.alone.wait(id);
  await api.close();
  await containerizer.close();
  rmSync(directory, { recursive: true, force: true });
});

const container_id = { value: 'own' };
const launch = (line: string, more: object = {}) =>
  api.call('LAUNCH_CONTAINER', { container_id, command: { value: line }, ...more });
const wait = () => api.call('WAIT_CONTAINER', { container_id });
const kill = (more: object = {}) => api.call('KILL_CONTAINER', { container_id, ...more });
const remove = () => api.call('REMOVE_CONTAINER', { container_id });
const shown = async (wanted: object): Promise<unknown> => {
  const [, { get_containers }] = (await api.call('GET_CONTAINERS', wanted)) as [
    number,
    { get_containers: { containers?: unknown } },
  ];
  return get_containers.containers ?? [];
};

test('one runs in a sandbox of its own, ends with its status, and is forgotten when it is removed', async () => {
  expect(await launch('echo out; echo err >&2; exit 3')).toEqual([200, '']);
  expect(await wait()).toEqual([200, { type: 'WAIT_CONTAINER', wait_container: { exit_status: 3 * 256 } }]);
  const sandbox = sandboxPath(directory, 'own');
  expect(['stdout', 'stderr'].map((file) => readFileSync(join(sandbox, file), 'utf8'))).toEqual([
    'out\n',
    'err\n',
  ]);
  expect(await remove()).toEqual([200, '']);
  expect(existsSync(sandbox)).toBe(false);
  expect(await wait()).toEqual([404, 'Container own cannot be found']);
  expect((await launch('true'))[0]).toBe(200);
});

test('twice it is one, a kill ends it, and what runs is not removed', async () => {
  expect(await launch('sleep 1000')).toEqual([200, '']);
  expect(await launch('sleep 1000')).toEqual([202, '']);
  expect(await remove()).toEqual([500, 'Container own has not terminated yet: kill it first']);
  expect(await kill({ signal: 2 })).toEqual([400, expect.stringContaining('SIGTERM')]);
  expect(await kill()).toEqual([200, '']);
  expect(await wait()).toEqual([200, { type: 'WAIT_CONTAINER', wait_container: { exit_status: 9 } }]);
  expect(await kill()).toEqual([404, "Container 'own' cannot be found (or is already killed)"]);
});

test('SIGTERM is for the command to take', async () => {
  await launch('trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done');
  await expect
    .poll(() => readFileSync(join(sandboxPath(directory, 'own'), 'stdout'), 'utf8'))
    .toBe('ready\n');
  await kill({ signal: 15 });
  expect(await wait()).toEqual([200, { type: 'WAIT_CONTAINER', wait_container: { exit_status: 7 * 256 } }]);
});

test('lists show it to whoever wants to see such containers, and what runs in it', async () => {
  await launch('sleep 1000');
  const inside = nestedId('n', 'own');
  expect(
    (await api.call('LAUNCH_CONTAINER', { container_id: inside, command: { value: 'sleep 1000' } }))[0],
  ).toBe(200);
  const own = { container_id, container_status: { container_id } };
  const nested = { container_id: inside, container_status: { container_id: inside } };
  expect(await shown({})).toEqual([]);
  expect(await shown({ show_standalone: true })).toEqual([own]);
  expect(await shown({ show_nested: true })).toEqual([nested]);
  expect(await shown({ show_nested: true, show_standalone: true })).toEqual([own, nested]);
  await kill();
  await wait();
  expect(await shown({ show_standalone: true })).toEqual([]);
});

test('nested ones of tasks are shown with all that they are in', async () => {
  api.holds('task');
  expect(await shown({ show_nested: true })).toMatchObject([{ container_id: { value: 'task' } }]);
});

test('it outlives its agent, and is known to the next', async () => {
  const state = openState(directory);
  const lives = (): AloneContainers => {
    const hear: { report: (report: ContainerReport) => void } = { report: () => undefined };
    const next = new ProcessContainerizer(directory, {
      onReport: (report) => hear.report(report),
      log: () => undefined,
    });
    const alone = new AloneContainers({ state, containerizer: next, preparation: undefined });
    hear.report = (report) => void alone.report(report);
    return alone;
  };
  await lives().launch({
    id: 'long',
    command: { value: 'while [ ! -e go ]; do sleep 0.05; done; exit 4' },
    resources: [],
  });
  await lives().launch({ id: 'lost', command: { value: 'sleep 1000' }, resources: [] });
  state.close();

  const again = openState(directory);
  expect([...again.alone.keys()]).toEqual(['long', 'lost']);
  const heard: { report: (report: ContainerReport) => void } = { report: () => undefined };
  const next = new ProcessContainerizer(directory, {
    onReport: (report) => heard.report(report),
    log: () => undefined,
  });
  const alone = new AloneContainers({ state: again, containerizer: next, preparation: undefined });
  heard.report = (report) => void alone.report(report);
  alone.takeOver(again.alone.get('long')!, true);
  alone.takeOver(again.alone.get('lost')!, false);
  expect(await alone.wait('lost')).toEqual({ exit_status: 9 });
  writeFileSync(join(sandboxPath(directory, 'long'), 'go'), '');
  // An adopted process is nobody's child: its exit code is in a file.
  expect(await alone.wait('long')).toEqual({ exit_status: 4 * 256 });
  again.close();
});

describe('refused by name', () => {
  test.each<[string, object, string]>([
    ['a terminal', { container: { type: 'MESOS', tty_info: {} } }, 'leave container.tty_info out'],
    ['limits', { limits: { cpus: { value: 1 } } }, 'leave limits out'],
    [
      'an image, of an agent with processes',
      { container: { type: 'DOCKER', docker: { image: 'x' } } },
      'this agent runs processes, not images (x)',
    ],
    [
      'a volume of somebody',
      {
        resources: [
          {
            name: 'disk',
            type: 'SCALAR',
            scalar: { value: 1 },
            disk: { persistence: { id: 'p' }, volume: { container_path: 'p', mode: 'RW' } },
          },
        ],
      },
      'Persistent volumes belong to tasks',
    ],
    ['nothing to run', { command: undefined }, 'the task has no command'],
    [
      'an id that leads elsewhere',
      { container_id: { value: '../x' } },
      "'launch_container.container_id' is invalid",
    ],
    [
      'an id that is too long',
      { container_id: { value: 'x'.repeat(243) } },
      "'launch_container.container_id' is invalid",
    ],
  ])('%s', async (_what, more, problem) => {
    expect(await launch('true', more)).toEqual([400, expect.stringContaining(problem)]);
    expect(api.state.alone.size).toBe(0);
  });

  test('the id of a container that belongs to a task is taken', async () => {
    api.holds('own');
    expect(await launch('true')).toEqual([202, '']);
    expect(api.state.alone.size).toBe(0);
  });
});
