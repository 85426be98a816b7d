import type { Command } from 'commander';
import type { HostView } from '../../shared/api/views.ts';
import { contextOf, keyArgument } from '../command-line/context.ts';
import type { Io } from '../command-line/io.ts';
import { formatOf, outputOptions, print, printData } from '../command-line/output.ts';
import { eventLine } from '../local/follow-events.ts';
import { describeCluster } from '../output/describe-cluster.ts';
import type { Column } from '../output/table.ts';
import { age, cores, megabytes } from '../output/units.ts';

const HOST_COLUMNS: readonly Column<HostView>[] = [
  { title: 'HOST', cell: (host) => host.host },
  { title: 'STATE', cell: (host) => host.state },
  { title: 'RUNS', cell: (host) => host.containerizer ?? '-' },
  { title: 'TASKS', cell: (host) => String(host.tasks), align: 'right' },
  { title: 'CPU', cell: (host) => `${cores(host.cpus.used)}/${cores(host.cpus.total)}`, align: 'right' },
  {
    title: 'RAM',
    cell: (host) => `${megabytes(host.ramMb.used)}/${megabytes(host.ramMb.total)}`,
    align: 'right',
  },
  {
    title: 'DISK',
    cell: (host) => `${megabytes(host.diskMb.used)}/${megabytes(host.diskMb.total)}`,
    align: 'right',
  },
  { title: 'SINCE', cell: (host) => age(host.since, Date.now()), align: 'right' },
  {
    title: 'ATTRIBUTES',
    cell: (host) =>
      Object.entries(host.attributes)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
  },
  { title: 'AGENT', cell: (host) => host.agent, wide: true },
];

/** `dawn host …`, `dawn events`, `dawn cluster …`. */
export function clusterCommands(program: Command, io: Io, _done: (code: number) => void): void {
  const host = program.command('host').description('Agents and how full they are');
  outputOptions(host.command('list').description('One line per agent')).action(
    async (_options: unknown, command: Command) => {
      const answer = await contextOf(command, io).client.call('host.list', {});
      await print(command, io, {
        data: answer,
        rows: answer.hosts,
        columns: HOST_COLUMNS,
        name: (row) => row.host,
        empty: 'no agents have registered',
      });
    },
  );

  outputOptions(program.command('events').description('What happens, line by line'))
    .option('-f, --follow', 'go on as things happen')
    .option('--since <seq>', 'from this journal sequence on')
    .option('--job <key>', 'only of this job')
    .action(async (options: { follow?: boolean; since?: string; job?: string }, command: Command) => {
      const { client } = contextOf(command, io);
      const job = options.job === undefined ? undefined : keyArgument(options.job);
      const json = formatOf(command) === 'json';
      try {
        for await (const event of client.stream('events', {
          query: { follow: options.follow === true, since: options.since, job },
          signal: io.interrupted,
        })) {
          io.out(json ? `${JSON.stringify(event)}\n` : `${eventLine(event)}\n`);
        }
      } catch (error) {
        if (!io.interrupted.aborted) throw error;
      }
    });

  const cluster = program.command('cluster').description('The cluster as a whole');
  outputOptions(cluster.command('info').description('What it is and how full')).action(
    async (_options: unknown, command: Command) => {
      const view = await contextOf(command, io).client.call('cluster.info', {});
      const format = formatOf(command);
      if (format === 'json' || format === 'yaml') await printData(format, io, view);
      else io.out(describeCluster(view, Date.now()));
    },
  );
}
