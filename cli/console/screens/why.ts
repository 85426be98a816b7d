import type { WhyAnswer, WhyView } from '../../../shared/api/views.ts';
import { formatRanges, toRanges } from '../../../shared/ids.ts';
import { bar } from '../columns/hosts.ts';
import { fit } from '../text.ts';
import type { Theme } from '../theme.ts';

const BAR_CELLS = 24;

export function whyBody(answer: WhyAnswer, theme: Theme, width: number, height: number): string[] {
  const lines: string[] = [];
  for (const group of answer.pending) lines.push(...groupLines(group, theme, width), '');
  for (const note of answer.notes) lines.push(fit(` ${note}`, width, 'left', theme.ellipsis));
  return lines.slice(0, height);
}

/** How many agents fail which test, the nearest ones, and what would help. */
export function groupLines(group: WhyView, theme: Theme, width: number): string[] {
  const lines: string[] = [];
  const line = (text: string): void => void lines.push(fit(` ${text}`, width, 'left', theme.ellipsis));
  const heading = (text: string): void =>
    void lines.push(
      theme.paint(
        'accent',
        fit(`${theme.rule}${theme.rule} ${text} ${theme.rule.repeat(width)}`, width, 'left', theme.rule),
      ),
    );
  const { wants } = group;
  line(
    `${theme.glyphs.warn} instances ${formatRanges(toRanges(group.instances))} pending since ${group.pendingSince.slice(11, 19)}: ${group.summary}`,
  );
  line(
    `wants cpu ${wants.cpus}  ram ${wants.ramMb} MB  disk ${wants.diskMb} MB${wants.ports > 0 ? `  ${wants.ports} ports` : ''}${wants.gpus > 0 ? `  ${wants.gpus} gpus` : ''}`,
  );
  heading(`${group.agents} agents, each counted at its first failing test`);
  for (const veto of group.vetoes)
    line(
      `${String(veto.agents).padStart(5)}  ${veto.subject.padEnd(12)} ${bar(theme, veto.agents, group.agents, BAR_CELLS)} ${veto.detail}`,
    );
  if (group.nearest.length > 0) heading('Nearest');
  for (const host of group.nearest)
    line(
      `${host.host.padEnd(18)} free cpu ${host.cpusFree}  ram ${host.ramMbFree} MB  disk ${host.diskMbFree} MB   missing ${host.missing}`,
    );
  if (group.remedies.length > 0) heading('What would help (nothing is done)');
  group.remedies.forEach((remedy, at) => line(`${at + 1}  ${remedy}`));
  return lines;
}
