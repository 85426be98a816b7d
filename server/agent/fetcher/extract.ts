import { execFile } from 'node:child_process';
import { readdir, readlink, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

/** How archives are unpacked, by the end of their names, as Mesos does it: with the programs that are there for it. GNU tar and unzip keep what they unpack below the directory. */
const PROGRAMS: readonly (readonly [RegExp, (file: string, to: string) => readonly [string, ...string[]]])[] =
  [
    [
      /\.(tar|tgz|tar\.gz|tbz2|tar\.bz2|txz|tar\.xz)$/,
      (file, to) => ['tar', '-x', '--no-same-owner', '-C', to, '-f', file],
    ],
    [/\.zip$/, (file, to) => ['unzip', '-o', '-q', '-d', to, file]],
    [/\.gz$/, (file) => ['gzip', '-d', '-f', '-k', file]],
  ];

/** Unpacks a file beside itself if its name is that of an archive. @throws Error with what the program said, or when something in the sandbox leads out of it now */
export async function extract(file: string, sandbox: string, signal: AbortSignal): Promise<void> {
  const [, make] = PROGRAMS.find(([pattern]) => pattern.test(file)) ?? [];
  if (!make) return;
  await run(make(file, dirname(file)), signal);
  await removeLinksOut(sandbox);
}

/** What comes next may be written through a link, and by the agent: links that lead out of the sandbox are not left in it. */
async function removeLinksOut(sandbox: string): Promise<void> {
  for (const entry of await readdir(sandbox, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const target = await readlink(path);
    if (!relative(sandbox, resolve(entry.parentPath, target)).startsWith('..')) continue;
    await rm(path);
    throw new Error(`${entry.name} in it is a link to ${target}, out of the sandbox`);
  }
}

function run([program, ...args]: readonly [string, ...string[]], signal: AbortSignal): Promise<void> {
  return new Promise<void>((resolved, reject) =>
    execFile(program, args, { signal, env: { PATH: process.env['PATH'] ?? '' } }, (error, _out, said) => {
      if (error === null) resolved();
      else if (error.code === 'ENOENT')
        reject(new Error(`${program} is missing on this machine, and needed to unpack it`));
      else reject(new Error(`${program} cannot unpack it: ${said.trim().split('\n')[0] ?? error.message}`));
    }),
  );
}
