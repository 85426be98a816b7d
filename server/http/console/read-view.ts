import type { WatchData, WatchView } from '../../../shared/api/watch.ts';
import { DawnError } from '../../../shared/errors.ts';
import type { JobKey } from '../../../shared/ids.ts';
import type { ConsoleAccess } from './access.ts';
import type { ConsoleContext } from './context.ts';
import { findJob, findTask, findUpdate } from './find.ts';
import type { JobRows } from './job-rows.ts';
import { jobView } from './views/job.ts';
import { taskView } from './views/task.ts';
import { updateView } from './views/update.ts';

const ENDED_SHOWN = 20;

/** All of a view as it is now. @throws DawnError not_found */
export function readView(
  context: ConsoleContext,
  rows: JobRows,
  view: WatchView,
  access: ConsoleAccess,
): WatchData {
  const world = context.scheduler();
  switch (view.view) {
    case 'jobs':
      return { view: 'jobs', put: rows.all().filter(({ key }) => access.sees(key as JobKey)), remove: [] };
    case 'hosts':
      return { view: 'hosts', put: context.fleet.hosts(), remove: [] };
    case 'job':
      return {
        view: 'job',
        job: jobView(world, findJob(world, need(view.key, 'key')), context.now(), ENDED_SHOWN),
      };
    case 'update':
      return {
        view: 'update',
        update: updateView(world, findUpdate(world, need(view.id, 'id')), context.now()),
      };
    case 'task':
      return { view: 'task', task: taskView(world, findTask(world, need(view.id, 'id'))) };
  }
}

/** The job that a view is about; undefined where it is about no single one. */
export function jobOfData(data: WatchData): JobKey | undefined {
  if (data.view === 'job') return data.job.row.key as JobKey;
  if (data.view === 'update') return data.update.job as JobKey;
  return data.view === 'task' ? (data.task.job as JobKey) : undefined;
}

function need<Text extends string>(value: string | undefined, name: string): Text {
  if (value !== undefined) return value as Text;
  throw new DawnError({ code: 'invalid_parameter', message: `this view needs ${name}`, path: name });
}
