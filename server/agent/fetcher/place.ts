/** Ways into a sandbox that do not lead through links: what a link points to today may lie elsewhere after the next archive. */
import { chmod, lstat, mkdir, readdir, readlink, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes a directory below the sandbox, which is there, with those that it lies in. @throws Error when a part of the path is a link or a file */
export async function makeBelow(sandbox: string, names: readonly string[]): Promise<string> {
  let path = sandbox;
  for (const name of names) {
    path = join(path, name);
    const kind = await lstat(path).catch(ifMissing);
    if (kind === undefined) await mkdir(path);
    else if (!kind.isDirectory())
      throw new Error(
        `${name} on its way is ${kind.isSymbolicLink() ? 'a link' : 'a file'}, not a directory`,
      );
  }
  return path;
}

/**
 * Whether a tree can be put into a sandbox, `depth` directories below it: files, directories, and links that lead to something below the sandbox. Takes set-user-id and
 * the like away, as the files are the agent's own. @throws Error that names what is in it
 *
 * A link may go up first and then down, never down and up again (`a/../b`): what lies up of `a` is not known when `a` may be a link. So each link leads below
 * the sandbox by itself, whatever comes to lie around it.
 */
export async function inspect(directory: string, depth: number): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isSymbolicLink()) {
      const target = await readlink(path);
      if (!leadsInside(target, depth))
        throw new Error(`${entry.name} in it is a link to ${target}, out of the sandbox`);
    } else if (entry.isDirectory()) {
      await chmod(path, ((await lstat(path)).mode & 0o777) | 0o700);
      await inspect(path, depth + 1);
    } else if (entry.isFile()) {
      const { mode } = await lstat(path);
      if ((mode & 0o7000) !== 0) await chmod(path, mode & 0o777);
    } else throw new Error(`${entry.name} in it is a device, a pipe or a socket`);
  }
}

function leadsInside(target: string, depth: number): boolean {
  if (target.startsWith('/')) return false;
  const names = target.split('/').filter((name) => name !== '' && name !== '.');
  const ups = names.findIndex((name) => name !== '..');
  const up = ups === -1 ? names.length : ups;
  return up <= depth && !names.slice(up).includes('..');
}

/** Moves what is in one directory into another: directories join, files and links are replaced. @throws Error before anything moved, when a directory is to be something else or the other way round */
export async function moveInto(from: string, to: string): Promise<void> {
  const moves: (readonly [string, string])[] = [];
  await collect(from, to, moves);
  for (const [source, target] of moves) await rename(source, target);
}

async function collect(from: string, to: string, moves: (readonly [string, string])[]): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const there = await lstat(target).catch(ifMissing);
    if (there === undefined || (!there.isDirectory() && !entry.isDirectory())) moves.push([source, target]);
    else if (there.isDirectory() && entry.isDirectory()) await collect(source, target, moves);
    else {
      const what = there.isSymbolicLink() ? 'a link' : there.isDirectory() ? 'a directory' : 'a file';
      throw new Error(`${entry.name} in it cannot replace ${what} of the sandbox`);
    }
  }
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
