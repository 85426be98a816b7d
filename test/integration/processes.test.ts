/** Thermos-like processes as the shell runs them: the script of a job, under every POSIX shell that this machine has. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadJobs } from '../../shared/job/load.ts';
import { processScript } from '../../shared/job/processes.ts';

const SHELLS = [['/bin/sh'], ['bash', '--posix'], ['busybox', 'sh']].filter(
  ([program = '', ...rest]) => spawnSync(program, [...rest, '-c', 'exit 0']).status === 0,
);

let folder: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dawn-processes-'));
});

afterEach(() => {
  for (const { pid } of started.splice(0)) {
    try {
      process.kill(-(pid ?? 0), 'SIGKILL');
    } catch {
      // Its group is gone already, which is how it should be.
    }
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Fields of `task:`, as a job file has them. */
function script(task: object): string {
  const loaded = loadJobs(JSON.stringify({ name: 'a', task }), { file: 'job.json', defaultRole: 'me' });
  const command = loaded.ok ? loaded.jobs[0]?.task.command : undefined;
  if (command?.kind !== 'processes') throw new Error(JSON.stringify(loaded));
  return processScript(command);
}

function start([program = '', ...rest]: readonly string[], task: object): ChildProcess {
  const child = spawn(program, [...rest, '-c', script(task)], {
    cwd: folder,
    env: { PATH: process.env['PATH'], TMPDIR: folder },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  return child;
}

/** The exit code, once nothing that was started holds the output any more, and what was written. */
async function end(child: ChildProcess): Promise<{ code: number | null; lines: string[] }> {
  let out = '';
  child.stdout?.on('data', (data: Buffer) => (out += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines: out.split('\n').filter((line) => line !== '') };
}

const line = async (child: ChildProcess): Promise<string> =>
  String(((await once(child.stdout!, 'data')) as [Buffer])[0]).trim();

/** Loops until a file is there: how processes of these tests wait for each other. */
const until = (file: string): string => `until [ -e ${file} ]; do sleep 0.05; done`;

describe.each(SHELLS.map((shell) => ({ shell, name: shell.join(' ') })))('$name', ({ shell }) => {
  const run = (task: object): ReturnType<typeof end> => end(start(shell, task));

  test('processes run in their order, and what is not ordered runs at once', async () => {
    const { code, lines } = await run({
      processes: [
        { name: 'c', cmdline: 'echo c' },
        { name: 'b', cmdline: 'echo b' },
        { name: 'a', cmdline: `${until('free')}; echo a` },
        { name: 'd', cmdline: 'touch free' },
      ],
      constraints: [{ order: ['a', 'b', 'c'] }],
    });
    expect({ code, lines }).toEqual({ code: 0, lines: ['a', 'b', 'c'] });
  });

  test('a process is tried again until it has failed as often as it may', async () => {
    const cmdline = 'echo try >> tries; [ $(wc -l < tries) -ge 3 ]';
    const task = (max_failures: number): object => ({
      processes: [{ name: 'a', cmdline, max_failures, min_duration: 0 }],
    });
    expect((await run(task(2))).code).toBe(1);
    rmSync(join(folder, 'tries'));
    expect((await run(task(3))).code).toBe(0);
    expect(readFileSync(join(folder, 'tries'), 'utf8')).toBe('try\n'.repeat(3));
  });

  test('what comes after a failed process does not run, nor what comes after that', async () => {
    const { code, lines } = await run({
      max_failures: 0,
      processes: ['false', 'echo b', 'echo c', 'echo other'].map((cmdline, at) => ({
        name: 'abcd'[at],
        cmdline,
      })),
      constraints: [{ order: ['a', 'b', 'c'] }],
    });
    expect({ code, lines }).toEqual({ code: 0, lines: ['other'] });
  });

  test.each([
    [1, 1],
    [2, 1],
    [3, 0],
    [0, 0],
  ])('of two failed processes, max_failures %i makes exit code %i', async (max_failures, code) => {
    const processes = ['a', 'b'].map((name) => ({ name, cmdline: 'exit 7' }));
    expect((await run({ max_failures, processes })).code).toBe(code);
  });

  test('a failed process ends the others: the task does not go on without it', async () => {
    const { code, lines } = await run({
      processes: [
        { name: 'server', cmdline: 'touch up; sleep 1000' },
        { name: 'sidecar', cmdline: `${until('up')}; exit 3` },
        { name: 'tidy', cmdline: 'echo tidied', final: true },
      ],
    });
    expect({ code, lines }).toEqual({ code: 1, lines: ['tidied'] });
  });

  test('a daemon is started again, and an ephemeral one ends with the rest', async () => {
    const { code, lines } = await run({
      processes: [
        {
          name: 'daemon',
          cmdline: 'echo run; mkdir first 2>/dev/null || touch second',
          daemon: true,
          ephemeral: true,
          min_duration: 1,
        },
        { name: 'log', cmdline: 'sleep 1000', ephemeral: true },
        { name: 'main', cmdline: until('second') },
      ],
    });
    expect(code).toBe(0);
    expect(lines.length).toBeGreaterThanOrEqual(2);
  });

  test('final processes run last, one after the other, and do not decide', async () => {
    const { code, lines } = await run({
      processes: [
        { name: 'f', cmdline: 'echo f; exit 9', final: true },
        { name: 'g', cmdline: 'echo g', final: true },
        { name: 'a', cmdline: 'echo a' },
      ],
    });
    expect({ code, lines }).toEqual({ code: 0, lines: ['a', 'f', 'g'] });
  });

  test('SIGTERM reaches every process, which may take its time, and the final ones still run', async () => {
    const child = start(shell, {
      processes: [
        {
          name: 'server',
          cmdline: `sh -c 'trap "sleep 0.3; echo gone; exit 0" TERM; echo up; while :; do sleep 0.05; done'`,
        },
        { name: 'tidy', cmdline: 'echo tidied', final: true },
      ],
    });
    expect(await line(child)).toBe('up');
    process.kill(child.pid!, 'SIGTERM');
    expect((await end(child)).lines).toEqual(['gone', 'tidied']);
  });

  test('what a stop ended is not tried again and what waits for it does not run', async () => {
    const child = start(shell, {
      processes: [
        { name: 'a', cmdline: `sh -c 'echo up; exec sleep 1000'`, max_failures: 5, min_duration: 0 },
        { name: 'b', cmdline: 'echo b' },
      ],
      constraints: [{ order: ['a', 'b'] }],
    });
    expect(await line(child)).toBe('up');
    process.kill(-child.pid!, 'SIGTERM');
    expect((await end(child)).lines).toEqual([]);
  });

  test('several lines, comments and quotes in a command are kept', async () => {
    const cmdline = `cat <<'END'\nit's "$HOME" \\n\nEND\n# the last line is a comment`;
    expect(await run({ processes: [{ name: 'a', cmdline }] })).toEqual({
      code: 0,
      lines: [`it's "$HOME" \\n`],
    });
  });

  test('nothing is left behind', async () => {
    await run({ processes: [{ name: 'a', cmdline: 'true' }] });
    expect(readdirSync(folder)).toEqual([]);
  });
});
