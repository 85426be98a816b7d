import { lstatSync, mkdirSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CommandUri, MesosResource } from '../../shared/mesos/v1.ts';
import type { Mount, Run } from './containerizer.ts';
import { sandboxPath } from './sandboxes.ts';

/** Puts what URIs say into a directory. @param user whom the command names @throws Error that names the URI */
export type Fetch = (
  uris: readonly CommandUri[],
  directory: string,
  signal: AbortSignal,
  user?: string,
) => Promise<void>;

/** What containers need on this machine before they start: fetched files and persistent volumes. */
export class Preparation {
  private readonly workDir: string;
  private readonly fetch: Fetch;

  constructor(workDir: string, fetch: Fetch) {
    this.workDir = workDir;
    this.fetch = fetch;
  }

  /** The run with its sandbox and volumes in place; at once when nothing is to be fetched. @throws Error (or rejects) with a sentence */
  of(run: Run, signal: AbortSignal): Run | Promise<Run> {
    const placed = this.placed(run);
    for (const { from } of placed.volumes) mkdirSync(from, { recursive: true, mode: 0o755 });
    mkdirSync(placed.sandbox, { recursive: true, mode: 0o700 });
    const { uris = [], user } = run.task.command ?? {};
    return uris.length === 0 ? placed : this.fetch(uris, placed.sandbox, signal, user).then(() => placed);
  }

  /** Where its sandbox and volumes are: all that there is to know of a container that an earlier life prepared. */
  placed(run: Run): Run & Required<Pick<Run, 'sandbox' | 'volumes'>> {
    const volumes = run.task.resources.flatMap((resource) => this.mountOf(resource) ?? []);
    return { ...run, volumes, sandbox: sandboxPath(this.workDir, run.id) };
  }

  /** The sandbox of a container that is not wanted any more; volumes are only linked in it. */
  remove(container: string): void {
    rmSync(dirname(sandboxPath(this.workDir, container)), { recursive: true, force: true });
  }

  /** Volumes that exist no more lose what was in them: the master has destroyed them. */
  keepVolumes(resources: readonly MesosResource[]): void {
    const kept = new Set(resources.flatMap((resource) => this.mountOf(resource)?.from ?? []));
    const root = join(this.workDir, 'volumes');
    for (const role of directoriesIn(root)) {
      for (const id of directoriesIn(join(root, role))) {
        const path = join(root, role, id);
        if (!kept.has(path)) rmSync(path, { recursive: true, force: true });
      }
      if (directoriesIn(join(root, role)).length === 0) rmdirSync(join(root, role));
    }
  }

  /** `volumes/<role>/<id>`; role and id are anybody's words and become names of one component each. */
  private mountOf({ disk, reservations, role }: MesosResource): Mount | undefined {
    const { persistence, volume } = disk ?? {};
    if (!persistence || !volume) return undefined;
    const owner = reservations?.at(-1)?.role ?? role ?? '*';
    return {
      from: join(this.workDir, 'volumes', component(owner), component(persistence.id)),
      to: volume.container_path,
      readOnly: volume.mode === 'RO',
    };
  }
}

/** One name of a path, whatever it is made of: `eng/prod`, `..` */
function component(name: string): string {
  return encodeURIComponent(name).replaceAll('.', '%2E');
}

function directoriesIn(path: string): string[] {
  try {
    return readdirSync(path).filter((name) => lstatSync(join(path, name)).isDirectory());
  } catch {
    return [];
  }
}
