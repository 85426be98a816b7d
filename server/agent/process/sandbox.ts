import { constants, mkdirSync, openSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Mount } from '../containerizer.ts';

/** A process sees its volumes where it asked for them, below its sandbox; elsewhere is the machine's own. @throws Error */
export function linkVolumes(sandbox: string, volumes: readonly Mount[]): void {
  for (const { from, to } of volumes) {
    const path = join(sandbox, to);
    if (to.startsWith('/') || relative(sandbox, path).startsWith('..'))
      throw new Error(`a process can have the volume ${to} only below its sandbox`);
    mkdirSync(dirname(path), { recursive: true });
    // An earlier life of the agent may have come this far.
    rmSync(path, { force: true });
    symlinkSync(from, path);
  }
}

/** For the output of a process. What was fetched into the sandbox may have put a link there: it is not followed. */
export function openSandboxFile(sandbox: string, name: string): number {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
  return openSync(join(sandbox, name), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
}
