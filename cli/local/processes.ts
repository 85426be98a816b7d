import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { DawnError } from '../../shared/errors.ts';
import { isAlive } from './state.ts';

/** How to run this very program again: the bundle, or the sources under a loader. */
const SELF: readonly string[] = [...process.execArgv, process.argv[1] ?? ''];

export interface Part {
  readonly pid: number;
  /** The object that the part printed when it was ready. */
  readonly ready: Record<string, unknown>;
  /** Resolves when it is gone. */
  readonly gone: Promise<void>;
}

/**
 * Starts a part of the cluster (`server …`, `agent …`) in a session of its own, so that Ctrl-C reaches only us and we end the parts in order. Its output
 * goes to `logFile`; the first line it prints is JSON and says that it is ready.
 */
export async function startPart(args: readonly string[], logFile: string, deadlineMs: number): Promise<Part> {
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [...SELF, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await readyLine(child, args[0] ?? '', logFile, deadlineMs);
  child.unref();
  child.stdout?.destroy();
  return { pid: child.pid ?? 0, ready, gone };
}

function readyLine(
  child: ChildProcess,
  part: string,
  logFile: string,
  deadlineMs: number,
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (why: string): void => {
      clearTimeout(timer);
      if (child.pid !== undefined && isAlive(child.pid)) child.kill('SIGKILL');
      reject(
        new DawnError({
          code: 'command_failed',
          message: `the ${part} did not start: ${why}`,
          hint: `its log is ${logFile}`,
        }),
      );
    };
    const timer = setTimeout(() => fail(`not ready after ${deadlineMs / 1000} s`), deadlineMs);
    child.once('error', (error) => fail(error.message));
    const onExit = (code: number | null): void => fail(lastLine(logFile) ?? `it ended with code ${code}`);
    child.once('exit', onExit);
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0) return;
      clearTimeout(timer);
      child.off('exit', onExit);
      resolve(JSON.parse(text.slice(0, end)) as Record<string, unknown>);
    });
  });
}

function lastLine(file: string): string | undefined {
  return readFileSync(file, 'utf8').trim().split('\n').at(-1) || undefined;
}

/** SIGTERM, then SIGKILL to those that are still there after the grace. */
export async function endProcesses(pids: readonly number[], graceMs: number): Promise<void> {
  const alive = (): number[] => pids.filter(isAlive);
  for (const pid of alive()) process.kill(pid, 'SIGTERM');
  for (const endMs = performance.now() + graceMs; alive().length > 0 && performance.now() < endMs;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const pid of alive()) process.kill(pid, 'SIGKILL');
}
