import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobView, UpdateView } from '../../shared/api/views.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BINARY = join(ROOT, 'dist', 'dawn.js');

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The real binary against a cluster of its own, in a directory of its own. */
export class Dawn {
  readonly home = mkdtempSync(join(tmpdir(), 'dawn-e2e-'));
  private readonly env: NodeJS.ProcessEnv;

  constructor(env: Readonly<Record<string, string>> = {}) {
    if (!existsSync(BINARY)) throw new Error('dist/dawn.js is missing: run `npm run build` first');
    this.env = { ...process.env, DAWN_HOME: this.home, ...env };
    delete this.env['DAWN_CLUSTER'];
  }

  /** Commands go to this server from now on. */
  use(url: string): void {
    this.env['DAWN_CLUSTER'] = url;
  }

  /** Runs a command to its end. */
  run(...args: readonly string[]): Promise<Ran> {
    return this.runWith('', ...args);
  }

  runWith(input: string, ...args: readonly string[]): Promise<Ran> {
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [BINARY, ...args],
        { cwd: ROOT, env: this.env, timeout: 120_000 },
        (error, out, err) => {
          resolve({ code: error ? (typeof error.code === 'number' ? error.code : 1) : 0, out, err });
        },
      );
      child.stdin?.end(input);
    });
  }

  /** Runs a command that must succeed, and gives its JSON. */
  async json<Answer>(...args: readonly string[]): Promise<Answer> {
    const ran = await this.run(...args, '-o', 'json');
    if (ran.code !== 0)
      throw new Error(`dawn ${args.join(' ')} ended with ${ran.code}: ${ran.err}${ran.out}`);
    return JSON.parse(ran.out) as Answer;
  }

  job(key: string): Promise<JobView> {
    return this.json<JobView>('job', 'status', key);
  }

  update(key: string): Promise<UpdateView> {
    return this.json<UpdateView>('update', 'status', key);
  }

  spawn(...args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [BINARY, ...args], {
      cwd: ROOT,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  get cluster(): { readonly url: string; readonly serverPid: number; readonly agentPids: readonly number[] } {
    return JSON.parse(
      readFileSync(join(this.home, 'clusters', 'local', 'cluster.json'), 'utf8'),
    ) as Dawn['cluster'];
  }

  /** Starts a part again that was killed, with the very arguments it had. */
  restart(pidBefore: number, args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: this.env,
      stdio: 'ignore',
      detached: true,
    });
    child.unref();
    // So that `down` ends the new one as well.
    const file = join(this.home, 'clusters', 'local', 'cluster.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(String(pidBefore), String(child.pid)));
    return child;
  }

  async close(): Promise<void> {
    await this.run('down');
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** The arguments of a running process, without node itself. */
export function argumentsOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(1, -1);
}

/** Asks until it is so. */
export async function until<Value>(
  what: string,
  ask: () => Promise<Value> | Value,
  isSo: (value: Value) => boolean,
  limitMs = 30_000,
): Promise<Value> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const value = await Promise.resolve()
      .then(ask)
      .catch((error: unknown) => error as Value);
    if (!(value instanceof Error) && isSo(value)) return value;
    if (performance.now() > endMs)
      throw new Error(
        `waited ${limitMs / 1000} s for ${what}; last: ${value instanceof Error ? value.message : JSON.stringify(value).slice(0, 2000)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
