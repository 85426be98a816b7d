import stringWidth from 'string-width';
import { printable } from './printable.ts';

export interface Column<Row> {
  readonly title: string;
  cell(row: Row): string;
  readonly align?: 'left' | 'right';
  /** Only in `-o wide`. */
  readonly wide?: boolean;
}

/** Rows under a header, columns as wide as they need to be, two spaces apart. The last column is never padded. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: { wide: boolean; headers: boolean },
): string {
  const shown = columns.filter((column) => options.wide || column.wide !== true);
  const cells = rows.map((row) => shown.map((column) => printable(column.cell(row))));
  if (options.headers) cells.unshift(shown.map((column) => column.title));
  const widths = shown.map((_, at) => Math.max(0, ...cells.map((line) => width(line[at] ?? ''))));
  return cells.map((line) => `${renderLine(line, shown, widths)}\n`).join('');
}

function renderLine<Row>(
  line: readonly string[],
  columns: readonly Column<Row>[],
  widths: readonly number[],
): string {
  return line
    .map((text, at) => {
      const space = ' '.repeat((widths[at] ?? 0) - width(text));
      if (columns[at]?.align === 'right') return space + text;
      return at === line.length - 1 ? text : text + space;
    })
    .join('  ')
    .trimEnd();
}

function width(text: string): number {
  return /^[\u0020-\u007e]*$/.test(text) ? text.length : stringWidth(text);
}
