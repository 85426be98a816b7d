import type { LogLine } from '../../../shared/api/views.ts';
import type { State } from '../state.ts';
import { currentView } from '../state.ts';
import { matcher } from '../table.ts';
import { fit, wrap } from '../text.ts';
import type { Theme } from '../theme.ts';
import type { Screen } from './screens.ts';

const MERGED_COLOURS = ['accent', 'moving', 'held', 'ok', 'warn'] as const;

export function logsTitle(
  state: State,
  theme: Theme,
  width: number,
): Pick<Screen, 'summary' | 'title' | 'right'> {
  const { logs } = state.data;
  const view = currentView(state);
  const instances = new Set(logs.lines.map((line) => line.instance));
  const flags = `follow ${logs.follow ? 'on' : 'off'}  wrap ${logs.wrap ? 'on' : 'off'}`;
  const ended = logs.ended === null ? '' : `  ${logs.ended}`;
  return {
    summary: fit(
      ` ${instances.size} ${instances.size === 1 ? 'instance' : 'instances'}  ${flags}${view.filter === '' ? '' : `  keeping /${view.filter}`}${ended}`,
      width,
      'left',
      theme.ellipsis,
    ),
    title: view.place.kind === 'logs' ? `Logs · ${view.place.key}` : 'Logs',
    right: logs.follow ? '' : 'G follows again',
  };
}

/** The end of what is kept, or as far back as somebody went. Only what is on the screen is formatted. */
export function logsBody(state: State, theme: Theme, width: number, height: number): string[] {
  const { logs } = state.data;
  const kept = keptLines(state);
  if (kept.length === 0)
    return [
      '',
      logs.lines.length === 0 ? '  Nothing written yet.' : '  No line has that; / changes the filter.',
    ];
  const end = Math.max(0, kept.length - logs.back);
  if (!logs.wrap)
    return kept.slice(Math.max(0, end - height), end).flatMap((line) => format(line, theme, width, false));
  const lines: string[] = [];
  for (let at = end - 1; at >= 0 && lines.length < height; at--)
    lines.unshift(...format(kept[at]!, theme, width, true));
  return lines.slice(-height);
}

export function keptLines(state: State): readonly LogLine[] {
  const { filter } = currentView(state);
  if (filter === '') return state.data.logs.lines;
  const wanted = matcher(filter);
  return state.data.logs.lines.filter((line) => wanted(line.text));
}

function format(line: LogLine, theme: Theme, width: number, wrapped: boolean): string[] {
  const time = line.at === null ? '' : `${line.at.slice(11, 23)} `;
  const prefix = `#${line.instance}${line.stream === 'stderr' ? '!' : ' '} `;
  const token = MERGED_COLOURS[line.instance % MERGED_COLOURS.length] ?? 'accent';
  const room = Math.max(10, width - time.length - prefix.length - 1);
  const pieces = wrapped ? wrap(line.text, room) : [fit(line.text, room, 'left', theme.ellipsis).trimEnd()];
  return pieces.map(
    (piece, at) =>
      ` ${at === 0 ? theme.paint('dim', time) + theme.paint(token, prefix) : ' '.repeat(time.length + prefix.length)}${line.stream === 'stderr' ? theme.paint('warn', piece) : piece}`,
  );
}
