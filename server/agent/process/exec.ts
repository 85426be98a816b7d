import { spawn } from 'node:child_process';
import type { Exited } from '../containerizer.ts';

/** Runs a shell line; at the deadline its whole process group is killed. */
export function execLine(
  line: string,
  options: { readonly cwd: string; readonly env: Record<string, string> },
  timeoutMs: number,
): Promise<Exited> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', line], { ...options, stdio: 'ignore', detached: true });
    const timer = setTimeout(() => {
      killGroup(child.pid);
      resolve({ wrong: `no answer within ${timeoutMs / 1000} s` });
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ wrong: error.message });
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      const wrong = code === 0 ? null : `exit ${code ?? signal ?? 'unknown'}`;
      resolve(code === null ? { wrong } : { wrong, exit: code });
    });
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself in the same moment, which is what was wanted.
  }
}
