import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, closeSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { argvOf } from '../argv.ts';
import type { Run } from '../containerizer.ts';
import { SUPERVISOR, environment } from './launch.ts';
import { endOfPlainFile } from './plain-file.ts';
import { linkVolumes, openSandboxFile } from './sandbox.ts';
import { type Identity, giveSandbox } from './user.ts';

/** Of a process, in its directory. */
const EXIT = 'exit';
/** Where it may write itself how it ended, when it is another user's than the agent's. */
const END = 'end';
const EXIT_BYTES_MAX = 16;

/** Starts a run as the leader of a session. @param directory of its own, with the sandbox in it @throws Error with a sentence */
export function startProcess(run: Run, directory: string, as: Identity | undefined): ChildProcess {
  const sandbox = join(directory, 'sandbox');
  mkdirSync(sandbox, { recursive: true, mode: 0o700 });
  linkVolumes(sandbox, run.volumes ?? []);
  const [out, err] = [openSandboxFile(sandbox, 'stdout'), openSandboxFile(sandbox, 'stderr')];
  let exit = join(directory, EXIT);
  if (as) {
    giveSandbox(sandbox, run.volumes, as);
    const end = join(directory, END);
    mkdirSync(end, { recursive: true, mode: 0o700 });
    chownSync(end, as.uid, as.gid);
    exit = join(end, EXIT);
  }
  try {
    return spawn('/bin/sh', ['-c', SUPERVISOR, 'sh', exit, ...argvOf(run.task.command)], {
      cwd: sandbox,
      env: environment(run, sandbox),
      detached: true,
      stdio: ['ignore', out, err],
      ...as,
    });
  } finally {
    closeSync(out);
    closeSync(err);
  }
}

/** How it ended, as a shell has it; undefined: it did not come to writing that down. */
export function exitCodeOf(directory: string): number | undefined {
  const said = [join(directory, EXIT), join(directory, END, EXIT)]
    .map((file) => endOfPlainFile(file, EXIT_BYTES_MAX))
    .find((text) => text !== undefined);
  return said !== undefined && /^\d{1,3}\n$/.test(said) ? Number(said) : undefined;
}
