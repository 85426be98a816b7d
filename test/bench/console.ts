/**
 * (c) The console as a person has it, on a terminal of 160×45 made by script(1), over 5,000 jobs of a live server: its CPU, what it writes and its heap, over 2,000 frames while
 * jobs restart all over the list, and then idle. `node --import tsx test/bench/console.ts [FRAMES]`
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulatedAgents } from '../../server/agent/simulated/fleet.ts';
import { systemClock } from '../../server/engine/clock.ts';
import { readClusterFixture } from '../../shared/cluster-fixture.ts';
import type { JobKey } from '../../shared/ids.ts';
import { consoleServer } from '../support/console-server.ts';
import { job } from '../support/jobs.ts';
import { count, printTable } from './table.ts';

const JOBS = 5_000;
const FRAMES = Number(process.argv[2] ?? 2_000);
const IDLE_SECS = 20;
/** Restarts a second over all jobs, beside one of those on the screen. */
const RESTART_EVERY_MS = 20;
/** The fastest that the console draws: four frames a second. */
const FRAME = '\u001b[?2026h';
const TICKS_PER_SEC = 100;

interface Sample {
  readonly atMs: number;
  readonly cpuSecs: number;
  readonly bytes: number;
  readonly frames: number;
  readonly heap: number;
}

const directory = mkdtempSync(join(tmpdir(), 'dawn-bench-console-'));

/** Collects garbage and writes the heap's size to a file whenever it is asked to. */
function heapProbe(): string {
  const file = join(directory, 'probe.mjs');
  writeFileSync(
    file,
    `import { renameSync, writeFileSync } from 'node:fs';
process.on('SIGUSR2', () => {
  globalThis.gc();
  writeFileSync(process.env.DAWN_BENCH_HEAP + '.new', process.pid + ' ' + process.memoryUsage().heapUsed);
  renameSync(process.env.DAWN_BENCH_HEAP + '.new', process.env.DAWN_BENCH_HEAP);
});
writeFileSync(process.env.DAWN_BENCH_HEAP, process.pid + ' 0');
`,
  );
  return file;
}

class Terminal {
  bytes = 0;
  frames = 0;
  private readonly heapFile = join(directory, 'heap');
  private readonly child: ChildProcess;

  constructor(url: string) {
    const binary = new URL('../../dist/dawn.js', import.meta.url).pathname;
    const command = `stty rows 45 cols 160; exec ${process.execPath} --expose-gc --import ${heapProbe()} ${binary} console --cluster ${url}`;
    this.child = spawn('script', ['-qfec', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, TERM: 'xterm-256color', CI: '', DAWN_BENCH_HEAP: this.heapFile },
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      this.frames += chunk.toString('latin1').split(FRAME).length - 1;
    });
  }

  async sample(): Promise<Sample> {
    const cpuSecs = this.cpuSecs();
    const { bytes, frames } = this;
    return { atMs: performance.now(), cpuSecs, bytes, frames, heap: await this.heap() };
  }

  close(): void {
    this.child.stdin?.write(':q\r');
    this.child.stdin?.end();
  }

  private pid(): number {
    return Number(readFileSync(this.heapFile, 'utf8').split(' ')[0]);
  }

  /** User and system time of all its threads. */
  private cpuSecs(): number {
    const fields = readFileSync(`/proc/${this.pid()}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SEC;
  }

  private async heap(): Promise<number> {
    const pid = this.pid();
    writeFileSync(this.heapFile, `${pid} 0`);
    process.kill(pid, 'SIGUSR2');
    for (;;) {
      await pause(20);
      const bytes = Number(readFileSync(this.heapFile, 'utf8').split(' ')[1]);
      if (bytes > 0) return bytes;
    }
  }
}

async function main(): Promise<void> {
  const server = consoleServer();
  const fixture = readClusterFixture(
    'containerizer: simulated\nagents: [{ name: sim, count: 100, cpus: 64, memMb: 262144, diskMb: 1000000, ports: [31000, 31031] }]\nsimulation: { startMs: [50, 2000] }',
    'bench',
  );
  const fleet = startSimulatedAgents(fixture, server.core.agents, systemClock());
  const url = await server.listen();
  const actor = { user: 'bench', from: 'test' };
  const keys = Array.from(
    { length: JOBS },
    (_, at) => `bench/prod/job-${String(at).padStart(4, '0')}` as JobKey,
  );
  for (const key of keys)
    await server.core.engine.command({ kind: 'job.submit', job: job(key, 1, { cpu: 0.05 }) }, actor);
  const terminal = new Terminal(url);
  await pause(5_000);

  const rows: string[][] = [
    ['jobs', 'frames', 'frames/s', 'CPU', 'bytes/s', 'bytes/frame', 'heap', 'growth'],
  ];
  const add = (name: string, from: Sample, to: Sample): void => {
    const secs = (to.atMs - from.atMs) / 1000;
    const [frames, bytes] = [to.frames - from.frames, to.bytes - from.bytes];
    rows.push([
      name,
      count(frames),
      (frames / secs).toFixed(1),
      `${(((to.cpuSecs - from.cpuSecs) / secs) * 100).toFixed(1)}%`,
      count(bytes / secs),
      frames === 0 ? '-' : count(bytes / frames),
      `${(to.heap / 1e6).toFixed(1)} MB`,
      `${((to.heap - from.heap) / 1e6).toFixed(1)} MB`,
    ]);
  };

  let turn = 0;
  const restarting = setInterval(() => {
    turn += 1;
    const some = keys[(turn * 7919) % JOBS];
    const shown = keys[turn % 30];
    for (const key of turn % 5 === 0 ? [some, shown] : [some])
      if (key) void server.core.engine.command({ kind: 'job.restart', key, now: true }, actor);
  }, RESTART_EVERY_MS);
  await until(() => terminal.frames > 20);
  let last = await terminal.sample();
  const begin = terminal.frames;
  for (const part of [0.25, 0.5, 0.75, 1]) {
    await until(() => terminal.frames - begin >= FRAMES * part);
    const next = await terminal.sample();
    add(`${count(JOBS)}, changing`, last, next);
    last = next;
  }
  clearInterval(restarting);
  // Until ages are told in minutes.
  await pause(90_000);
  const before = await terminal.sample();
  await pause(IDLE_SECS * 1000);
  add(`${count(JOBS)}, idle`, before, await terminal.sample());
  printTable(`The console's process at 160×45, ${1000 / RESTART_EVERY_MS} jobs restarting a second`, rows);
  terminal.close();
  fleet.close();
  await server.close();
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(20);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

try {
  await main();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
