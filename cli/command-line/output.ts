import type { Command } from 'commander';
import { DawnError } from '../../shared/errors.ts';
import type { Column } from '../output/table.ts';
import { table } from '../output/table.ts';
import type { Io } from './io.ts';

export const FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type Format = (typeof FORMATS)[number];

export interface Shown<Row> {
  /** The whole answer, for json and yaml. */
  readonly data: unknown;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  name(row: Row): string;
  /** What to say (on stderr) when there are no rows. */
  readonly empty: string;
}

/** Adds `-o` and `--no-headers` to a command that prints something. */
export function outputOptions(command: Command): Command {
  return command
    .option('-o, --output <format>', `one of ${FORMATS.join(', ')}`, 'table')
    .option('--no-headers', 'leave the header of a table out');
}

export function formatOf(command: Command): Format {
  const { output } = command.opts<{ output: string }>();
  const format = FORMATS.find((known) => known === output);
  if (format) return format;
  throw new DawnError({
    code: 'invalid_parameter',
    message: `there is no output format ${output}`,
    hint: `take one of ${FORMATS.join(', ')}`,
  });
}

/** Prints rows in the wanted format: data on stdout, remarks on stderr. */
export async function print<Row>(command: Command, io: Io, shown: Shown<Row>): Promise<void> {
  const format = formatOf(command);
  if (format === 'json' || format === 'yaml') return printData(format, io, shown.data);
  if (format === 'name') {
    for (const row of shown.rows) io.out(`${shown.name(row)}\n`);
    return;
  }
  if (shown.rows.length === 0) {
    io.err(`${shown.empty}\n`);
    return;
  }
  const { headers } = command.opts<{ headers: boolean }>();
  io.out(table(shown.columns, shown.rows, { wide: format === 'wide', headers }));
}

export async function printData(format: 'json' | 'yaml', io: Io, data: unknown): Promise<void> {
  if (format === 'json') {
    io.out(`${JSON.stringify(data, null, 2)}\n`);
    return;
  }
  const { stringify } = await import('yaml');
  io.out(stringify(data));
}
