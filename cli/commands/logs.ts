import type { Command } from 'commander';
import { jobParams } from '../../shared/api/command-route.ts';
import type { LogLine } from '../../shared/api/views.ts';
import type { InstanceRange, JobKey } from '../../shared/ids.ts';
import { formatRanges } from '../../shared/ids.ts';
import type { Context } from '../command-line/context.ts';
import { withSuggestion } from '../command-line/context.ts';
import { printable } from '../output/printable.ts';

interface LogFlags {
  readonly follow?: boolean;
  readonly tail: string;
  readonly stream: string;
  readonly output: string;
  readonly timestamps?: boolean;
}

export type LogSubject =
  | { readonly key: JobKey; readonly only: readonly InstanceRange[] | undefined }
  | { readonly task: string };

export function logOptions(command: Command): Command {
  return command
    .option('-f, --follow', 'go on as it is written')
    .option('--tail <n>', 'begin with the last n lines of each', '100')
    .option('--stream <which>', 'stdout, stderr or both', 'both')
    .option('-t, --timestamps', 'show times, where there are any')
    .option('-o, --output <format>', 'text, or json (one object a line)', 'text');
}

/** Control characters of a task never reach the terminal raw. */
export async function printLogs(context: Context, command: Command, subject: LogSubject): Promise<void> {
  const { io, client } = context;
  const flags = command.opts<LogFlags>();
  const query = { stream: flags.stream, tail: flags.tail, follow: flags.follow === true };
  const several = 'key' in subject;
  const lines =
    'key' in subject
      ? client.stream('job.logs', {
          params: jobParams(subject.key),
          query: { ...query, instances: subject.only ? formatRanges(subject.only) : undefined },
          signal: io.interrupted,
        })
      : client.stream('task.logs', { params: { id: subject.task }, query, signal: io.interrupted });
  const read = async (): Promise<void> => {
    for await (const line of lines)
      io.out(
        flags.output === 'json'
          ? `${JSON.stringify(line)}\n`
          : `${textOf(line, several, flags.timestamps === true)}\n`,
      );
  };
  try {
    await ('key' in subject ? withSuggestion(context, subject.key, read()) : read());
  } catch (error) {
    if (!io.interrupted.aborted) throw error;
  }
}

function textOf(line: LogLine, several: boolean, times: boolean): string {
  const at = times && line.at !== null ? `${line.at.slice(0, 23)} ` : '';
  const from = several ? `#${line.instance}${line.stream === 'stderr' ? '!' : ' '} ` : '';
  return `${at}${from}${printable(line.text)}`;
}
