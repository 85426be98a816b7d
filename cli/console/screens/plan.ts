import { commandLine } from '../../command-line.ts';
import { formatRanges, toRanges } from '../../../shared/ids.ts';
import { show } from '../../output/describe-update.ts';
import type { Act, State } from '../state.ts';
import { fit } from '../text.ts';
import type { Theme } from '../theme.ts';
import type { Screen } from './screens.ts';
import { groupLines } from './why.ts';

/** What would happen, before it does; with the command line that does the same. */
export function planBody(
  state: State,
  act: Act,
  theme: Theme,
  width: number,
  height: number,
): Omit<Screen, 'position'> {
  const { plan } = act;
  const base = { title: 'Plan', right: state.readOnly ? 'read-only' : '' };
  if (!plan) return { ...base, summary: ' planning…', body: [] };
  const lines = planLines(act, theme, width);
  const question = act.busy ? 'doing it…' : confirmText(act);
  const tail = [
    '',
    fit(` same as:  ${commandLine(act.command, act.file)}`, width, 'left', theme.ellipsis),
    theme.paint('bold', fit(` ${question}`, width, 'left', theme.ellipsis)),
  ];
  const room = Math.max(1, height - tail.length);
  const body = lines.slice(act.scroll, act.scroll + room);
  while (body.length < room) body.push('');
  return {
    ...base,
    summary: fit(` ${plan.refused ? plan.refused.message : plan.summary}`, width, 'left', theme.ellipsis),
    body: [...body, ...tail],
  };
}

export function planLines({ plan }: Act, theme: Theme, width: number): string[] {
  if (!plan) return [];
  const lines: string[] = [];
  const line = (text: string): void => void lines.push(fit(` ${text}`, width, 'left', theme.ellipsis));
  const heading = (text: string): void =>
    void lines.push(
      theme.paint(
        'accent',
        fit(`${theme.rule}${theme.rule} ${text} ${theme.rule.repeat(width)}`, width, 'left', theme.rule),
      ),
    );
  if (plan.refused) {
    lines.push(theme.paint('bad', fit(` ${plan.refused.message}`, width, 'left', theme.ellipsis)));
    if (plan.refused.hint !== undefined) line(plan.refused.hint);
    return lines;
  }
  const group = (sign: string, word: string, list: readonly number[]): void => {
    if (list.length > 0) line(`${sign} ${word} ${list.length}: ${formatRanges(toRanges(list))}`);
  };
  group('+', 'add', plan.add);
  group('~', 'change', plan.change);
  group('-', 'remove', plan.remove);
  group('=', 'leave', plan.unchanged);
  if (plan.diff.length > 0) heading('Changes');
  for (const { path, from, to } of plan.diff) {
    if (from !== undefined)
      lines.push(theme.paint('del', fit(` - ${path}: ${show(from)}`, width, 'left', theme.ellipsis)));
    if (to !== undefined)
      lines.push(theme.paint('add', fit(` + ${path}: ${show(to)}`, width, 'left', theme.ellipsis)));
  }
  const placed = plan.placements.filter(({ host }) => host !== null);
  if (placed.length > 0) {
    heading('Placement');
    line(
      placed
        .slice(0, 24)
        .map(({ instance, host }) => `${instance}${theme.glyphs.arrow}${host ?? ''}`)
        .join('  '),
    );
  }
  for (const warning of plan.warnings)
    lines.push(theme.paint('warn', fit(` ${theme.glyphs.warn} ${warning}`, width, 'left', theme.ellipsis)));
  for (const pending of plan.pending) lines.push(...groupLines(pending, theme, width));
  return lines;
}

function confirmText({ plan, wantsTyped }: Act): string {
  if (!plan) return '';
  if (plan.refused || plan.action === 'none')
    return `${plan.refused ? 'This cannot be done.' : 'Nothing would change.'} Esc goes back.`;
  return wantsTyped === null
    ? 'Do it? y does, Esc goes back, C copies the command'
    : `Enter, then type ${wantsTyped} to do it; Esc goes back, C copies the command`;
}
