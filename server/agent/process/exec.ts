import { spawn } from 'node:child_process';

/** Runs a shell line; at the deadline its whole process group is killed. Resolves to null when it exits 0, else to what was wrong. */
export function execLine(
  line: string,
  options: { readonly cwd: string; readonly env: Record<string, string> },
  timeoutMs: number,
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', line], { ...options, stdio: 'ignore', detached: true });
    const timer = setTimeout(() => {
      killGroup(child.pid);
      resolve(`no answer within ${timeoutMs / 1000} s`);
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(code === 0 ? null : `exit ${code ?? signal ?? 'unknown'}`);
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
