import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProcessContainerizer } from '../../server/agent/process/process.ts';
import { startTimeOf } from '../../server/agent/process/identity.ts';
import type { Run } from '../../server/agent/containerizer.ts';
import type { Process } from '../../shared/job/config.ts';
import { processScript } from '../../shared/job/processes.ts';
import { Listener, logText, run } from '../unit/agent/agent-fixtures.ts';

let directory: string;
let heard: Listener;
let containerizer: ProcessContainerizer;
let launched: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dawn-process-'));
  heard = new Listener();
  launched = [];
  containerizer = new ProcessContainerizer(directory, heard);
});

afterEach(async () => {
  // Whatever a failed test left running ends here, by the group that it was started in.
  for (const id of launched) endGroup(id);
  await containerizer.close();
  rmSync(directory, { recursive: true, force: true });
});

function launch(id: string, line: string, more: Parameters<typeof run>[2] = {}): void {
  launched.push(id);
  containerizer.launch(run(id, line, more));
}

function endGroup(id: string): void {
  try {
    process.kill(-pidOf(id), 'SIGKILL');
  } catch {
    // It is over already.
  }
}

function pidOf(id: string): number {
  return Number(readFileSync(join(directory, 'containers', id, 'pid'), 'utf8').split(' ')[0]);
}

/** The next line that a task writes to stdout and that fits; the test's deadline is the limit. */
async function lineOf(id: string, pattern: RegExp): Promise<string> {
  const ended = new AbortController();
  const query = { stream: 'stdout', tail: 100, follow: true } as const;
  for await (const { text } of containerizer.logs(id, query, ended.signal))
    if (pattern.test(text)) return text;
  throw new Error(`${id} ended without a line like ${pattern}`);
}

/** As after a kill -9 of the agent: a second life over the same directory. The first one hears nothing more. */
async function secondLife(ids: readonly string[]): Promise<ReadonlySet<string>> {
  await containerizer.close();
  heard = new Listener();
  containerizer = new ProcessContainerizer(directory, heard);
  const found = await containerizer.recover();
  for (const id of ids) containerizer.launch(run(id, 'must not run again'));
  return found;
}

async function gone(pid: number): Promise<void> {
  while (startTimeOf(pid) !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('ends', () => {
  test.each([
    ['exit 0', { state: 'TASK_FINISHED' }],
    ['exit 3', { state: 'TASK_FAILED', message: 'Command exited with status 3' }],
    [
      'kill -KILL $$',
      { state: 'TASK_FAILED', message: expect.stringContaining('terminated with signal Killed') },
    ],
    ['echo said; exit 4', { state: 'TASK_FAILED', message: 'Command exited with status 4: said' }],
    [
      'echo out; echo cannot find my configuration >&2; exit 3',
      { message: 'Command exited with status 3: cannot find my configuration' },
    ],
  ])('%s', async (line, report) => {
    launch('t', line);
    expect(await heard.over('t')).toMatchObject(report);
    expect(heard.of('t')[0]?.state).toBe('TASK_RUNNING');
  });

  test('an image is refused with a sentence', () => {
    launch('t', 'true', { container: { type: 'DOCKER', docker: { image: 'nginx' } } });
    expect(heard.of('t')).toMatchObject([
      { state: 'TASK_FAILED', message: expect.stringContaining('nginx') },
    ]);
  });

  test('what a task left running in its group ends with it', async () => {
    launch('t', 'sleep 1000 & echo "child $!"; exit 0');
    const pid = Number((await lineOf('t', /child/)).split(' ')[1]);
    expect((await heard.over('t')).state).toBe('TASK_FINISHED');
    await gone(pid);
  });
});

describe('kills', () => {
  test('SIGTERM lets a task end by itself', async () => {
    launch('t', "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.1; done");
    await lineOf('t', /ready/);
    containerizer.kill('t', 20_000);
    expect(await heard.over('t')).toMatchObject({
      state: 'TASK_KILLED',
      message: 'Command exited with status 0',
    });
    expect(await logText(containerizer, 't')).toContain('bye');
  });

  test('SIGKILL follows when a task ignores SIGTERM, and takes its whole group', async () => {
    launch('t', 'trap \'\' TERM; sleep 1000 & echo "child $!"; while :; do sleep 0.1; done');
    const child = Number((await lineOf('t', /child/)).split(' ')[1]);
    containerizer.kill('t', 200);
    expect(await heard.over('t')).toMatchObject({ state: 'TASK_KILLED' });
    await gone(child);
    await gone(pidOf('t'));
  });

  test('a later kill with less grace shortens it', async () => {
    launch('t', "trap '' TERM; echo ready; while :; do sleep 0.1; done");
    await lineOf('t', /ready/);
    containerizer.kill('t', 3_600_000);
    containerizer.kill('t', 0);
    expect((await heard.over('t')).state).toBe('TASK_KILLED');
  });
});

describe('what a task sees', () => {
  test('nothing of the agent’s environment', async () => {
    process.env['DAWN_TEST_SECRET'] = 'secret';
    const variables = [{ name: 'MINE', value: 'a b' }];
    launch('t', 'env', { command: { value: 'env', environment: { variables } } });
    await heard.over('t');
    delete process.env['DAWN_TEST_SECRET'];
    const names = (await logText(containerizer, 't', 'stdout')).map((line) => line.split('=')[0] ?? '');
    // PWD and the like are the shell's own.
    expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)).sort()).toEqual([
      'HOME',
      'MESOS_SANDBOX',
      'MINE',
      'PATH',
    ]);
  });

  test('its volumes where it asked for them, and again after a start that an agent did not survive', async () => {
    const volume = join(directory, 'volume');
    mkdirSync(volume);
    const sandbox = join(directory, 'containers', 't', 'sandbox');
    mkdirSync(join(sandbox, 'sub'), { recursive: true });
    symlinkSync(volume, join(sandbox, 'sub', 'data'));
    launched.push('t');
    const volumes = [{ from: volume, to: 'sub/data', readOnly: false }];
    containerizer.launch({ ...run('t', 'echo kept > sub/data/file'), volumes });
    expect((await heard.over('t')).state).toBe('TASK_FINISHED');
    expect(readFileSync(join(volume, 'file'), 'utf8')).toBe('kept\n');
  });

  test('no volume outside of its sandbox', async () => {
    const volumes = [{ from: directory, to: '../out', readOnly: false }];
    containerizer.launch({ ...run('t', 'true'), volumes });
    expect(await heard.over('t')).toMatchObject({
      state: 'TASK_FAILED',
      message: expect.stringContaining('only below its sandbox') as string,
    });
  });

  test('its sandbox is where it runs', async () => {
    launch('t', 'echo here > file');
    await heard.over('t');
    expect(readFileSync(join(containerizer.sandbox('t') ?? '', 'file'), 'utf8')).toBe('here\n');
  });

  test('an argv is run as it stands', async () => {
    launch('t', '', { command: { shell: false, value: '/bin/echo', arguments: ['echo', '$HOME; *'] } });
    await heard.over('t');
    expect(await logText(containerizer, 't')).toEqual(['$HOME; *']);
  });
});

describe('a second life of the agent', () => {
  test('takes over what runs, and can end it', async () => {
    launch('t', 'echo ready; exec sleep 1000');
    await lineOf('t', /ready/);
    const pid = pidOf('t');
    expect(await secondLife(['t'])).toEqual(new Set(['t']));
    expect(heard.of('t')).toMatchObject([{ state: 'TASK_RUNNING', pid }]);
    containerizer.kill('t', 20_000);
    expect((await heard.over('t')).state).toBe('TASK_KILLED');
    await gone(pid);
  });

  test('tells how a task ended meanwhile', async () => {
    launch('t', 'while [ ! -e go ]; do sleep 0.05; done; echo broken >&2; exit 7');
    await heard.until('t', 'TASK_RUNNING');
    const pid = pidOf('t');
    await containerizer.close();
    writeFileSync(join(containerizer.sandbox('t') ?? '', 'go'), '');
    await gone(pid);
    await secondLife(['t']);
    expect(heard.of('t')).toMatchObject([
      { state: 'TASK_FAILED', message: 'Command exited with status 7: broken' },
    ]);
  });

  test('tells how a task ended after it was taken over', async () => {
    launch('t', 'while [ ! -e go ]; do sleep 0.05; done; exit 5');
    await heard.until('t', 'TASK_RUNNING');
    await secondLife(['t']);
    writeFileSync(join(containerizer.sandbox('t') ?? '', 'go'), '');
    expect(await heard.over('t')).toMatchObject({
      state: 'TASK_FAILED',
      message: 'Command exited with status 5',
    });
  });

  test('the first life tells nothing once it is closed', async () => {
    launch('t', 'while [ ! -e go ]; do sleep 0.05; done');
    await heard.until('t', 'TASK_RUNNING');
    const first = heard;
    await secondLife(['t']);
    writeFileSync(join(containerizer.sandbox('t') ?? '', 'go'), '');
    await heard.over('t');
    expect(first.of('t').map(({ state }) => state)).toEqual(['TASK_RUNNING']);
  });
});

describe('processes of other users', () => {
  const asRoot = test.skipIf(process.getuid?.() !== 0);
  beforeEach(() => {
    chmodSync(directory, 0o755);
    containerizer = new ProcessContainerizer(directory, heard, true);
  });
  const whoami = 'echo "$(id -u):$(id -g):$(id -G)"; echo mine > mine';
  const launchAs = (id: string, line: string, user: string, more: Partial<Run> = {}): void => {
    launched.push(id);
    containerizer.launch({ ...run(id, line, { command: { value: line, user } }), ...more });
  };
  const ownerOf = (id: string, name: string): number =>
    statSync(join(directory, 'containers', id, 'sandbox', name)).uid;

  asRoot('have its sandbox and volumes, and nothing of root (only root can try this)', async () => {
    const sandbox = join(directory, 'containers', 't', 'sandbox');
    const volume = join(directory, 'volume');
    for (const each of [sandbox, volume]) mkdirSync(each, { recursive: true, mode: 0o700 });
    writeFileSync(join(sandbox, 'fetched'), '', { mode: 0o600 });
    const volumes = [{ from: volume, to: 'data', readOnly: false }];
    const line = `${whoami}; cat fetched; echo kept > data/file; ls "$MESOS_SANDBOX/.." 2>&1; cat ../pid`;
    launchAs('t', `${line}; exit 5`, 'nobody', { volumes });
    expect(await heard.over('t')).toMatchObject({ state: 'TASK_FAILED', exit: 5 });
    const said = await logText(containerizer, 't');
    expect(said[0]).toBe('65534:65534:65534');
    expect(said.join(' ')).toContain('Permission denied');
    expect(readFileSync(join(volume, 'file'), 'utf8')).toBe('kept\n');
    expect([ownerOf('t', 'mine'), ownerOf('t', 'stdout'), ownerOf('t', 'fetched')]).toEqual([
      65534, 65534, 65534,
    ]);
  });

  asRoot(
    'are the framework’s where the task names none, and checks run as them (only root can try this)',
    async () => {
      launched.push('t');
      containerizer.launch({ ...run('t', `${whoami}; echo ready; sleep 1000`), user: 'daemon' });
      await lineOf('t', /ready/);
      expect((await logText(containerizer, 't'))[0]).toBe('1:1:1');
      expect(await wrongIn('t', { value: '[ "$(id -u)" = 1 ]' }, 20_000)).toBeNull();
      const { output } = await containerizer.beside('t', { value: 'id -u' }, undefined);
      let text = '';
      for await (const { data } of output as AsyncIterable<{ data: Buffer }>) text += data.toString();
      expect(text).toBe('1\n');
    },
  );

  test('that nobody is are dropped', async () => {
    launchAs('t', 'true', 'nosuchuser');
    expect((await heard.over('t')).state).toBe('TASK_DROPPED');
  });
});

describe('logs', () => {
  test('by stream, and the last lines only', async () => {
    launch('t', 'for i in 1 2 3 4 5; do echo "out $i"; done; echo wrong >&2');
    await heard.over('t');
    expect(await logText(containerizer, 't', 'stdout', 2)).toEqual(['out 4', 'out 5']);
    expect(await logText(containerizer, 't', 'stderr')).toEqual(['wrong']);
    expect(await logText(containerizer, 't', 'both', 1)).toEqual(['out 5', 'wrong']);
  });

  test('followed to the end, characters whole although written byte by byte', async () => {
    launch('t', "printf 'gr\\303'; sleep 0.4; printf '\\274n\\n'; echo last");
    const lines: string[] = [];
    const query = { stream: 'stdout', tail: 0, follow: true } as const;
    for await (const { text } of containerizer.logs('t', query, new AbortController().signal))
      lines.push(text);
    expect(lines.join('')).toBe('grünlast');
  });
});

test('what it uses, with what its ended children have used', async () => {
  const line = 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done';
  launch('t', `/bin/sh -c '${line}'; echo ready; sleep 1000`);
  launch('idle', 'echo ready; exec sleep 1000');
  await lineOf('t', /ready/);
  await lineOf('idle', /ready/);
  const used = await containerizer.usage(['t', 'idle', 'none']);
  const [busy, idle] = [used.get('t'), used.get('idle')];
  expect(busy?.['cpus_user_time_secs']).toBeGreaterThan(idle?.['cpus_user_time_secs'] ?? Infinity);
  expect(idle?.['mem_rss_bytes']).toBeGreaterThan(100_000);
  expect(used.has('none')).toBe(false);
});

test('a health check runs where the task runs, and ends at its deadline', async () => {
  launch('t', 'echo ok > file; echo ready; exec sleep 1000');
  await lineOf('t', /ready/);
  expect(await wrongIn('t', { value: 'grep -q ok file' }, 20_000)).toBeNull();
  expect(await wrongIn('t', { value: 'exit 9' }, 20_000)).toBe('exit 9');
  expect(await wrongIn('t', { value: 'sleep 1000' }, 100)).toBe('no answer within 0.1 s');
  expect(await wrongIn('none', { value: 'true' }, 100)).toBe('the task does not run');
});

test('removed, nothing of a task is left', async () => {
  launch('t', 'true');
  await heard.over('t');
  await containerizer.remove('t');
  expect(containerizer.sandbox('t')).toBeNull();
  expect(await containerizer.recover()).toEqual(new Set());
});

describe('a job of several processes', () => {
  const named = (name: string, cmdline: string, more: Partial<Process> = {}): Process => ({
    name,
    cmdline,
    maxFailures: 1,
    daemon: false,
    ephemeral: false,
    final: false,
    minDurationSecs: 0,
    ...more,
  });

  async function run(processes: Process[], order: string[][] = [], maxFailures = 1) {
    launch('t', processScript({ kind: 'processes', processes, order, maxFailures }));
    const { state } = await heard.over('t');
    return { state, lines: await logText(containerizer, 't', 'stdout') };
  }

  test('runs them in their order', async () => {
    const { state, lines } = await run(
      [named('c', 'echo c'), named('a', 'sleep 0.3; echo a'), named('b', 'echo b')],
      [['a', 'b', 'c']],
    );
    expect([state, lines]).toEqual(['TASK_FINISHED', ['a', 'b', 'c']]);
  });

  test('does not run what follows a failure, and fails', async () => {
    const { state, lines } = await run([named('a', 'exit 1'), named('b', 'echo b')], [['a', 'b']]);
    expect([state, lines]).toEqual(['TASK_FAILED', []]);
  });

  test('tries a process again up to its own max_failures', async () => {
    const failing = 'echo try; [ "$(cat n 2>/dev/null)" = xx ] || { printf x >> n; exit 1; }';
    const { state, lines } = await run([named('a', failing, { maxFailures: 3 })]);
    expect([state, lines]).toEqual(['TASK_FINISHED', ['try', 'try', 'try']]);
  });

  test('bears as many failed processes as the task allows', async () => {
    expect((await run([named('a', 'exit 1'), named('b', 'echo b')], [], 2)).state).toBe('TASK_FINISHED');
  });

  test('ends what is ephemeral with the rest', async () => {
    const { state } = await run([named('side', 'sleep 1000', { ephemeral: true }), named('a', 'echo a')]);
    expect(state).toBe('TASK_FINISHED');
  });

  test('runs the final ones at the end, whatever happened', async () => {
    const { state, lines } = await run([
      named('f', 'echo final', { final: true }),
      named('a', 'echo a; exit 1'),
    ]);
    expect([state, lines]).toEqual(['TASK_FAILED', ['a', 'final']]);
  });

  test('starts a daemon anew when it has ended', async () => {
    launch(
      't',
      processScript({
        kind: 'processes',
        processes: [named('d', 'printf x >> n; [ "$(cat n)" = xx ] && echo twice; true', { daemon: true })],
        order: [],
        maxFailures: 1,
      }),
    );
    expect(await lineOf('t', /twice/)).toBe('twice');
    containerizer.kill('t', 0);
    expect((await heard.over('t')).state).toBe('TASK_KILLED');
  });
});

async function wrongIn(...command: Parameters<typeof containerizer.exec>): Promise<string | null> {
  return (await containerizer.exec(...command)).wrong;
}
