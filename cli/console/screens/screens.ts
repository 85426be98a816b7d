import type { JobRowView } from '../../../shared/api/views.ts';
import { hostTable } from '../columns/hosts.ts';
import { jobTable } from '../columns/jobs.ts';
import { taskTable } from '../columns/tasks.ts';
import type { State } from '../state.ts';
import { currentView } from '../state.ts';
import type { TableSpec } from '../table.ts';
import { cursorIndex, tableLines, visibleRows } from '../table.ts';
import { fit } from '../text.ts';
import type { Theme } from '../theme.ts';
import { helpBody } from './help.ts';
import { jobSummary, jobTail } from './job.ts';
import { logsBody, logsTitle } from './logs.ts';
import { planBody } from './plan.ts';
import { taskBody } from './task.ts';
import { updateBody, updateSummary } from './update.ts';
import { whyBody } from './why.ts';

/** What a screen puts into the frame. */
export interface Screen {
  readonly summary: string;
  readonly title: string;
  readonly right: string;
  readonly body: readonly string[];
  /** `row 3/412`. */
  readonly position: string;
}

/** The screen for where somebody is. Pure: the same state gives the same lines. */
export function screenFor(state: State, theme: Theme, width: number, height: number): Screen {
  const { data } = state;
  const { place } = currentView(state);
  if (state.act) return { ...planBody(state, state.act, theme, width, height), position: '' };
  if (data.gone !== null && place.kind !== 'jobs') return notice(width, `${data.gone}`, 'Esc goes back.');
  switch (place.kind) {
    case 'jobs':
      return table(
        state,
        theme,
        jobTable(theme, state.nowMs),
        data.jobs.values(),
        'Jobs',
        jobsSummary(state, theme),
        width,
        height,
      );
    case 'hosts':
      return table(
        state,
        theme,
        hostTable(theme, state.nowMs),
        data.hosts.values(),
        'Hosts',
        clusterSummary(state),
        width,
        height,
      );
    case 'job': {
      if (!data.job) return loading(width);
      const tail = jobTail(state, data.job, theme, width, height);
      const spec = taskTable(theme, state.nowMs);
      const screen = table(
        state,
        theme,
        spec,
        data.job.active,
        'Instances',
        jobSummary(data.job, theme, width),
        width,
        height - tail.length,
      );
      const body = [...screen.body];
      while (body.length < height - tail.length) body.push('');
      return { ...screen, body: [...body, ...tail] };
    }
    case 'update':
      if (!data.update) return loading(width);
      return {
        summary: updateSummary(data.update, theme, width),
        title: `${data.update.kind} ${data.update.id}`,
        right: data.update.user,
        body: updateBody(state, data.update, theme, width, height),
        position: '',
      };
    case 'task':
      return data.task
        ? {
            summary: '',
            title: data.task.id,
            right: '',
            body: taskBody(data.task, theme, width, height),
            position: '',
          }
        : loading(width);
    case 'logs':
      return {
        ...logsTitle(state, theme, width),
        body: logsBody(state, theme, width, height),
        position: `${data.logs.lines.length} lines`,
      };
    case 'why':
      return data.why
        ? {
            summary: fit(` ${data.why.summary}`, width, 'left', theme.ellipsis),
            title: 'Why',
            right: '',
            body: whyBody(data.why, theme, width, height),
            position: '',
          }
        : loading(width);
    case 'messages':
      return {
        summary: '',
        title: 'Messages',
        right: '',
        body: messageLines(state, theme, width, height),
        position: '',
      };
    case 'help':
      return {
        summary: '',
        title: 'Keys',
        right: '',
        body: helpBody(currentView(state).filter, theme, width, height),
        position: '',
      };
  }
}

function table<Row>(
  state: State,
  theme: Theme,
  spec: TableSpec<Row>,
  all: Iterable<Row>,
  name: string,
  summary: string,
  width: number,
  height: number,
): Screen {
  const view = currentView(state);
  const everything = [...all];
  const rows = visibleRows(spec, everything, view);
  const filter = view.filter === '' ? '' : ` · /${view.filter} of ${everything.length}`;
  const marks = view.marks.size > 0 ? `${view.marks.size} marked` : '';
  const sort = view.sort ? `sort: ${view.sort.column} ${view.sort.down ? 'down' : 'up'}` : '';
  const none =
    everything.length === 0
      ? state.data.loaded
        ? 'Nothing here yet.'
        : 'loading…'
      : `Nothing matches /${view.filter}; Esc clears the filter.`;
  const body = rows.length === 0 ? ['', `  ${none}`] : tableLines(spec, rows, view, width, height, theme);
  return {
    summary,
    title: `${name} · ${rows.length}${filter}`,
    right: [marks, sort].filter((text) => text !== '').join('  '),
    body,
    position: rows.length === 0 ? '' : `row ${cursorIndex(spec, rows, view) + 1}/${rows.length}`,
  };
}

function jobsSummary(state: State, theme: Theme): string {
  const counts = { healthy: 0, updating: 0, pending: 0, bad: 0 };
  for (const job of state.data.jobs.values()) counts[kindOf(job)] += 1;
  const { glyphs } = theme;
  const parts = [
    ` Jobs ${state.data.jobs.size}`,
    theme.paint('ok', `${glyphs.ok} ${counts.healthy} healthy`),
    counts.updating > 0 ? theme.paint('moving', `${glyphs.moving} ${counts.updating} updating`) : '',
    counts.pending > 0 ? theme.paint('warn', `${glyphs.warn} ${counts.pending} pending`) : '',
    counts.bad > 0 ? theme.paint('bad', `${glyphs.bad} ${counts.bad} failing`) : '',
    state.cluster ? `agents ${state.cluster.agents.up}/${state.cluster.agents.total}` : '',
  ];
  return parts.filter((part) => part !== '').join('   ');
}

function kindOf({ health }: JobRowView): 'healthy' | 'updating' | 'pending' | 'bad' {
  if (health === 'FAILING' || health === 'DEGRADED') return 'bad';
  if (health === 'PENDING' || health === 'STARTING') return 'pending';
  return health === 'UPDATING' || health === 'ROLLING_BACK' || health === 'PAUSED' ? 'updating' : 'healthy';
}

function clusterSummary({ cluster }: State): string {
  if (!cluster) return '';
  return ` agents ${cluster.agents.up}/${cluster.agents.total}   cpu ${cluster.cpus.used} of ${cluster.cpus.total} cores   ram ${cluster.ramMb.used} of ${cluster.ramMb.total} MB   ${cluster.store}`;
}

function messageLines({ messages }: State, theme: Theme, width: number, height: number): string[] {
  if (messages.length === 0) return ['', '  No messages.'];
  return messages.slice(-height).map(({ atMs, text, bad }) => {
    const line = fit(
      ` ${new Date(atMs).toISOString().slice(11, 19)}  ${text}`,
      width,
      'left',
      theme.ellipsis,
    );
    return bad ? theme.paint('bad', line) : line;
  });
}

function loading(width: number): Screen {
  return notice(width, 'loading…', '');
}

function notice(width: number, text: string, hint: string): Screen {
  return {
    summary: '',
    title: '',
    right: '',
    body: ['', fit(`  ${text}`, width), fit(`  ${hint}`, width)],
    position: '',
  };
}
