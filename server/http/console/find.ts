/** Rows by what people call them; what is not there is an error that says what might be meant. */
import { DawnError } from '../../../shared/errors.ts';
import type { JobKey, TaskId, UpdateId } from '../../../shared/ids.ts';
import { nearest } from '../../../shared/suggest.ts';
import type { JobRow, TaskRow, UpdateRow } from '../../scheduler/rows.ts';
import type { World } from '../../scheduler/world.ts';

/** Shorter beginnings of an update's id are not looked for. */
const ID_PREFIX_MIN = 4;

export function findJob({ jobs }: World, key: JobKey): JobRow {
  const job = jobs.get(key);
  if (job) return job;
  const meant = nearest(key, jobs.keys());
  throw new DawnError({
    code: 'not_found',
    message: `no job ${key}`,
    hint: meant === undefined ? 'list what there is with `dawn job list`' : `did you mean ${meant}?`,
  });
}

/** By id, or by the beginning of one when only one begins so. */
export function findUpdate({ updates }: World, id: string): UpdateRow {
  const exact = updates.get(id as UpdateId);
  if (exact) return exact;
  const begun =
    id.length >= ID_PREFIX_MIN ? [...updates.values()].filter((update) => update.id.startsWith(id)) : [];
  if (begun.length === 1 && begun[0]) return begun[0];
  const message = begun.length > 1 ? `${begun.length} updates begin with ${id}` : `no update ${id}`;
  throw new DawnError({ code: 'not_found', message, hint: 'list them with `dawn update list`' });
}

export function findTask({ tasks }: World, id: string): TaskRow {
  const task = tasks.get(id as TaskId);
  if (task) return task;
  throw new DawnError({
    code: 'not_found',
    message: `no task ${id}`,
    hint: "list a job's tasks with `dawn job status KEY`; ended ones are kept for two days",
  });
}
