import type { JobRowView, TaskView } from '../../shared/api/views.ts';
import { hostTable } from './columns/hosts.ts';
import { jobTable } from './columns/jobs.ts';
import { taskTable } from './columns/tasks.ts';
import type { State } from './state.ts';
import { currentView } from './state.ts';
import type { TableSpec } from './table.ts';
import { cursorIndex, visibleRows } from './table.ts';
import { makeTheme } from './theme.ts';

/** Looks do not matter for what is selected. */
const ANY_THEME = makeTheme({ colour: false, ascii: true });

/** The rows of the table that is shown, reduced to what moving and choosing needs. */
export interface Rows {
  readonly ids: readonly string[];
  readonly cursor: number;
  readonly problems: readonly boolean[];
}

export function rowsOf(state: State): Rows | null {
  const { place } = currentView(state);
  if (place.kind === 'jobs')
    return reduced(state, jobTable(ANY_THEME, state.nowMs), state.data.jobs.values());
  if (place.kind === 'hosts')
    return reduced(state, hostTable(ANY_THEME, state.nowMs), state.data.hosts.values());
  if (place.kind === 'job')
    return reduced(state, taskTable(ANY_THEME, state.nowMs), state.data.job?.active ?? []);
  return null;
}

function reduced<Row>(state: State, spec: TableSpec<Row>, all: Iterable<Row>): Rows {
  const view = currentView(state);
  const rows = visibleRows(spec, all, view);
  return {
    ids: rows.map((row) => spec.id(row)),
    cursor: cursorIndex(spec, rows, view),
    problems: rows.map((row) => spec.isProblem(row)),
  };
}

/** The job that is meant: the one under the cursor, or the one whose screen this is. */
export function selectedJob(state: State): string | null {
  const { place } = currentView(state);
  if (place.kind === 'job' || place.kind === 'why' || place.kind === 'logs') return place.key;
  if (place.kind === 'update') return state.data.update?.job ?? null;
  if (place.kind === 'task') return state.data.task?.job ?? null;
  const rows = place.kind === 'jobs' ? rowsOf(state) : null;
  return rows?.ids[rows.cursor] ?? null;
}

export function selectedJobRow(state: State): JobRowView | null {
  const key = selectedJob(state);
  return key === null
    ? null
    : (state.data.jobs.get(key) ?? (state.data.job?.row.key === key ? state.data.job.row : null));
}

/** The instance under the cursor of a job's screen. */
export function selectedTask(state: State): TaskView | null {
  if (currentView(state).place.kind !== 'job') return null;
  const rows = rowsOf(state);
  const id = rows?.ids[rows.cursor];
  return state.data.job?.active.find((task) => String(task.instance) === id) ?? null;
}

/** Marked instances of a job's screen, ascending. */
export function markedInstances(state: State): number[] {
  const view = currentView(state);
  if (view.place.kind !== 'job') return [];
  return [...view.marks].map(Number).sort((a, b) => a - b);
}
