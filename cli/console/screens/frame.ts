import { lineOf, titleOf } from '../place.ts';
import { hintsFor } from '../keys.ts';
import { ACTS } from '../keys.ts';
import type { State } from '../state.ts';
import { currentView } from '../state.ts';
import { fit, width as widthOf } from '../text.ts';
import type { Theme } from '../theme.ts';
import { screenFor } from './screens.ts';

export const COLUMNS_MIN = 60;
export const ROWS_MIN = 10;
/** Lines around the body: where you are and whether it can be trusted; a summary; a title; keys and crumbs. */
const AROUND = 6;
const FLASH_MS = 6_000;
const STALE_MS = 15_000;

/** One whole frame: exactly `rows` lines of at most `columns` cells. */
export function frame(state: State, theme: Theme): string[] {
  const { columns, rows } = state;
  if (columns < COLUMNS_MIN || rows < ROWS_MIN)
    return [fit(`the terminal is ${columns}x${rows}; ${COLUMNS_MIN}x${ROWS_MIN} is needed`, columns)];
  const screen = screenFor(state, theme, columns, rows - AROUND);
  const title = titleLine(screen.title, screen.right, columns, theme);
  const body = screen.body.slice(0, rows - AROUND);
  while (body.length < rows - AROUND) body.push('');
  return [
    headLine(state, theme),
    screen.summary,
    title,
    ...body,
    theme.paint('dim', theme.rule.repeat(columns)),
    footer(state, theme),
    crumbs(state, theme, screen.position),
  ];
}

/** Rows that a screen's body has on this terminal. */
export function bodyRows(state: State): number {
  return Math.max(1, state.rows - AROUND);
}

function headLine(state: State, theme: Theme): string {
  const { cluster, connection, columns } = state;
  const name = cluster?.name ?? state.url;
  const left = ` dawn  ${name}  ${lineOf(currentView(state).place)}`;
  const who = `${state.user}  ${state.readOnly ? 'ro' : 'rw'}  `;
  const trust = trustText(state);
  const space = columns - widthOf(who) - widthOf(trust) - 1;
  const token = connection.state === 'live' ? 'ok' : connection.state === 'lost' ? 'bad' : 'warn';
  return `${theme.paint('bold', fit(left, space, 'left', theme.ellipsis))}${theme.paint('dim', who)}${theme.paint(token, trust)} `;
}

function trustText({ connection, nowMs }: State): string {
  const seconds = Math.max(0, Math.round((nowMs - connection.sinceMs) / 1000));
  if (connection.state === 'lost') return `STALE ${seconds}s, retry ${connection.attempts}`;
  if (connection.state === 'connecting') return 'connecting';
  return nowMs - connection.sinceMs > STALE_MS ? `quiet ${seconds}s` : 'live';
}

function titleLine(title: string, right: string, columns: number, theme: Theme): string {
  const { rule } = theme;
  const text = `${rule}${rule} ${title} `;
  const tail = right === '' ? '' : ` ${right} ${rule}${rule}`;
  const fill = Math.max(0, columns - widthOf(text) - widthOf(tail));
  return theme.paint('accent', fit(text + rule.repeat(fill) + tail, columns, 'left', theme.ellipsis));
}

/** A prompt, the act menu, a message that is not read yet, or what the keys do. */
function footer(state: State, theme: Theme): string {
  const { prompt, columns } = state;
  if (prompt) {
    const sign = { command: ':', filter: '/', find: '&', scale: 'instances: ', confirm: `${prompt.hint}: ` }[
      prompt.kind
    ];
    const before = ` ${sign}${prompt.text.slice(0, prompt.at)}`;
    const under = prompt.text[prompt.at] ?? ' ';
    const after = prompt.text.slice(prompt.at + 1);
    const hint = prompt.kind === 'confirm' ? '' : prompt.hint;
    return `${before}${theme.paint('focus', under)}${after}${theme.paint('dim', hint)}`;
  }
  if (state.menu)
    return fit(
      ` act:  ${ACTS.map(({ key, label }) => `${key} ${label}`).join('   ')}   Esc`,
      columns,
      'left',
      theme.ellipsis,
    );
  const message = state.messages.at(-1);
  if (message && state.nowMs - message.atMs < FLASH_MS)
    return theme.paint(
      message.bad ? 'bad' : 'bold',
      fit(` ${message.text}`, columns, 'left', theme.ellipsis),
    );
  if (state.connection.state === 'lost')
    return theme.paint(
      'bad',
      fit(
        ` ${state.connection.problem ?? 'the connection is lost'}; what is shown is old`,
        columns,
        'left',
        theme.ellipsis,
      ),
    );
  const kind = state.act ? 'plan' : currentView(state).place.kind;
  const hints: string[] = [];
  let used = 1;
  for (const { key, label } of hintsFor(kind)) {
    const cells = widthOf(key) + widthOf(label) + 3;
    if (used + cells > columns) break;
    used += cells;
    hints.push(`${theme.paint('accent', key)} ${label}`);
  }
  return ` ${hints.join('  ')}`;
}

function crumbs(state: State, theme: Theme, position: string): string {
  const trail = state.stack.map(({ place }) => titleOf(place));
  if (state.act) trail.push('plan');
  const clock = new Date(state.nowMs).toISOString().slice(11, 16);
  const right = `${position}  ${clock} `;
  return theme.paint(
    'dim',
    `${fit(` ${trail.join(` ${theme.glyphs.arrow} `)}`, state.columns - widthOf(right), 'left', theme.ellipsis)}${right}`,
  );
}
