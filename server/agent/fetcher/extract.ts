import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inspect, moveInto } from './place.ts';

/** How archives are unpacked, by the end of their names, as Mesos does it: with the programs that are there for it. GNU tar and unzip keep what they unpack below the directory. */
const PROGRAMS: readonly (readonly [RegExp, (file: string, to: string) => readonly [string, ...string[]]])[] =
  [
    [
      /\.(tar|tgz|tar\.gz|tbz2|tar\.bz2|txz|tar\.xz)$/,
      (file, to) => ['tar', '-x', '--no-same-owner', '-C', to, '-f', file],
    ],
    [/\.zip$/, (file, to) => ['unzip', '-o', '-q', '-d', to, file]],
    [
      /\.gz$/,
      (file, to) => [
        'sh',
        '-c',
        'exec gzip -dc -- "$1" >"$2"',
        'gzip',
        file,
        join(to, basename(file, '.gz')),
      ],
    ],
  ];

/**
 * Unpacks a file into the sandbox, wherever in it the file lies, if its name is that of an archive, as Mesos does. It is unpacked into a directory of its own and looked at before anything of it gets to its place, so
 * the program never meets what an earlier archive has left, and an archive that is refused leaves nothing. @throws Error with what the program said, or what in the archive is refused
 */
export async function extract(file: string, sandbox: string, signal: AbortSignal): Promise<void> {
  const [, make] = PROGRAMS.find(([pattern]) => pattern.test(file)) ?? [];
  if (!make) return;
  const apart = join(sandbox, `.${randomUUID()}.fetching`);
  await mkdir(apart, { mode: 0o700 });
  try {
    await run(make(file, apart), signal);
    // An archive has a say in the rights of the directory that it is unpacked into, too.
    await chmod(apart, 0o700);
    await inspect(apart, 0);
    await moveInto(apart, sandbox);
  } finally {
    // A program that was just told to end may write a last file while it is removed.
    await rm(apart, { recursive: true, force: true, maxRetries: 5 });
  }
}

function run([program, ...args]: readonly [string, ...string[]], signal: AbortSignal): Promise<void> {
  const named = program === 'sh' ? 'gzip' : program;
  return new Promise<void>((resolved, reject) =>
    execFile(program, args, { signal, env: { PATH: process.env['PATH'] ?? '' } }, (error, _out, said) => {
      if (error === null) resolved();
      else if (error.code === 'ENOENT')
        reject(new Error(`${named} is missing on this machine, and needed to unpack it`));
      else reject(new Error(`${named} cannot unpack it: ${said.trim().split('\n')[0] ?? error.message}`));
    }),
  );
}
