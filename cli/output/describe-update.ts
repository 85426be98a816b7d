import type { UpdateView } from '../../shared/api/views.ts';
import { printable } from './printable.ts';
import { age } from './units.ts';

/** An update in full, for a person. */
export function describeUpdate(update: UpdateView, nowMs: number): string {
  const lines = [
    `${update.job}  ${update.kind} ${update.id}`,
    `${update.status}  ${update.done}/${update.total} done, ${update.failed} failed, started ${age(update.createdAt, nowMs)} ago by ${update.user}${update.message === null ? '' : `: ${update.message}`}`,
  ];
  if (update.waitingFor !== null) lines.push(`now: ${update.waitingFor}`);
  lines.push('', 'Instances');
  for (const row of update.instances) {
    lines.push(
      `  ${String(row.instance).padStart(4)}  ${row.mark.padEnd(11)} ${(row.status ?? '-').padEnd(10)} ${(row.host ?? '-').padEnd(16)} ${row.step}`,
    );
  }
  if (update.diff.length > 0) {
    lines.push('', 'Changes');
    for (const change of update.diff)
      lines.push(`  ${change.path}: ${show(change.from)} → ${show(change.to)}`);
  }
  lines.push('', 'Events');
  for (const event of update.events) {
    lines.push(
      `  ${event.at}  ${event.status}${event.user === null ? '' : ` by ${event.user}`}${event.message === null ? '' : `: ${event.message}`}`,
    );
  }
  for (const event of update.instanceEvents) {
    lines.push(
      `  ${event.at}  instance ${event.instance} ${event.action}${event.message === null ? '' : `: ${event.message}`}`,
    );
  }
  return `${lines.map(printable).join('\n')}\n`;
}

/** A value of a config on one line. */
export function show(value: unknown): string {
  if (value === undefined) return '(none)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
