import type { TaskId } from '../../../shared/ids.ts';
import { ACTIVE_UPDATE_STATUSES } from '../../../shared/update-states.ts';
import { TERMINAL_STATUSES } from '../../../shared/task-states.ts';
import type { TaskRow } from '../rows.ts';
import type { Tx } from '../tx.ts';
import { dropUnusedConfigs } from './configs.ts';

/** Aurora's job_update_history_pruning_interval, used for all history. */
const PRUNE_EVERY_MS = 15 * 60_000;

/** Forgets history beyond its limits: ended tasks by age and by number per job, updates by number per job, jobs that want and have nothing. */
export function prune(tx: Tx): void {
  const { world, env } = tx;
  const gone: TaskId[] = [];
  for (const ids of world.tasksByJob.values()) gone.push(...endedTooLong(tx, ids));
  if (gone.length > 0) tx.write({ w: 'tasks-gone', ids: gone });
  for (const ids of world.updatesByJob.values()) {
    const over = ids.filter((id) => !ACTIVE_UPDATE_STATUSES.has(world.updates.get(id)?.status ?? 'ABORTED'));
    for (const id of over.slice(0, Math.max(0, over.length - env.limits.updateHistoryPerJobMax)))
      tx.write({ w: 'update-gone', id });
  }
  for (const job of world.jobs.values()) {
    // An ad-hoc job whose last task is forgotten has done what it was wanted for; a service is wanted until it is killed.
    const wanted = job.instances > 0 && world.configs.get(job.config)?.isService === true;
    if (wanted || world.tasksByJob.has(job.key)) continue;
    for (const id of world.updatesByJob.get(job.key) ?? []) tx.write({ w: 'update-gone', id });
    tx.write({ w: 'job-gone', key: job.key });
  }
  dropUnusedConfigs(tx);
  schedulePruning(tx, tx.now + PRUNE_EVERY_MS);
}

export function schedulePruning({ world }: Tx, atMs: number): void {
  world.nextPruneAtMs = atMs;
  world.timers.push(atMs, { kind: 'prune' });
}

function endedTooLong({ world, now, env: { limits } }: Tx, ids: ReadonlySet<TaskId>): TaskId[] {
  const ended: { id: TaskId; atMs: number }[] = [];
  for (const id of ids) {
    const task = world.tasks.get(id);
    if (task && TERMINAL_STATUSES.has(task.status)) ended.push({ id, atMs: lastEventMs(task) });
  }
  ended.sort((a, b) => a.atMs - b.atMs);
  const over = ended.length - limits.taskHistoryPerJobMax;
  return ended
    .filter(
      ({ atMs }, rank) =>
        now - atMs >= limits.taskHistoryMs || (rank < over && now - atMs >= limits.taskHistoryMinMs),
    )
    .map(({ id }) => id);
}

function lastEventMs(task: TaskRow): number {
  return task.events.at(-1)?.atMs ?? task.createdAtMs;
}
