import type { Actor, Command, CommandDone } from '../../../shared/command.ts';
import type { Result } from '../../../shared/errors.ts';
import { ok, refuse } from '../../../shared/errors.ts';
import type { ConfigId, TaskId, UpdateId } from '../../../shared/ids.ts';
import { instancesIn, toRanges } from '../../../shared/ids.ts';
import { ASSIGNED_STATUSES } from '../../../shared/task-states.ts';
import { noSuchJob, refuseWhileUpdating } from '../job/find.ts';
import type { ConfigGroup } from '../rows.ts';
import { moveTask } from '../task/move.ts';
import type { Tx } from '../tx.ts';
import type { World } from '../world.ts';
import { aliveTasks } from './diff.ts';

type Restart = Extract<Command, { kind: 'job.restart' }>;

/**
 * Restarts instances one group after the other, by the job's update settings: an update that wants the same config anew, so that it survives whoever asked
 * for it. With `now`, all at once (Aurora's restartShards).
 */
export function restartJob(tx: Tx, { key, only, now, message }: Restart, actor: Actor): Result<CommandDone> {
  const { world } = tx;
  const job = world.jobs.get(key);
  const active = aliveTasks(world, key);
  if (!job || active.size === 0) return noSuchJob(key);
  const updating = refuseWhileUpdating(world, key);
  if (updating) return updating;
  const wanted = only ? [...instancesIn(only)] : [...active.keys()];
  if (wanted.some((instance) => !active.has(instance))) {
    return refuse(
      'invalid_parameter',
      'Not all requested shards are active.',
      `see which are with \`dawn job status ${key}\``,
    );
  }
  if (now === true)
    return restartNow(
      tx,
      key,
      wanted.map((instance) => active.get(instance)!),
      actor,
    );
  if (world.configs.get(job.config)?.isService !== true) {
    return refuse(
      'invalid_parameter',
      `job ${key} is no service; only services restart one after the other`,
      'add --now to restart its tasks at once',
    );
  }
  const id = tx.env.random.stream('update-id').uuid() as UpdateId;
  tx.write({
    w: 'update',
    row: {
      id,
      job: key,
      kind: 'restart',
      user: actor.user,
      message: message ?? null,
      createdAtMs: tx.now,
      // There is nothing to go back to.
      settings: { ...job.update, rollbackOnFailure: false },
      initial: groups(
        world,
        wanted.map((instance) => [instance, active.get(instance)!]),
      ),
      desired: null,
      previousJob: null,
      status: 'ROLLING_FORWARD',
    },
  });
  return ok({
    action: 'update-started',
    key,
    update: id,
    affected: wanted.length,
    message: `restarting ${wanted.length} instances, update ${id}`,
  });
}

function restartNow(tx: Tx, key: Restart['key'], ids: readonly TaskId[], actor: Actor): Result<CommandDone> {
  const restarted = ids.filter((id) => {
    const status = tx.world.tasks.get(id)?.status;
    // What waits for a host starts anew anyway.
    return (
      status !== undefined &&
      ASSIGNED_STATUSES.has(status) &&
      moveTask(tx, id, 'RESTARTING', { message: `Restarted by ${actor.user}` }).kind === 'moved'
    );
  });
  return ok({
    action: 'restarted',
    key,
    affected: restarted.length,
    message: `restarting ${restarted.length} instances at once`,
  });
}

function groups(world: World, tasks: readonly (readonly [instance: number, id: TaskId])[]): ConfigGroup[] {
  const byConfig = new Map<ConfigId, number[]>();
  for (const [instance, id] of tasks) {
    const config = world.tasks.get(id)!.config;
    byConfig.set(config, [...(byConfig.get(config) ?? []), instance]);
  }
  return [...byConfig].map(([config, instances]) => ({ config, ranges: toRanges(instances) }));
}
