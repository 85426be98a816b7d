import type { View } from './state.ts';
import { fit } from './text.ts';
import type { Theme, Token } from './theme.ts';

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** Cells; the flexible column takes what is left. */
  readonly width: number;
  readonly flexible?: boolean;
  readonly align?: 'left' | 'right';
  /** Dropped first when the screen is narrow: the highest number. 0 stays always. */
  readonly priority: number;
  cell(row: Row): string;
  token?(row: Row): Token | undefined;
  /** For sorting; the cell's text when absent. */
  order?(row: Row): number | string;
}

export interface TableSpec<Row> {
  readonly columns: readonly Column<Row>[];
  id(row: Row): string;
  /** Glyph and meaning of the row as a whole. */
  state(row: Row): { readonly glyph: string; readonly token: Token };
  isProblem(row: Row): boolean;
  /** Order when nobody sorted: problems first, then by name. */
  rank(row: Row): number;
  text(row: Row): string;
}

const MARGIN = 4;
const GAP = 1;

/** Rows as the view wants them: filtered, sorted. */
export function visibleRows<Row>(spec: TableSpec<Row>, rows: Iterable<Row>, view: View): Row[] {
  const wanted = matcher(view.filter);
  const list = view.filter === '' ? [...rows] : [...rows].filter((row) => wanted(spec.text(row)));
  const column = spec.columns.find(({ id }) => id === view.sort?.column);
  const order = column ? (row: Row): number | string => (column.order ?? column.cell)(row) : spec.rank;
  const sign = view.sort?.down === true ? -1 : 1;
  return list.sort((a, b) => sign * compare(order(a), order(b)) || compare(spec.id(a), spec.id(b)));
}

/** Lower-case text finds either case; `!text` keeps what does not have it; several words must all match. */
export function matcher(filter: string): (text: string) => boolean {
  const words = filter.split(/\s+/).filter((word) => word !== '' && word !== '!');
  return (text) =>
    words.every((word) => {
      const negated = word.startsWith('!');
      const wanted = negated ? word.slice(1) : word;
      const found = (wanted === wanted.toLowerCase() ? text.toLowerCase() : text).includes(wanted);
      return found !== negated;
    });
}

/** The row that the cursor is on: by its id, or the first one when it is gone. */
export function cursorIndex<Row>(spec: TableSpec<Row>, rows: readonly Row[], view: View): number {
  const at = rows.findIndex((row) => spec.id(row) === view.cursor);
  return Math.max(0, at);
}

/** The first row to show so that the cursor is on the screen, moving as little as can be. */
export function scrollFor(cursor: number, scroll: number, height: number, count: number): number {
  const least = Math.max(0, cursor - height + 1);
  const most = Math.max(0, Math.min(cursor, count - height));
  return Math.min(Math.max(scroll, least), Math.max(most, least));
}

/** Header and rows, each exactly `width` cells: only what is on the screen is ever formatted. */
export function tableLines<Row>(
  spec: TableSpec<Row>,
  rows: readonly Row[],
  view: View,
  width: number,
  height: number,
  theme: Theme,
): string[] {
  const columns = fitColumns(spec.columns, width - MARGIN);
  const header =
    ' '.repeat(MARGIN) +
    columns.map(({ column, cells }) => fit(column.title, cells, column.align)).join(' '.repeat(GAP));
  const cursor = cursorIndex(spec, rows, view);
  const body = Math.max(0, height - 1);
  const first = scrollFor(cursor, view.scroll, body, rows.length);
  const lines = rows
    .slice(first, first + body)
    .map((row, at) => rowLine(spec, row, columns, view, first + at === cursor, width, theme));
  return [theme.paint('dim', fit(header, width)), ...lines];
}

function rowLine<Row>(
  spec: TableSpec<Row>,
  row: Row,
  columns: readonly Fitted<Row>[],
  view: View,
  focused: boolean,
  width: number,
  theme: Theme,
): string {
  const { glyph, token } = spec.state(row);
  const mark = view.marks.has(spec.id(row)) ? theme.glyphs.mark : ' ';
  const cells = columns.map(({ column, cells: count }) => ({
    text: fit(column.cell(row), count, column.align, theme.ellipsis),
    token: column.token?.(row),
  }));
  if (focused)
    return theme.paint(
      'focus',
      fit(`>${mark}${glyph} ${cells.map(({ text }) => text).join(' '.repeat(GAP))}`, width),
    );
  const painted = cells
    .map(({ text, token: own }) => (own ? theme.paint(own, text) : text))
    .join(' '.repeat(GAP));
  return ` ${mark}${theme.paint(token, glyph)} ${painted}`;
}

interface Fitted<Row> {
  readonly column: Column<Row>;
  readonly cells: number;
}

/** Drops the least important columns until the rest fits; the flexible one gets what is left. */
function fitColumns<Row>(columns: readonly Column<Row>[], width: number): Fitted<Row>[] {
  let kept = [...columns];
  const needed = (): number => kept.reduce((sum, column) => sum + column.width + GAP, -GAP);
  while (needed() > width && kept.some(({ priority }) => priority > 0)) {
    const least = Math.max(...kept.map(({ priority }) => priority));
    const at = kept.findLastIndex(({ priority }) => priority === least);
    kept = kept.filter((_, index) => index !== at);
  }
  const left = Math.max(0, width - needed());
  return kept.map((column) => ({ column, cells: column.width + (column.flexible === true ? left : 0) }));
}

function compare(a: number | string, b: number | string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
