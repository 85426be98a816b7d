import type { Command } from 'commander';
import { jobParams } from '../../shared/api/command-route.ts';
import type { JobRowView } from '../../shared/api/views.ts';
import { act, actOptions } from '../act/act.ts';
import { contextOf, instancesArgument, keyArgument } from '../command-line/context.ts';
import type { Io } from '../command-line/io.ts';
import { formatOf, outputOptions, print, printData } from '../command-line/output.ts';
import { DawnError } from '../../shared/errors.ts';
import { describeJob } from '../output/describe-job.ts';
import { eventColumns } from '../output/event-columns.ts';
import { describeWhyAnswer } from '../output/describe-why.ts';
import type { Column } from '../output/table.ts';
import { age, cores, megabytes } from '../output/units.ts';
import { fileCommands } from './job-files.ts';
import { logOptions, printLogs } from './logs.ts';
import { watchLoop } from './watch.ts';

const COLUMNS: readonly Column<JobRowView>[] = [
  { title: 'JOB', cell: (job) => job.key },
  { title: 'KIND', cell: (job) => job.kind },
  { title: 'RUN/WANT', cell: (job) => `${job.running}/${job.instances}`, align: 'right' },
  { title: 'STATE', cell: (job) => job.health },
  { title: 'CPU', cell: (job) => cores(job.cpus), align: 'right' },
  { title: 'RAM', cell: (job) => megabytes(job.ramMb), align: 'right' },
  { title: 'RESTARTS', cell: (job) => String(job.restarts), align: 'right' },
  { title: 'AGE', cell: (job) => age(job.changedAt, Date.now()), align: 'right' },
  {
    title: 'UPDATE',
    cell: (job) => (job.update ? `${job.update.status} ${job.update.done}/${job.update.total}` : '-'),
  },
  { title: 'TIER', cell: (job) => job.tier, wide: true },
  { title: 'FAILED', cell: (job) => String(job.failed), align: 'right', wide: true },
];

/** `dawn job …`. */
export function jobCommands(program: Command, io: Io, done: (code: number) => void): void {
  const job = program.command('job').description('Jobs: submit, look at, scale, restart, kill');
  fileCommands(job, io, done);
  readCommands(job, io);
  changeCommands(job, io, done);
}

function readCommands(job: Command, io: Io): void {
  outputOptions(job.command('list [glob]').description('Jobs, one line each; `*` stands for any text'))
    .option('--watch', 'print again whenever something changes')
    .action(async (glob: string | undefined, options: { watch?: boolean }, command: Command) => {
      const context = contextOf(command, io);
      const once = async (): Promise<void> => {
        const answer = await context.client.call('job.list', { query: { match: glob } });
        await print(command, io, {
          data: answer,
          rows: answer.jobs,
          columns: COLUMNS,
          name: (row) => row.key,
          empty: glob === undefined ? 'no jobs' : `no job matches ${glob}`,
        });
      };
      await (options.watch === true ? watchLoop(context, { view: 'jobs' }, once) : once());
    });

  outputOptions(job.command('status <key>').description('A job with its instances and its update'))
    .option('--watch', 'print again whenever something changes')
    .action(async (text: string, options: { watch?: boolean }, command: Command) => {
      const context = contextOf(command, io);
      const key = keyArgument(text);
      const once = async (): Promise<void> => {
        const view = await context.client.call('job.status', { params: jobParams(key) });
        const format = formatOf(command);
        if (format === 'json' || format === 'yaml') await printData(format, io, view);
        else if (format === 'name') for (const task of view.active) io.out(`${task.id}\n`);
        else io.out(describeJob(view, Date.now(), format === 'wide'));
      };
      await (options.watch === true ? watchLoop(context, { view: 'job', key }, once) : once());
    });

  outputOptions(job.command('history <key>').description('Who did what to a job, and what became of it'))
    .option('--limit <n>', 'at most so many lines', '200')
    .action(async (text: string, options: { limit: string }, command: Command) => {
      const { client } = contextOf(command, io);
      const answer = await client.call('job.history', {
        params: jobParams(keyArgument(text)),
        query: { limit: options.limit },
      });
      await print(command, io, {
        data: answer,
        rows: answer.events,
        columns: eventColumns,
        name: (row) => row.what,
        empty: 'nothing yet',
      });
    });

  outputOptions(
    job.command('why <key>').description('Why instances are not running, and what would help'),
  ).action(async (text: string, _options: unknown, command: Command) => {
    const context = contextOf(command, io);
    const key = keyArgument(text);
    const answer = await context.client.call('job.why', { params: jobParams(key) });
    const format = formatOf(command);
    if (format === 'json' || format === 'yaml') await printData(format, io, answer);
    else io.out(describeWhyAnswer(answer));
  });

  logOptions(job.command('logs <key>').description('What its instances write (KEY or KEY/0-2)')).action(
    async (text: string, _options: unknown, command: Command) => {
      const context = contextOf(command, io);
      const { key, only } = instancesArgument(text);
      await printLogs(context, command, { key, only });
    },
  );
}

function changeCommands(job: Command, io: Io, done: (code: number) => void): void {
  actOptions(job.command('scale <key> <instances>').description('Set how many instances there are')).action(
    async (text: string, count: string, options: { message?: string }, command: Command) => {
      const instances = Number(count);
      if (!/^\d+$/.test(count))
        throw new DawnError({
          code: 'invalid_parameter',
          message: `${count} is no number of instances`,
          hint: 'a whole number is wanted',
        });
      const key = keyArgument(text);
      done(
        await act(contextOf(command, io), command, {
          kind: 'job.scale',
          key,
          instances,
          ...message(options),
        }),
      );
    },
  );

  actOptions(
    job.command('restart <key>').description('Restart instances one group after the other (KEY or KEY/0-2)'),
  )
    .option('--now', 'all of them at once')
    .action(async (text: string, options: { now?: boolean; message?: string }, command: Command) => {
      const { key, only } = instancesArgument(text);
      done(
        await act(contextOf(command, io), command, {
          kind: 'job.restart',
          key,
          ...(only ? { only } : {}),
          ...(options.now === true ? { now: true } : {}),
          ...message(options),
        }),
      );
    });

  actOptions(
    job.command('kill <key>').description('Kill instances (KEY/0-2), or end the whole job (KEY)'),
  ).action(async (text: string, options: { message?: string }, command: Command) => {
    const { key, only } = instancesArgument(text);
    done(
      await act(contextOf(command, io), command, {
        kind: 'job.kill',
        key,
        ...(only ? { only } : {}),
        ...message(options),
      }),
    );
  });
}

function message(options: { message?: string }): { message?: string } {
  return options.message === undefined ? {} : { message: options.message };
}
