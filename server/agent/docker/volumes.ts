import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import type { TaskInfo } from '../../../shared/mesos/v1.ts';

/**
 * Why a task's volumes may not be mounted, or null. Paths are resolved on this machine at the moment of the launch: what a job file calls a directory below
 * an allowed root may by now be a link to somewhere else.
 */
export async function volumeProblem(task: TaskInfo, roots: readonly string[]): Promise<string | null> {
  for (const { host_path: path } of task.container?.volumes ?? []) {
    if (path === undefined) continue;
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined) return `volume ${path} does not exist on this host`;
    const allowed = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
    if (!allowed.some((root) => root !== undefined && (real === root || real.startsWith(root + sep)))) {
      return `volume ${path} is not allowed on this host (E_MOUNT_NOT_ALLOWED); the agent's --allow-volumes names what is`;
    }
  }
  return null;
}
