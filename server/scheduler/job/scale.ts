import type { Actor, Command, CommandDone } from '../../../shared/command.ts';
import type { Result } from '../../../shared/errors.ts';
import { ok, refuse } from '../../../shared/errors.ts';
import type { TaskId } from '../../../shared/ids.ts';
import { toRanges } from '../../../shared/ids.ts';
import { createTasks, moveTask } from '../task/move.ts';
import type { Tx } from '../tx.ts';
import { noSuchJob, refuseWhileUpdating } from './find.ts';

type Scale = Extract<Command, { kind: 'job.scale' }>;

/** Sets how many instances a job wants: missing ids from 0 up are created, the highest go first. */
export function scaleJob(tx: Tx, { key, instances, message }: Scale, actor: Actor): Result<CommandDone> {
  const { world, env } = tx;
  const job = world.jobs.get(key);
  if (!job || job.instances === 0) return noSuchJob(key);
  if (!Number.isInteger(instances) || instances < 1 || instances > env.limits.tasksPerJobMax) {
    const hint = instances === 0 ? `to end the job: \`dawn job kill ${key}\`` : undefined;
    return refuse(
      'invalid_parameter',
      `instance count must be between 1 and ${env.limits.tasksPerJobMax} inclusive, not ${instances}`,
      hint,
    );
  }
  const updating = refuseWhileUpdating(world, key);
  if (updating) return updating;
  const active = world.activeByJob.get(key) ?? new Map<number, TaskId>();
  const alive = [...active.keys()]
    .filter((id) => world.tasks.get(active.get(id)!)?.status !== 'KILLING')
    .sort((a, b) => a - b);
  const service = world.configs.get(job.config)?.isService === true;
  if (instances === job.instances && (!service || alive.length === instances)) {
    return ok({ action: 'unchanged', key, affected: 0, message: `it has ${instances} instances already` });
  }
  tx.write({ w: 'job', row: { ...job, instances, changedAtMs: tx.now, changedBy: actor.user } });
  const missing = freeIds(
    service ? 0 : job.instances,
    instances - (service ? alive.length : job.instances),
    active,
  );
  const surplus = (service ? alive.slice(instances) : alive.filter((id) => id >= instances)).reverse();
  createTasks(tx, key, job.config, toRanges(missing));
  for (const id of surplus)
    moveTask(tx, active.get(id)!, 'KILLING', { message: killMessage(actor, message) });
  return ok({
    action: 'scaled',
    key,
    affected: missing.length + surplus.length,
    message: `scaled from ${job.instances} to ${instances} instances`,
  });
}

/** The lowest ids from `from` up that hold no active task; one that is still being killed keeps its id. */
function freeIds(from: number, count: number, active: ReadonlyMap<number, TaskId>): number[] {
  const ids: number[] = [];
  for (let id = from; ids.length < count; id++) if (!active.has(id)) ids.push(id);
  return ids;
}

/** Aurora's message of a kill: who, then why. */
export function killMessage(actor: Actor, message: string | undefined): string {
  return `Killed by ${actor.user}.${message === undefined ? '' : `\n${message}`}`;
}
