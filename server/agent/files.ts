import { constants } from 'node:fs';
import { open, opendir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

const FILE_BYTES_MAX = 1024 * 1024;
const ENTRIES_MAX = 1000;

export interface TaskFile {
  readonly path: string;
  readonly entries?: readonly { readonly name: string; readonly size: number; readonly directory: boolean }[];
  readonly text?: string;
}

/** A directory or a regular file of a sandbox. Links that lead out of it are not followed. @throws when there is none. */
export async function readTaskFile(sandbox: string | null, path: string): Promise<TaskFile> {
  if (sandbox === null)
    throw new Error('this task has no sandbox that can be read here; its image is its file system');
  const root = await realpath(sandbox);
  const target = await realpath(join(root, path)).catch(() => undefined);
  if (target === undefined || (target !== root && !target.startsWith(root + sep)))
    throw new Error(`there is no ${path} in the sandbox`);
  const info = await stat(target);
  if (info.isDirectory()) return { path, entries: await list(target) };
  if (!info.isFile()) throw new Error(`${path} is no regular file`);
  const handle = await open(target, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(Math.min(info.size, FILE_BYTES_MAX));
    const { bytesRead } = await handle.read(
      buffer,
      0,
      buffer.length,
      Math.max(0, info.size - FILE_BYTES_MAX),
    );
    return { path, text: buffer.toString('utf8', 0, bytesRead) };
  } finally {
    await handle.close();
  }
}

async function list(directory: string): Promise<NonNullable<TaskFile['entries']>> {
  const entries: { name: string; size: number; directory: boolean }[] = [];
  for await (const entry of await opendir(directory)) {
    if (entries.length === ENTRIES_MAX) break;
    const size = entry.isFile() ? (await stat(join(directory, entry.name))).size : 0;
    entries.push({ name: entry.name, size, directory: entry.isDirectory() });
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
