/** Commands beside a task that is a process, through the agent's API. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { COMMANDS_REFUSED } from '../../server/agent/api/container-calls.ts';
import { startTimeOf } from '../../server/agent/process/identity.ts';
import { ProcessContainerizer } from '../../server/agent/process/process.ts';
import { ContainerApi, answerTo, inputRecord, nestedId, stdin } from '../support/container-api.ts';
import { Listener, logText, run } from '../unit/agent/agent-fixtures.ts';

const TASK = 'task';
let directory: string;
let heard: Listener;
let containerizer: ProcessContainerizer;
let api: ContainerApi;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'dawn-nested-'));
  heard = new Listener();
  containerizer = new ProcessContainerizer(directory, heard);
  await use(new ContainerApi(containerizer));
  containerizer.launch(
    run(TASK, 'echo mine > file; echo early; while [ ! -e go ]; do sleep 0.05; done; echo later'),
  );
  await heard.until(TASK, 'TASK_RUNNING');
});

afterEach(async () => {
  await api.close();
  containerizer.kill(TASK, 0);
  await heard.over(TASK);
  await containerizer.close();
  rmSync(directory, { recursive: true, force: true });
});

async function use(other: ContainerApi): Promise<void> {
  api = other;
  api.holds(TASK);
  await api.open();
}

const id = nestedId('n', TASK);
const launch = (line: string, type = 'LAUNCH_NESTED_CONTAINER') =>
  api.call(type, { container_id: id, command: { value: line } });
const session = (line: string) =>
  api.stream('LAUNCH_NESTED_CONTAINER_SESSION', { container_id: id, command: { value: line } });
const wait = () => api.call('WAIT_NESTED_CONTAINER', { container_id: id });
const ended = (exit_status: number) => [
  200,
  { type: 'WAIT_NESTED_CONTAINER', wait_nested_container: { exit_status } },
];

async function gone(pid: number): Promise<void> {
  while (startTimeOf(pid) !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a session', () => {
  test('tells both streams, ends with the command, and its status can be asked for', async () => {
    const stream = await session('cat file; echo wrong >&2; exit 3');
    expect(stream.response.headers).toMatchObject({
      'content-type': 'application/recordio',
      'message-content-type': 'application/json',
    });
    expect(await stream.whole()).toEqual({ STDOUT: 'mine\n', STDERR: 'wrong\n' });
    expect(await wait()).toEqual(ended(3 * 256));
  });

  test('ends what it started when its connection is closed', async () => {
    const stream = await session('trap "" HUP TERM; sleep 1000 & echo "pid $!"; wait');
    const pid = Number(await stream.until(/pid (\d+)\n/));
    stream.close();
    await gone(pid);
    expect(await wait()).toEqual(ended(9));
  });

  test('takes along what its command left running', async () => {
    const stream = await session('sleep 1000 & echo "pid $!"');
    await gone(Number(await stream.until(/pid (\d+)\n/)));
  });

  // What calls setsid is in no group of ours any more.
  const LEAVES = 'setsid sh -c "sleep 1000 & echo pid \\$!; wait" & wait';

  test('ends also what has left its process group, when its connection is closed', async () => {
    const stream = await session(LEAVES);
    const pid = Number(await stream.until(/pid (\d+)\n/));
    stream.close();
    await gone(pid);
  });

  test('… when its command ends, and when it is killed', async () => {
    const stream = await session('setsid sh -c "sleep 1000 & echo pid \\$!; wait" & sleep 0.3');
    await gone(Number(await stream.until(/pid (\d+)\n/)));
    const other = nestedId('o', TASK);
    await api.call('LAUNCH_CONTAINER', { container_id: other, command: { value: LEAVES } });
    const output = await api.stream('ATTACH_CONTAINER_OUTPUT', { container_id: other });
    const pid = Number(await output.until(/pid (\d+)\n/));
    await api.call('KILL_CONTAINER', { container_id: other });
    await gone(pid);
  });

  test('waits at a reader that does not read, and the agent answers others meanwhile', async () => {
    const stream = await session('yes');
    expect(
      (
        await api.call('LAUNCH_CONTAINER', { container_id: nestedId('m', TASK), command: { value: 'true' } })
      )[0],
    ).toBe(200);
    expect((await api.call('WAIT_CONTAINER', { container_id: nestedId('m', TASK) }))[0]).toBe(200);
    await stream.until(/(?:y\n){1000}/);
    stream.close();
    expect(await wait()).toEqual(ended(9));
  });
});

describe('input', () => {
  const container = { type: 'CONTAINER_ID', container_id: id };

  test('reaches the command, and its end too', async () => {
    const stream = await session('while read -r line; do echo "got $line"; done; echo bye');
    const input = api.input([container, stdin('one\n')]);
    const answer = answerTo(input);
    await stream.until(/got one\n/);
    input.write(
      inputRecord({ type: 'PROCESS_IO', process_io: { type: 'CONTROL', control: { type: 'HEARTBEAT' } } }),
    );
    input.write(inputRecord(stdin('two\n')));
    input.write(inputRecord(stdin('')));
    expect((await stream.whole()).STDOUT).toBe('got one\ngot two\nbye\n');
    // The command is over, and so is its input, although the request is not.
    expect(await answer).toEqual([200, '']);
  });

  test('that is more than the command reads waits for it', async () => {
    const stream = await session('echo ready; read -r go; wc -c');
    await stream.until(/ready/);
    const input = api.input([container, stdin('go\n')]);
    for (let piece = 0; piece < 64; piece++) input.write(inputRecord(stdin('x'.repeat(65_536))));
    input.end(inputRecord(stdin('')));
    expect((await stream.whole()).STDOUT).toMatch(/^ready\n\s*4194304\n$/);
  });

  test('of two at a time is taken from the first', async () => {
    const stream = await session('cat');
    const first = api.input([container, stdin('a\n')]);
    await stream.until(/a\n/);
    expect(await answerTo(api.input([container]))).toEqual([
      409,
      'Multiple input connections are not allowed',
    ]);
    first.end();
    await answerTo(first);
    const second = api.input([container, stdin('b\n')]);
    await stream.until(/b\n/);
    second.destroy();
  });

  test.each<[string, object[], Record<string, string>, number, string]>([
    [
      'an unknown container',
      [{ type: 'CONTAINER_ID', container_id: nestedId('x', TASK) }],
      {},
      404,
      'Container task.x cannot be found',
    ],
    ['a task', [{ type: 'CONTAINER_ID', container_id: { value: TASK } }], {}, 404, 'tasks have none'],
    ['no container', [stdin('a')], {}, 400, "Expecting 'attach_container_input.type' to be CONTAINER_ID"],
    [
      'another type',
      [container],
      { 'message-content-type': 'text/plain' },
      415,
      "Expecting 'Message-Content-Type' of",
    ],
  ])('for %s is refused', async (_what, records, headers, code, text) => {
    expect(await answerTo(api.input(records, headers))).toEqual([code, expect.stringContaining(text)]);
  });

  test('that is no RecordIO is refused', async () => {
    const [code] = await api.call('ATTACH_CONTAINER_INPUT', container);
    expect(code).toBe(415);
    const input = api.input([]);
    input.end('nonsense\n');
    expect(await answerTo(input)).toEqual([400, "Failed to decode length 'nonsense'"]);
  });
});

describe('a container without a session', () => {
  test('is read by many, also from before they came', async () => {
    expect(await launch('echo one; while [ ! -e on ]; do sleep 0.05; done; echo two; exit 4')).toEqual([
      200,
      '',
    ]);
    const first = await api.stream('ATTACH_CONTAINER_OUTPUT', { container_id: id });
    await first.until(/one\n/);
    const second = await api.stream('ATTACH_CONTAINER_OUTPUT', { container_id: id });
    await second.until(/one\n/);
    first.close();
    expect(
      await api.call('LAUNCH_CONTAINER', {
        container_id: nestedId('o', TASK),
        command: { value: 'touch on' },
      }),
    ).toEqual([200, '']);
    expect((await second.whole()).STDOUT).toBe('one\ntwo\n');
    expect(await wait()).toEqual(ended(4 * 256));
    const late = await api.stream('ATTACH_CONTAINER_OUTPUT', { container_id: id });
    expect((await late.whole()).STDOUT).toBe('one\ntwo\n');
  });

  test('gets the signal that it is killed with', async () => {
    await launch("trap 'exit 5' USR1; echo ready; while :; do sleep 0.05; done");
    await (await api.stream('ATTACH_CONTAINER_OUTPUT', { container_id: id })).until(/ready/);
    expect(await api.call('KILL_NESTED_CONTAINER', { container_id: id, signal: 10 })).toEqual([200, '']);
    expect(await wait()).toEqual(ended(5 * 256));
  });

  test('is known until it is removed, which only one that is over can be', async () => {
    await launch('sleep 1000');
    expect(await launch('echo other')).toEqual([202, '']);
    expect((await api.call('REMOVE_NESTED_CONTAINER', { container_id: id }))[0]).toBe(500);
    await api.call('KILL_NESTED_CONTAINER', { container_id: id });
    expect(await wait()).toEqual(ended(9));
    expect(await api.call('REMOVE_NESTED_CONTAINER', { container_id: id })).toEqual([200, '']);
    expect(await wait()).toEqual([404, 'Container task.n cannot be found']);
  });

  test('may have others below it, named from its task on or from beyond', async () => {
    await launch('sleep 1000');
    const deep = {
      value: 'deep',
      parent: { value: 'n', parent: { value: TASK, parent: { value: 'executor' } } },
    };
    expect(await api.call('LAUNCH_CONTAINER', { container_id: deep, command: { value: 'exit 6' } })).toEqual([
      200,
      '',
    ]);
    expect(await api.call('WAIT_CONTAINER', { container_id: { value: 'deep', parent: id } })).toEqual([
      200,
      { type: 'WAIT_CONTAINER', wait_container: { exit_status: 6 * 256 } },
    ]);
  });
});

test('what runs beside a task ends with it', async () => {
  const stream = await session('sleep 1000 & echo "pid $!"; wait');
  const pid = Number(await stream.until(/pid (\d+)\n/));
  api.nested.endWith(TASK);
  await stream.whole();
  await gone(pid);
  expect(await wait()).toEqual([404, 'Container task.n cannot be found']);
});

test('what a task writes can be attached to', async () => {
  while (!(await logText(containerizer, TASK)).includes('early'));
  const stream = await api.stream('ATTACH_CONTAINER_OUTPUT', { container_id: { value: TASK } });
  await launch('touch go');
  expect((await stream.whole()).STDOUT).toBe('later\n');
});

test('what an agent started that is killed is gone with it', async () => {
  const source = `
    import { startBeside } from './server/agent/process/beside.ts';
    const { output } = await startBeside(['/bin/sh', '-c', 'trap "" HUP TERM; sleep 1000 & one=$!; setsid sleep 1000 & echo "$one $! $PPID"; wait'], { cwd: '/', env: {} });
    output.on('data', ({ data }) => process.stdout.write(data));`;
  const agent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(agent.stdout, 'data')) as [Buffer];
  const pids = String(line).trim().split(' ').map(Number);
  expect(
    execFileSync('ps', ['-o', 'pid=', '-p', pids.join(',')], { encoding: 'utf8' })
      .trim()
      .split('\n'),
  ).toHaveLength(3);
  agent.kill('SIGKILL');
  for (const pid of pids) await gone(pid);
});

describe('refused by name', () => {
  const command = { value: 'true' };
  test.each<[string, string, object, number, string]>([
    [
      'a terminal',
      'LAUNCH_CONTAINER',
      { container_id: id, command, container: { type: 'MESOS', tty_info: {} } },
      400,
      'leave tty_info out',
    ],
    [
      'an image',
      'LAUNCH_CONTAINER',
      { container_id: id, command, container: { type: 'MESOS', mesos: {} } },
      400,
      'leave container.mesos out',
    ],
    [
      'resources',
      'LAUNCH_CONTAINER',
      { container_id: id, command, resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 1 } }] },
      400,
      'leave resources out',
    ],
    [
      'files',
      'LAUNCH_CONTAINER',
      { container_id: id, command: { ...command, uris: [{ value: '/etc/passwd' }] } },
      400,
      'leave command.uris out',
    ],
    ['nothing to run', 'LAUNCH_NESTED_CONTAINER', { container_id: id }, 400, 'no command'],
    [
      'a parent that is not there',
      'LAUNCH_CONTAINER',
      { container_id: nestedId('n', 'x'), command },
      400,
      'Parent container x does not exist',
    ],
    [
      'a parent that is missing',
      'WAIT_NESTED_CONTAINER',
      { container_id: { value: 'n' } },
      400,
      "Expecting 'wait_nested_container.container_id.parent' to be present",
    ],
    [
      'an id that leads elsewhere',
      'LAUNCH_CONTAINER',
      { container_id: nestedId('../n', TASK), command },
      400,
      "'launch_container.container_id' is invalid",
    ],
    [
      'output of what is unknown',
      'ATTACH_CONTAINER_OUTPUT',
      { container_id: id },
      404,
      'Container task.n cannot be found',
    ],
  ])('%s', async (_what, type, field, code, text) => {
    expect(await api.call(type, field)).toEqual([code, expect.stringContaining(text)]);
  });

  test('everything, of an agent that others reach and that asks nobody who they are', async () => {
    await api.close();
    await use(new ContainerApi(containerizer, false));
    expect(await launch('touch broken')).toEqual([403, COMMANDS_REFUSED]);
    expect(await answerTo(api.input([{ type: 'CONTAINER_ID', container_id: id }]))).toEqual([
      403,
      COMMANDS_REFUSED,
    ]);
    expect(COMMANDS_REFUSED).toMatch(/--authenticate_http_readwrite.*--http_credentials/);
  });

  test('an answer in a type that is not spoken', async () => {
    const answer = await api.call(
      'LAUNCH_CONTAINER',
      { container_id: id, command },
      { accept: 'application/recordio' },
    );
    expect(answer[0]).toBe(406);
  });
});
