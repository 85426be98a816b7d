import type { JobView, TaskView } from '../../../shared/api/views.ts';
import { cores, megabytes } from '../../output/units.ts';
import { taskTable } from '../columns/tasks.ts';
import type { State } from '../state.ts';
import { currentView } from '../state.ts';
import { cursorIndex, visibleRows } from '../table.ts';
import { fit } from '../text.ts';
import type { Theme } from '../theme.ts';
import { progressBar } from './update.ts';

const TIMELINE_MAX = 6;

/** One line on what the job is; while it is updated, how far that is. */
export function jobSummary({ row, config, update }: JobView, theme: Theme, width: number): string {
  if (update && row.update) {
    const { done, total } = update;
    return ` ${theme.paint('moving', `${update.status} ${done}/${total}`)} ${progressBar(theme, update, 20)} ${fit(update.waitingFor ?? '', Math.max(0, width - 50), 'left', theme.ellipsis)}`;
  }
  const text = ` ${row.kind} · ${row.tier} · ${row.running} of ${row.instances} running · each cpu ${cores(config.cpu)} ram ${megabytes(config.ramMb)} · ${row.health}`;
  return fit(text, width, 'left', theme.ellipsis);
}

/** Below the instances: what happened to the one under the cursor. */
export function jobTail(state: State, job: JobView, theme: Theme, width: number, height: number): string[] {
  if (height < 14) return [];
  const spec = taskTable(theme, state.nowMs);
  const view = currentView(state);
  const rows = visibleRows(spec, job.active, view);
  const task: TaskView | undefined = rows[cursorIndex(spec, rows, view)];
  const lines = task
    ? timeline(task, width, Math.min(TIMELINE_MAX, Math.floor(height / 3)), theme)
    : lastEnded(job, width, theme);
  if (lines.length === 0) return [];
  const { rule } = theme;
  const title = `${rule}${rule} ${task ? `instance ${task.instance}` : 'ended'} `;
  return [theme.paint('accent', fit(title + rule.repeat(width), width, 'left', rule)), ...lines];
}

/** The last events of a task and of the attempts before it are what people ask for first. */
function timeline(task: TaskView, width: number, count: number, theme: Theme): string[] {
  return task.events
    .slice(-count)
    .map((event) =>
      fit(
        ` ${event.at.slice(11, 19)}  ${event.status.padEnd(11)} ${event.message ?? ''}`,
        width,
        'left',
        theme.ellipsis,
      ),
    );
}

function lastEnded(job: JobView, width: number, theme: Theme): string[] {
  return job.ended
    .slice(0, 4)
    .map((task) =>
      fit(
        ` ${task.since.slice(11, 19)}  instance ${task.instance} ${task.status} ${task.lastMessage ?? ''}`,
        width,
        'left',
        theme.ellipsis,
      ),
    );
}
