import type { TaskView } from '../../../shared/api/views.ts';
import { cores, megabytes } from '../../output/units.ts';
import { TASK_TOKENS } from '../columns/tasks.ts';
import { fit } from '../text.ts';
import type { Theme } from '../theme.ts';

/** A task in full: where it is, what it has, and everything that happened to it. */
export function taskBody(task: TaskView, theme: Theme, width: number, height: number): string[] {
  const facts: readonly (readonly [string, string])[] = [
    ['job', `${task.job}/${task.instance}`],
    ['host', task.host ?? 'none yet'],
    ['container', `${task.container ?? '—'}${task.ip === null ? '' : `  ${task.ip}`}`],
    ['resources', `cpu ${cores(task.cpus)}  ram ${megabytes(task.ramMb)}`],
    [
      'ports',
      Object.entries(task.ports)
        .map(([name, port]) => `${name} ${port}`)
        .join('  ') || 'none',
    ],
    ['failures', String(task.failures)],
    ['replaces', task.ancestor ?? 'nothing: it is the first attempt'],
  ];
  const lines = facts.map(([name, value]) =>
    fit(` ${name.padEnd(10)} ${value}`, width, 'left', theme.ellipsis),
  );
  lines.push(
    '',
    theme.paint(
      'accent',
      fit(`${theme.rule}${theme.rule} Timeline ${theme.rule.repeat(width)}`, width, 'left', theme.rule),
    ),
  );
  const room = Math.max(1, height - lines.length);
  for (const event of task.events.slice(-room)) {
    lines.push(
      ` ${event.at.slice(0, 19).replace('T', ' ')}  ${theme.paint(TASK_TOKENS[event.status], event.status.padEnd(11))} ${fit(event.message ?? '', Math.max(0, width - 36), 'left', theme.ellipsis)}`,
    );
  }
  return lines;
}
