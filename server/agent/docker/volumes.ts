import { mkdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Run } from '../containerizer.ts';
import { mountedBy } from './run-options.ts';

/**
 * Why a task's volumes may not be mounted, or null. Paths are resolved on this machine at the moment of the launch: what a job file calls a directory below
 * an allowed root may by now be a link to somewhere else. Directories in the sandbox are made.
 */
export async function volumeProblem(
  { task, sandbox }: Run,
  roots: readonly string[],
): Promise<string | null> {
  for (const volume of task.container?.volumes ?? []) {
    const mounted = mountedBy(volume);
    if (mounted?.kind === 'host') {
      const wrong = await hostProblem(mounted.path, roots);
      if (wrong !== null) return wrong;
    } else if (mounted?.kind === 'sandbox') {
      if (sandbox === undefined || !(await isMadeBelow(sandbox, mounted.path)))
        return `volume ${mounted.path} is not in the sandbox`;
    }
  }
  return null;
}

async function hostProblem(path: string, roots: readonly string[]): Promise<string | null> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return `volume ${path} does not exist on this host`;
  const allowed = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
  if (allowed.some((root) => root !== undefined && (real === root || real.startsWith(withSep(root)))))
    return null;
  return `volume ${path} is not allowed on this host (E_MOUNT_NOT_ALLOWED); the agent's --allow-volumes names what is`;
}

/** What was fetched into the sandbox may hold links out of it: nothing is made behind one. */
async function isMadeBelow(sandbox: string, path: string): Promise<boolean> {
  const root = await realpath(sandbox);
  let at = root;
  for (const name of path.split('/').filter((each) => each !== '' && each !== '.')) {
    if (name === '..') return false;
    at = join(at, name);
    await mkdir(at, { mode: 0o755 }).catch(() => undefined);
    const real = await realpath(at).catch(() => undefined);
    if (real === undefined || !real.startsWith(withSep(root))) return false;
    at = real;
  }
  return true;
}

function withSep(root: string): string {
  return root.endsWith(sep) ? root : root + sep;
}
