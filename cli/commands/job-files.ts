import type { Command } from 'commander';
import { jobParams } from '../../shared/api/command-route.ts';
import { DawnError } from '../../shared/errors.ts';
import { actOptions, showPlan } from '../act/act.ts';
import { readJobs, submitFile } from '../act/submit-file.ts';
import type { Context } from '../command-line/context.ts';
import { contextOf, keyArgument } from '../command-line/context.ts';
import type { Io } from '../command-line/io.ts';
import { formatOf, outputOptions, printData } from '../command-line/output.ts';

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** The options of commands that read a job file. */
function fileOptions(command: Command): Command {
  return command
    .option('--bind <name=value>', 'fill {{name}} in the file (repeatable)', collect)
    .option('--job <key>', 'only this job of the file');
}

/** The commands of `dawn job` that read a job file. */
export function fileCommands(job: Command, io: Io, done: (code: number) => void): void {
  fileOptions(
    outputOptions(
      job
        .command('validate <file>')
        .description('Check a job file (`-`: standard input); talks to no cluster'),
    ),
  ).action(async (file: string, _options: unknown, command: Command) => {
    const jobs = await readJobs(file, command, io);
    const format = formatOf(command);
    if (format === 'json' || format === 'yaml') return printData(format, io, { jobs });
    for (const each of jobs)
      io.out(
        format === 'name'
          ? `${each.key}\n`
          : `${each.key}: ok, ${each.instances} ${each.instances === 1 ? 'instance' : 'instances'}\n`,
      );
  });

  job
    .command('schema')
    .description('The JSON Schema of a job file')
    .action(async () => {
      const { jobJsonSchema } = await import('../../shared/job/schema.ts');
      io.out(`${JSON.stringify(jobJsonSchema(), null, 2)}\n`);
    });

  fileOptions(
    outputOptions(
      job
        .command('plan <file>')
        .description(
          'What submitting the file would do: changes, placement, what would stay pending and why',
        ),
    ),
  )
    .option('--exit-code', 'exit 1 when something would change')
    .action(async (file: string, options: { exitCode?: boolean }, command: Command) => {
      const context = contextOf(command, io);
      let changes = false;
      for (const each of await readJobs(file, command, io)) {
        const plan = await context.client.call('job.plan', {
          body: { command: { kind: 'job.submit', job: each } },
        });
        if (plan.refused) throw new DawnError(plan.refused);
        await showPlan(plan, formatOf(command), context);
        changes ||= plan.action !== 'none';
      }
      if (options.exitCode === true && changes) done(1);
    });

  fileOptions(
    outputOptions(job.command('diff <key> <file>').description('How the file differs from what runs')),
  )
    .option('--exit-code', 'exit 1 when it differs')
    .action(async (key: string, file: string, options: { exitCode?: boolean }, command: Command) => {
      const context = contextOf(command, io);
      const differs = await diffJob(context, command, keyArgument(key), file);
      if (options.exitCode === true && differs) done(1);
    });

  fileOptions(
    actOptions(
      job
        .command('submit <file>')
        .alias('apply')
        .description('Create the jobs of a file, or update them; shows the plan first'),
    ),
  )
    .option('--only <instances>', 'update only these, e.g. 0-2,5')
    .action(async (file: string, _options: unknown, command: Command) =>
      done(await submitFile(contextOf(command, io), command, file, { mustExist: false })),
    );
}

async function diffJob(
  { client, io }: Context,
  command: Command,
  key: ReturnType<typeof keyArgument>,
  file: string,
): Promise<boolean> {
  const jobs = await readJobs(file, command, io);
  const wanted = jobs.length === 1 ? jobs[0] : jobs.find((each) => each.key === key);
  if (!wanted)
    throw new DawnError({
      code: 'invalid_parameter',
      message: `${file} has no job ${key}`,
      hint: `it has ${jobs.map((each) => each.key).join(', ')}`,
    });
  const running = await client.call('job.status', { params: jobParams(key) });
  const { diffConfigs } = await import('../../shared/job/diff.ts');
  const changes = diffConfigs(running.config, wanted.task);
  if (running.row.instances !== wanted.instances)
    changes.unshift({ path: 'instances', from: running.row.instances, to: wanted.instances });
  const format = formatOf(command);
  if (format === 'json' || format === 'yaml') await printData(format, io, { key, changes });
  else {
    for (const { path, from, to } of changes) {
      if (from !== undefined) io.out(`- ${path}: ${JSON.stringify(from)}\n`);
      if (to !== undefined) io.out(`+ ${path}: ${JSON.stringify(to)}\n`);
    }
    if (changes.length === 0) io.err('no differences\n');
  }
  return changes.length > 0;
}
