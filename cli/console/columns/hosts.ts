import type { HostView } from '../../../shared/api/views.ts';
import { age, cores, megabytes } from '../../output/units.ts';
import type { TableSpec } from '../table.ts';
import type { Theme, Token } from '../theme.ts';
import { glyphOf } from './jobs.ts';

const TOKENS: Readonly<Record<HostView['state'], Token>> = {
  UP: 'ok',
  DISCONNECTED: 'warn',
  UNREACHABLE: 'bad',
};
const BAR = 6;

export function hostTable(theme: Theme, nowMs: number): TableSpec<HostView> {
  const load = (part: { used: number; total: number }): string =>
    `${bar(theme, part.used, part.total, BAR)} ${percent(part)}`;
  return {
    id: (host) => host.agent,
    text: (host) =>
      `${host.host} ${host.state} ${Object.entries(host.attributes)
        .map(([name, value]) => `${name}:${value}`)
        .join(' ')}`,
    rank: (host) => (host.state === 'UP' ? 1 : 0),
    isProblem: (host) => host.state !== 'UP',
    state: (host) => ({ glyph: glyphOf(theme, TOKENS[host.state]), token: TOKENS[host.state] }),
    columns: [
      { id: 'name', title: 'HOST', width: 16, flexible: true, priority: 0, cell: (host) => host.host },
      {
        id: 'state',
        title: 'STATE',
        width: 12,
        priority: 0,
        cell: (host) => host.state,
        token: (host) => (host.state === 'UP' ? undefined : TOKENS[host.state]),
      },
      {
        id: 'tasks',
        title: 'TASKS',
        width: 5,
        align: 'right',
        priority: 0,
        cell: (host) => String(host.tasks),
        order: (host) => -host.tasks,
      },
      {
        id: 'cpu',
        title: 'CPU',
        width: 12,
        priority: 0,
        cell: (host) => load(host.cpus),
        order: (host) => -host.cpus.used / Math.max(1e-9, host.cpus.total),
      },
      {
        id: 'cores',
        title: 'CORES',
        width: 9,
        align: 'right',
        priority: 4,
        cell: (host) => `${cores(host.cpus.used)}/${cores(host.cpus.total)}`,
      },
      {
        id: 'ram',
        title: 'RAM',
        width: 12,
        priority: 1,
        cell: (host) => load(host.ramMb),
        order: (host) => -host.ramMb.used / Math.max(1e-9, host.ramMb.total),
      },
      {
        id: 'ramMb',
        title: 'RAM USED',
        width: 11,
        align: 'right',
        priority: 4,
        cell: (host) => `${megabytes(host.ramMb.used)}/${megabytes(host.ramMb.total)}`,
      },
      { id: 'runs', title: 'RUNS', width: 9, priority: 3, cell: (host) => host.containerizer ?? '' },
      {
        id: 'attributes',
        title: 'ATTRIBUTES',
        width: 20,
        priority: 2,
        cell: (host) =>
          Object.entries(host.attributes)
            .filter(([name]) => name !== 'host')
            .map(([name, value]) => `${name}:${value}`)
            .join(' '),
      },
      {
        id: 'age',
        title: 'AGE',
        width: 5,
        align: 'right',
        priority: 2,
        cell: (host) => age(host.since, nowMs),
        order: (host) => host.since,
      },
    ],
  };
}

/** `███░░░`: how much of `total` is used. */
export function bar(theme: Theme, used: number, total: number, cells: number): string {
  const full = total > 0 ? Math.round((used / total) * cells) : 0;
  const shown = Math.min(cells, Math.max(used > 0 ? 1 : 0, full));
  return theme.glyphs.full.repeat(shown) + theme.glyphs.empty.repeat(cells - shown);
}

function percent({ used, total }: { used: number; total: number }): string {
  return `${total > 0 ? Math.round((100 * used) / total) : 0}%`.padStart(4);
}
