import type { InstanceMark, UpdateView } from '../../../shared/api/views.ts';
import { show } from '../../output/describe-update.ts';
import { age } from '../../output/units.ts';
import type { State } from '../state.ts';
import { fit } from '../text.ts';
import type { Theme, Token } from '../theme.ts';

const MARKS: Readonly<
  Record<InstanceMark, { readonly token: Token; readonly ascii: string; readonly unicode: string }>
> = {
  DONE: { token: 'ok', unicode: '■', ascii: '#' },
  WORKING: { token: 'moving', unicode: '▣', ascii: '@' },
  OLD: { token: 'dim', unicode: '□', ascii: '.' },
  FAILED: { token: 'bad', unicode: '✖', ascii: 'x' },
  ROLLED_BACK: { token: 'warn', unicode: '↺', ascii: '<' },
};

export function updateSummary(update: UpdateView, theme: Theme, width: number): string {
  const token: Token =
    update.status === 'ROLLED_FORWARD'
      ? 'ok'
      : /BACK|FAILED|ERROR|ABORTED/.test(update.status)
        ? 'bad'
        : update.status.includes('PAUSED')
          ? 'held'
          : 'moving';
  const counts = ` ${update.done}/${update.total} done, ${update.failed} failed (max ${update.settings.maxFailedInstances})`;
  const head = theme.paint(token, ` ${update.status}`);
  return `${head}${counts} ${progressBar(theme, update, Math.min(40, Math.max(10, width - 75)))}`;
}

export function progressBar(theme: Theme, update: UpdateView, cells: number): string {
  const working = update.instances.filter(({ mark }) => mark === 'WORKING').length;
  const total = Math.max(1, update.total);
  const done = Math.round((update.done / total) * cells);
  const busy = Math.min(cells - done, Math.ceil((working / total) * cells));
  return (
    theme.paint('ok', theme.glyphs.full.repeat(done)) +
    theme.paint('moving', theme.glyphs.half.repeat(busy)) +
    theme.paint('dim', theme.glyphs.empty.repeat(cells - done - busy))
  );
}

/** Grid, what is in flight, what changes, what happened: as much of each as there is room for. */
export function updateBody(
  state: State,
  update: UpdateView,
  theme: Theme,
  width: number,
  height: number,
): string[] {
  const lines: string[] = [];
  const line = (text: string): void => void lines.push(fit(` ${text}`, width, 'left', theme.ellipsis));
  const heading = (text: string): void =>
    void lines.push(
      theme.paint(
        'accent',
        fit(`${theme.rule}${theme.rule} ${text} ${theme.rule.repeat(width)}`, width, 'left', theme.rule),
      ),
    );
  if (update.message !== null) line(update.message);
  if (update.waitingFor !== null) line(`now: ${update.waitingFor}`);
  lines.push(...grid(update, theme, width, Math.max(1, Math.floor(height / 5))));
  const working = update.instances.filter(({ mark }) => mark === 'WORKING');
  if (working.length > 0) {
    heading('In flight');
    for (const each of working.slice(0, 8))
      line(
        `${String(each.instance).padStart(4)}  ${(each.status ?? '').padEnd(10)} ${(each.host ?? '—').padEnd(16)} ${each.since === null ? '' : age(each.since, state.nowMs).padStart(5)}  ${each.step}`,
      );
  }
  if (update.diff.length > 0) {
    heading('What changes');
    for (const { path, from, to } of update.diff.slice(0, 6)) {
      if (from !== undefined)
        lines.push(theme.paint('del', fit(`   - ${path}: ${show(from)}`, width, 'left', theme.ellipsis)));
      if (to !== undefined)
        lines.push(theme.paint('add', fit(`   + ${path}: ${show(to)}`, width, 'left', theme.ellipsis)));
    }
  }
  heading('Events, newest first');
  for (const event of events(update).slice(0, Math.max(3, height - lines.length))) line(event);
  return lines;
}

function events(update: UpdateView): string[] {
  const all = [
    ...update.events.map((event) => ({
      at: event.at,
      text: `${event.status}${event.user === null ? '' : ` by ${event.user}`}${event.message === null ? '' : `: ${event.message}`}`,
    })),
    ...update.instanceEvents.map((event) => ({
      at: event.at,
      text: `instance ${event.instance} ${event.action}${event.message === null ? '' : `: ${event.message}`}`,
    })),
  ];
  return all
    .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
    .map(({ at, text }) => `${at.slice(11, 19)}  ${text}`);
}

/** One mark an instance, ten to a group. */
function grid(update: UpdateView, theme: Theme, width: number, rows: number): string[] {
  const ascii = theme.rule === '-';
  const perRow = Math.max(10, Math.floor((width - 8) / 11) * 10);
  const lines: string[] = [];
  for (let at = 0; at < update.instances.length && lines.length < rows; at += perRow) {
    const part = update.instances.slice(at, at + perRow);
    const marks = part.map(
      ({ mark }, index) =>
        `${index % 10 === 0 && index > 0 ? ' ' : ''}${theme.paint(MARKS[mark].token, ascii ? MARKS[mark].ascii : MARKS[mark].unicode)}`,
    );
    lines.push(` ${String(part[0]?.instance ?? 0).padStart(5)} ${marks.join('')}`);
  }
  const shown = lines.length * perRow;
  if (shown < update.instances.length)
    lines.push(fit(`       … and ${update.instances.length - shown} more`, width));
  return lines;
}
