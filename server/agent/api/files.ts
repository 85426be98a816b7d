import { constants, readFileSync } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import type { AgentState } from '../state.ts';
import type { Access } from './access.ts';
import { type ExecutorView, executorsOf } from './view.ts';

/** Mesos reads no more at once: sixteen pages. */
const READ_BYTES_MAX = 16 * 4096;
const ENTRIES_MAX = 10_000;

/** mesos.v1.FileInfo, times in seconds. */
export interface FileEntry {
  readonly path: string;
  readonly nlink: number;
  readonly size: number;
  readonly mtime: number;
  readonly mode: number;
  readonly uid: string;
  readonly gid: string;
}

/** Why there is nothing to read; Mesos has a status for each. */
export class FileProblem extends Error {
  readonly status: 400 | 403 | 404;

  constructor(status: 400 | 403 | 404, message: string) {
    super(message);
    this.status = status;
  }
}

interface Sandboxes {
  readonly state: AgentState;
  /** Where the sandbox of a container is, if it has one on this machine. */
  sandbox(container: string): string | null;
}

/** Sandboxes, as the endpoints of a Mesos agent name them: by where they lie, or as `/frameworks/F/executors/E/runs/latest`. Nothing else of the machine can be named. */
export class SandboxFiles {
  private readonly inside: Sandboxes;

  constructor(inside: Sandboxes) {
    this.inside = inside;
  }

  /** @throws FileProblem */
  async list(path: string, access: Access): Promise<FileEntry[]> {
    const directory = await this.resolve(path, access);
    const names = await readdir(directory).catch(() => {
      throw new FileProblem(404, '');
    });
    const entries = await Promise.all(
      names
        .sort()
        .slice(0, ENTRIES_MAX)
        .map((name) => entryOf(join(directory, name), join(path, name))),
    );
    return entries.flatMap((entry) => entry ?? []);
  }

  /** @param offset beyond the end: there is nothing yet @throws FileProblem */
  async read(
    path: string,
    access: Access,
    offset: number,
    length: number,
  ): Promise<{ readonly size: number; readonly data: Buffer }> {
    const handle = await this.open(path, access);
    try {
      const { size } = await handle.stat();
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, READ_BYTES_MAX, size - offset)));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
      return { size, data: buffer.subarray(0, bytesRead) };
    } finally {
      await handle.close();
    }
  }

  /** A regular file, to be closed. @throws FileProblem */
  async open(path: string, access: Access): Promise<FileHandle> {
    const file = await this.resolve(path, access);
    const info = await stat(file);
    if (info.isDirectory()) throw new FileProblem(400, 'Cannot read a directory.\n');
    if (!info.isFile()) throw new FileProblem(404, '');
    return open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  }

  /** Virtual path → where that is. */
  names(): Map<string, string> {
    return new Map([...this.places()].map(([name, { sandbox }]) => [name, sandbox]));
  }

  /** Virtual path → where that is, and whose. */
  private places(): Map<string, Place> {
    const places = new Map<string, Place>();
    for (const view of executorsOf(this.inside.state)) {
      const { framework, info, user, container, launched, completed } = view;
      const runs = `/frameworks/${framework}/executors/${info.executor_id.value}/runs`;
      const own = this.inside.sandbox(container);
      for (const run of own === null ? [] : ['latest', container])
        places.set(`${runs}/${run}`, { sandbox: own!, user });
      for (const { task, group, container: nested } of [...completed, ...launched]) {
        const sandbox = group === undefined ? null : this.inside.sandbox(nested);
        if (sandbox !== null) places.set(`${runs}/latest/tasks/${task.task_id.value}`, { sandbox, user });
      }
    }
    return places;
  }

  /** The real path, in a sandbox whatever links say. @throws FileProblem 403 for one that is not theirs to see, 404 */
  private async resolve(path: string, access: Access): Promise<string> {
    for (const [name, { sandbox, user }] of this.places()) {
      const prefix = [name, sandbox].find((each) => path === each || path.startsWith(`${each}/`));
      if (prefix === undefined) continue;
      if (!access.may('access_sandboxes', user)) throw new FileProblem(403, '');
      const root = await realpath(sandbox);
      const target = await realpath(join(root, path.slice(prefix.length))).catch(() => undefined);
      if (target === root || target?.startsWith(root + sep)) return target;
    }
    throw new FileProblem(404, '');
  }
}

interface Place {
  readonly sandbox: string;
  readonly user: ExecutorView['user'];
}

async function entryOf(file: string, path: string): Promise<FileEntry | undefined> {
  const info = await stat(file).catch(() => undefined);
  return (
    info && {
      path,
      nlink: info.nlink,
      size: info.size,
      mtime: Math.floor(info.mtimeMs / 1000),
      mode: info.mode,
      uid: nameIn('/etc/passwd', info.uid),
      gid: nameIn('/etc/group', info.gid),
    }
  );
}

/** `-rw-r--r--` */
export function modeText(mode: number): string {
  const kind = (mode & constants.S_IFMT) === constants.S_IFDIR ? 'd' : '-';
  return kind + [...'rwxrwxrwx'].map((letter, at) => (mode & (0o400 >> at) ? letter : '-')).join('');
}

/** The name of a number in one of the system's lists, else the number. */
function nameIn(file: string, id: number): string {
  try {
    const line = readFileSync(file, 'utf8')
      .split('\n')
      .find((each) => each.split(':')[2] === String(id));
    return line?.split(':')[0] ?? String(id);
  } catch {
    return String(id);
  }
}

export function fileName(path: string): string {
  return basename(path);
}
