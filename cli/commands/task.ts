import type { Command } from 'commander';
import type { TaskView } from '../../shared/api/views.ts';
import { contextOf, keyArgument } from '../command-line/context.ts';
import type { Io } from '../command-line/io.ts';
import { formatOf, outputOptions, print, printData } from '../command-line/output.ts';
import { describeTask } from '../output/describe-job.ts';
import { describeWhyAnswer } from '../output/describe-why.ts';
import type { Column } from '../output/table.ts';
import { age } from '../output/units.ts';
import { logOptions, printLogs } from './logs.ts';

export const TASK_COLUMNS: readonly Column<TaskView>[] = [
  { title: 'JOB', cell: (task) => task.job },
  { title: '#', cell: (task) => String(task.instance), align: 'right' },
  { title: 'STATUS', cell: (task) => task.status },
  { title: 'HOST', cell: (task) => task.host ?? '-' },
  { title: 'SINCE', cell: (task) => age(task.since, Date.now()), align: 'right' },
  { title: 'FAILURES', cell: (task) => String(task.failures), align: 'right' },
  { title: 'TASK', cell: (task) => task.id },
  { title: 'CONTAINER', cell: (task) => task.container ?? '-', wide: true },
  { title: 'MESSAGE', cell: (task) => task.lastMessage ?? '', wide: true },
];

/** `dawn task …`. */
export function taskCommands(program: Command, io: Io, _done: (code: number) => void): void {
  const task = program.command('task').description('Tasks: single attempts at an instance');

  outputOptions(task.command('list').description('Tasks, also ended ones that are kept'))
    .option('--job <key>', 'only of this job')
    .option('--host <name>', 'only on this host')
    .option('--status <status>', 'only in this status, e.g. RUNNING')
    .action(async (options: { job?: string; host?: string; status?: string }, command: Command) => {
      const { client } = contextOf(command, io);
      const query = { ...options, ...(options.job === undefined ? {} : { job: keyArgument(options.job) }) };
      const answer = await client.call('task.list', {
        query: { job: query.job, host: query.host, status: query.status },
      });
      await print(command, io, {
        data: answer,
        rows: answer.tasks,
        columns: TASK_COLUMNS,
        name: (row) => row.id,
        empty: 'no tasks',
      });
    });

  outputOptions(task.command('status <id>').description('A task with everything that happened to it')).action(
    async (id: string, _options: unknown, command: Command) => {
      const { client } = contextOf(command, io);
      const view = await client.call('task.status', { params: { id } });
      const format = formatOf(command);
      if (format === 'json' || format === 'yaml') await printData(format, io, view);
      else io.out(describeTask(view));
    },
  );

  outputOptions(task.command('why <id>').description('Why a task is not running')).action(
    async (id: string, _options: unknown, command: Command) => {
      const { client } = contextOf(command, io);
      const answer = await client.call('task.why', { params: { id } });
      const format = formatOf(command);
      if (format === 'json' || format === 'yaml') await printData(format, io, answer);
      else io.out(describeWhyAnswer(answer));
    },
  );

  logOptions(task.command('logs <id>').description('What a task writes')).action(
    async (id: string, _options: unknown, command: Command) =>
      printLogs(contextOf(command, io), command, { task: id }),
  );
}
