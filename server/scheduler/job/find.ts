import { refuse } from '../../../shared/errors.ts';
import type { JobKey } from '../../../shared/ids.ts';
import type { World } from '../world.ts';

/** A job that has nothing left to act on is as good as unknown. */
export function noSuchJob(key: JobKey): ReturnType<typeof refuse> {
  return refuse('not_found', `no job ${key}`, 'list what there is with `dawn job list`');
}

/** A job is changed by one thing at a time (Aurora's JOB_UPDATING_ERROR). Null: no update stands in the way. */
export function refuseWhileUpdating(world: World, key: JobKey): ReturnType<typeof refuse> | null {
  const id = world.activeUpdateByJob.get(key);
  if (id === undefined) return null;
  const status = world.updates.get(id)?.status ?? '';
  return refuse(
    'job_updating',
    `job ${key} is being updated (update ${id}, ${status})`,
    `wait with \`dawn update wait ${key}\`, or end it with \`dawn update rollback ${key}\` or \`dawn update abort ${key}\``,
  );
}
