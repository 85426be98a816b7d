import type { Command as CliCommand } from 'commander';
import { DawnError } from '../../shared/errors.ts';
import type { Job } from '../../shared/job/config.ts';
import { formatProblem, loadJobs } from '../../shared/job/load.ts';
import type { Context } from '../command-line/context.ts';
import { instancesArgument, userName } from '../command-line/context.ts';
import type { Io } from '../command-line/io.ts';
import { readJobFile } from '../read-file.ts';
import { act } from './act.ts';

/** Submits every job of a file, one after the other; stops at the first that fails. */
export async function submitFile(
  context: Context,
  cli: CliCommand,
  file: string,
  options: { mustExist: boolean },
): Promise<number> {
  const jobs = await readJobs(file, cli, context.io);
  const { message, only } = cli.opts<{ message?: string; only?: string }>();
  const existing = new Set(
    options.mustExist ? (await context.client.call('job.list', {})).jobs.map((job) => job.key) : [],
  );
  for (const job of jobs) {
    if (options.mustExist && !existing.has(job.key)) {
      throw new DawnError({
        code: 'not_found',
        message: `no job ${job.key} to update`,
        hint: `create it with \`dawn job submit ${file}\``,
      });
    }
    const exit = await act(context, cli, {
      kind: 'job.submit',
      job,
      ...(only === undefined ? {} : { only: instancesArgument(`${job.key}/${only}`).only ?? [] }),
      ...(message === undefined ? {} : { message }),
    });
    if (exit !== 0) return exit;
  }
  return 0;
}

/**
 * The jobs of a file (`-`: standard input), or every problem that it has.
 * @throws DawnError `invalid_config`, one line a problem: `file:line:column: path: what is wrong`.
 */
export async function readJobs(file: string, cli: CliCommand, io: Io): Promise<readonly Job[]> {
  const { bind, job: key } = cli.opts<{ bind?: readonly string[]; job?: string }>();
  const name = file === '-' ? '<stdin>' : file;
  const loaded = loadJobs(await readJobFile(file), {
    file: name,
    defaultRole: userName(),
    bindings: bindings(bind ?? []),
  });
  if (!loaded.ok)
    throw new DawnError({ code: 'invalid_config', message: loaded.problems.map(formatProblem).join('\n') });
  for (const warning of loaded.warnings) io.err(`warning: ${formatProblem(warning)}\n`);
  const jobs = key === undefined ? loaded.jobs : loaded.jobs.filter((job) => job.key === key);
  if (jobs.length > 0) return jobs;
  throw new DawnError({
    code: 'invalid_parameter',
    message: `${name} has no job ${key ?? ''}`,
    hint: `it has ${loaded.jobs.map((job) => job.key).join(', ')}`,
  });
}

function bindings(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
      throw new DawnError({
        code: 'invalid_parameter',
        message: `--bind ${pair} has no value`,
        hint: 'write it as --bind NAME=VALUE',
      });
    }),
  );
}
