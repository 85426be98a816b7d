import type { JobView, TaskView } from '../../shared/api/views.ts';
import { printable } from './printable.ts';
import type { Column } from './table.ts';
import { table } from './table.ts';
import { age, cores, megabytes } from './units.ts';

/** A job with its instances, for a person. */
export function describeJob(
  { row, config, active, ended, update }: JobView,
  nowMs: number,
  wide: boolean,
): string {
  const head = [
    `${row.key}  ${row.kind}, ${row.tier}, ${row.health}`,
    `${row.running} of ${row.instances} running; each cpu ${cores(config.cpu)}, ram ${megabytes(config.ramMb)}, disk ${megabytes(config.diskMb)}`,
  ];
  if (update) {
    const why = update.waitingFor ?? update.events.at(-1)?.message;
    head.push(
      `update ${update.id}: ${update.status} ${update.done}/${update.total}${why == null ? '' : `, ${why}`}`,
    );
  }
  const parts = [`${head.map(printable).join('\n')}\n`];
  if (active.length > 0) parts.push(`\n${table(columns(nowMs), active, { wide, headers: true })}`);
  if (ended.length > 0)
    parts.push(`\nended\n${table(columns(nowMs), ended.slice(0, 5), { wide, headers: false })}`);
  return parts.join('');
}

function columns(nowMs: number): readonly Column<TaskView>[] {
  return [
    { title: '#', cell: (task) => String(task.instance), align: 'right' },
    { title: 'STATUS', cell: (task) => task.status },
    { title: 'HOST', cell: (task) => task.host ?? '-' },
    { title: 'SINCE', cell: (task) => age(task.since, nowMs), align: 'right' },
    {
      title: 'PORTS',
      cell: (task) =>
        Object.entries(task.ports)
          .map(([name, port]) => `${name}:${port}`)
          .join(' ') || '-',
    },
    { title: 'CONFIG', cell: (task) => `${task.configId.slice(0, 7)}${task.onWantedConfig ? '' : ' (old)'}` },
    { title: 'TASK', cell: (task) => task.id, wide: true },
    { title: 'LAST', cell: (task) => task.lastMessage ?? '' },
  ];
}

/** One task with its timeline. */
export function describeTask(task: TaskView): string {
  const lines = [
    `${task.id}`,
    `${task.job}/${task.instance}  ${task.status} on ${task.host ?? 'no host yet'}${task.container === null ? '' : `, container ${task.container}`}`,
    `failures ${task.failures}${task.ancestor === null ? '' : `, replaces ${task.ancestor}`}`,
    ...task.events.map(
      (event) => `  ${event.at}  ${event.status}${event.message === null ? '' : `: ${event.message}`}`,
    ),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}
