import type { TaskView } from '../../../shared/api/views.ts';
import type { TaskStatus } from '../../../shared/task-states.ts';
import { age } from '../../output/units.ts';
import type { TableSpec } from '../table.ts';
import type { Theme, Token } from '../theme.ts';
import { glyphOf } from './jobs.ts';

export const TASK_TOKENS: Readonly<Record<TaskStatus, Token>> = {
  THROTTLED: 'bad',
  PENDING: 'warn',
  ASSIGNED: 'moving',
  STARTING: 'moving',
  RUNNING: 'ok',
  PREEMPTING: 'held',
  RESTARTING: 'moving',
  DRAINING: 'held',
  PARTITIONED: 'warn',
  KILLING: 'moving',
  FINISHED: 'idle',
  FAILED: 'bad',
  KILLED: 'idle',
  LOST: 'bad',
};

const RANK: readonly Token[] = ['bad', 'warn', 'held', 'moving', 'ok', 'idle'];

export function taskTable(theme: Theme, nowMs: number): TableSpec<TaskView> {
  return {
    id: (task) => String(task.instance),
    text: (task) => `${task.instance} ${task.status} ${task.host ?? ''} ${task.lastMessage ?? ''}`,
    // Instances keep their order: people know them by number.
    rank: (task) => task.instance,
    isProblem: (task) => TASK_TOKENS[task.status] === 'bad' || TASK_TOKENS[task.status] === 'warn',
    state: (task) => ({ glyph: glyphOf(theme, TASK_TOKENS[task.status]), token: TASK_TOKENS[task.status] }),
    columns: [
      {
        id: 'name',
        title: '#',
        width: 4,
        align: 'right',
        priority: 0,
        cell: (task) => String(task.instance),
        order: (task) => task.instance,
      },
      {
        id: 'state',
        title: 'STATUS',
        width: 11,
        priority: 0,
        cell: (task) => task.status,
        token: (task) => (task.status === 'RUNNING' ? undefined : TASK_TOKENS[task.status]),
        order: (task) => RANK.indexOf(TASK_TOKENS[task.status]),
      },
      { id: 'host', title: 'HOST', width: 16, priority: 0, cell: (task) => task.host ?? '—' },
      {
        id: 'age',
        title: 'SINCE',
        width: 6,
        align: 'right',
        priority: 0,
        cell: (task) => age(task.since, nowMs),
        order: (task) => task.since,
      },
      {
        id: 'restarts',
        title: 'FAILED',
        width: 6,
        align: 'right',
        priority: 2,
        cell: (task) => String(task.failures),
        order: (task) => -task.failures,
      },
      {
        id: 'config',
        title: 'CONFIG',
        width: 8,
        priority: 2,
        cell: (task) =>
          task.onWantedConfig ? task.configId.slice(0, 7) : `${task.configId.slice(0, 6)} old`,
        token: (task) => (task.onWantedConfig ? 'dim' : 'warn'),
      },
      {
        id: 'ports',
        title: 'PORTS',
        width: 14,
        priority: 3,
        cell: (task) =>
          Object.entries(task.ports)
            .map(([name, port]) => `${name}:${port}`)
            .join(' '),
      },
      {
        id: 'last',
        title: 'LAST EVENT',
        width: 16,
        flexible: true,
        priority: 1,
        cell: (task) => task.lastMessage ?? '',
      },
    ],
  };
}
