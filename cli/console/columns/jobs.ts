import type { JobHealth, JobRowView } from '../../../shared/api/views.ts';
import { age, cores, megabytes } from '../../output/units.ts';
import type { TableSpec } from '../table.ts';
import type { Theme, Token } from '../theme.ts';

/** Worst first; what a person should look at is never below what is fine. */
const RANK: readonly JobHealth[] = [
  'FAILING',
  'DEGRADED',
  'PENDING',
  'ROLLING_BACK',
  'PAUSED',
  'UPDATING',
  'STARTING',
  'HEALTHY',
  'FINISHED',
  'STOPPED',
];
const MEANING: Readonly<Record<JobHealth, Token>> = {
  FAILING: 'bad',
  DEGRADED: 'bad',
  PENDING: 'warn',
  ROLLING_BACK: 'warn',
  PAUSED: 'held',
  UPDATING: 'moving',
  STARTING: 'moving',
  HEALTHY: 'ok',
  FINISHED: 'idle',
  STOPPED: 'idle',
};

export function jobTable(theme: Theme, nowMs: number): TableSpec<JobRowView> {
  return {
    id: (job) => job.key,
    text: (job) => `${job.key} ${job.health} ${job.kind} ${job.tier}`,
    rank: (job) => RANK.indexOf(job.health),
    isProblem: (job) => RANK.indexOf(job.health) < RANK.indexOf('UPDATING'),
    state: (job) => ({ glyph: glyphOf(theme, MEANING[job.health]), token: MEANING[job.health] }),
    columns: [
      { id: 'name', title: 'JOB', width: 24, flexible: true, priority: 0, cell: (job) => job.key },
      { id: 'kind', title: 'KIND', width: 7, priority: 5, cell: (job) => job.kind },
      {
        id: 'run',
        title: 'RUN/WANT',
        width: 9,
        align: 'right',
        priority: 0,
        cell: (job) => `${job.running}/${job.instances}`,
        order: (job) => job.running - job.instances,
      },
      {
        id: 'state',
        title: 'STATE',
        width: 13,
        priority: 0,
        cell: (job) => (job.pending > 0 && job.health === 'PENDING' ? `PENDING ${job.pending}` : job.health),
        token: (job) => (MEANING[job.health] === 'ok' ? undefined : MEANING[job.health]),
        order: (job) => RANK.indexOf(job.health),
      },
      {
        id: 'cpu',
        title: 'CPU',
        width: 6,
        align: 'right',
        priority: 3,
        cell: (job) => cores(job.cpus),
        order: (job) => -job.cpus,
      },
      {
        id: 'ram',
        title: 'RAM',
        width: 6,
        align: 'right',
        priority: 4,
        cell: (job) => megabytes(job.ramMb),
        order: (job) => -job.ramMb,
      },
      {
        id: 'restarts',
        title: 'RESTARTS',
        width: 8,
        align: 'right',
        priority: 2,
        cell: (job) => String(job.restarts),
        order: (job) => -job.restarts,
      },
      {
        id: 'age',
        title: 'AGE',
        width: 5,
        align: 'right',
        priority: 2,
        cell: (job) => age(job.changedAt, nowMs),
        order: (job) => job.changedAt,
      },
      {
        id: 'update',
        title: 'UPDATE',
        width: 12,
        priority: 1,
        cell: (job) => (job.update ? `${job.update.done}/${job.update.total}` : ''),
      },
    ],
  };
}

export function glyphOf(theme: Theme, token: Token): string {
  const { glyphs } = theme;
  const table: Readonly<Partial<Record<Token, string>>> = {
    ok: glyphs.ok,
    moving: glyphs.moving,
    warn: glyphs.warn,
    bad: glyphs.bad,
    idle: glyphs.idle,
    held: glyphs.held,
  };
  return table[token] ?? ' ';
}
