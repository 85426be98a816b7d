import type { Actor, Command, CommandDone } from '../../../shared/command.ts';
import type { Refusal, Result } from '../../../shared/errors.ts';
import { ok, refuse } from '../../../shared/errors.ts';
import type { ConfigId, UpdateId } from '../../../shared/ids.ts';
import { instancesIn, toRanges } from '../../../shared/ids.ts';
import { configId } from '../../../shared/job/config-id.ts';
import type { Job, UpdateSettings } from '../../../shared/job/config.ts';
import { sameJson } from '../../../shared/same-json.ts';
import { refuseWhileUpdating } from '../job/find.ts';
import type { JobRow } from '../rows.ts';
import { internConfig } from '../task/configs.ts';
import { createTasks } from '../task/move.ts';
import type { Tx } from '../tx.ts';
import type { World } from '../world.ts';
import type { JobDiff } from './diff.ts';
import { aliveTasks, diffJob } from './diff.ts';

type Submit = Extract<Command, { kind: 'job.submit' }>;

/** Aurora's max_update_instance_failures. */
const FAILURES_MAX = 20_000;

/** Creates a job, or starts an update towards it; what is as wanted already stays untouched. */
export function submitJob(tx: Tx, { job, only, message }: Submit, actor: Actor): Result<CommandDone> {
  const { world } = tx;
  const problem = checkJob(job, tx.env.limits.tasksPerJobMax);
  if (problem) return { ok: false, error: problem };
  const updating = refuseWhileUpdating(world, job.key);
  if (updating) return updating;
  const before = world.jobs.get(job.key) ?? null;
  const config = configId(job.task);
  const row: JobRow = {
    key: job.key,
    config,
    instances: job.instances,
    update: job.update,
    createdAtMs: before?.createdAtMs ?? tx.now,
    changedAtMs: tx.now,
    changedBy: actor.user,
  };
  const active = world.activeByJob.has(job.key);
  const adhoc = active ? refuseAdhoc(world, job) : null;
  if (adhoc) return adhoc;
  const diff = diffJob(world, job.key, config, job.instances, only);
  const irrelevant = only ? irrelevantInstances(diff, only) : [];
  if (irrelevant.length > 0) {
    return refuse(
      'invalid_parameter',
      `The update request attempted to update specific instances, but some are irrelevant to the update and current job state: [${irrelevant.join(', ')}]`,
    );
  }
  if (!active) return create(tx, job, { ...row, instances: diff.add.length }, diff);
  if (diff.add.length + diff.change.length + diff.remove.length === 0) return unchanged(tx, before, row);
  const wanted = only && before ? partial(world, before, row, diff) : row;
  return startUpdate(tx, { job, diff, config, before, row: wanted, message }, actor);
}

/** Only services can be updated: a task that ends well must not come back, in either direction. */
function refuseAdhoc(world: World, job: Job): ReturnType<typeof refuse> | null {
  const before = world.jobs.get(job.key);
  const running = before && world.configs.get(before.config)?.isService === false;
  if (job.task.isService && running !== true) return null;
  const what = running ? 'is running and is no service' : 'is a running service and would become none';
  return refuse(
    'invalid_parameter',
    `job ${job.key} ${what}; only services can be updated`,
    `${running ? 'wait until it has finished, or ' : ''}end it with \`dawn job kill ${job.key}\``,
  );
}

function create(tx: Tx, job: Job, row: JobRow, { add }: JobDiff): Result<CommandDone> {
  internConfig(tx, job.task);
  tx.write({ w: 'job', row });
  createTasks(tx, job.key, row.config, toRanges(add));
  return ok({
    action: 'created',
    key: job.key,
    affected: add.length,
    message: `created with ${plural(add.length)}`,
  });
}

/** Nothing to update; what the job file says about updating may still have changed. */
function unchanged(tx: Tx, before: JobRow | null, row: JobRow): Result<CommandDone> {
  const same =
    before &&
    sameJson([before.update, before.config, before.instances], [row.update, row.config, row.instances]);
  if (!same) tx.write({ w: 'job', row });
  return ok({
    action: 'unchanged',
    key: row.key,
    affected: 0,
    message: 'Job is unchanged by proposed update.',
  });
}

interface Start {
  readonly job: Job;
  readonly diff: JobDiff;
  readonly config: ConfigId;
  readonly before: JobRow | null;
  readonly row: JobRow;
  readonly message: string | undefined;
}

function startUpdate(
  tx: Tx,
  { job, diff, config, before, row, message }: Start,
  actor: Actor,
): Result<CommandDone> {
  const id = tx.env.random.stream('update-id').uuid() as UpdateId;
  const wanted = [...diff.add, ...diff.change];
  internConfig(tx, job.task);
  tx.write({ w: 'job', row });
  tx.write({
    w: 'update',
    row: {
      id,
      job: job.key,
      kind: 'update',
      user: actor.user,
      message: message ?? null,
      createdAtMs: tx.now,
      settings: job.update,
      initial: diff.initial,
      desired: wanted.length > 0 ? { config, ranges: toRanges(wanted) } : null,
      previousJob: before,
      status: 'ROLLING_FORWARD',
    },
  });
  const affected = wanted.length + diff.remove.length;
  return ok({
    action: 'update-started',
    key: job.key,
    update: id,
    affected,
    message: `update ${id} started: ${plural(affected)}`,
  });
}

/** An update of some instances does not change what new ones run, only how many there are. */
function partial(world: World, before: JobRow, row: JobRow, { add, remove }: JobDiff): JobRow {
  const alive = aliveTasks(world, row.key).size;
  return {
    ...before,
    instances: alive + add.length - remove.length,
    changedAtMs: row.changedAtMs,
    changedBy: row.changedBy,
  };
}

function irrelevantInstances(diff: JobDiff, only: Submit['only'] & object): number[] {
  const touched = new Set([...diff.add, ...diff.change, ...diff.remove]);
  return [...instancesIn(only)].filter((instance) => !touched.has(instance));
}

function checkJob(job: Job, instancesMax: number): Refusal | null {
  if (!Number.isInteger(job.instances) || job.instances < 1 || job.instances > instancesMax) {
    return {
      code: 'invalid_parameter',
      message: `Instance count must be between 1 and ${instancesMax} inclusive.`,
      path: 'instances',
    };
  }
  return checkSettings(job.update, job.instances);
}

function checkSettings(settings: UpdateSettings, instances: number): Refusal | null {
  const bad = (message: string): Refusal => ({ code: 'invalid_parameter', message, path: 'update_config' });
  if (!(settings.strategy.groupSize > 0)) return bad('All update group sizes must be positive.');
  if (settings.maxPerInstanceFailures < 0) return bad('maxPerInstanceFailures must be non-negative.');
  if (settings.maxFailedInstances < 0) return bad('maxFailedInstances must be non-negative.');
  if (settings.watchSecs < 0) return bad('watchSecs must be non-negative.');
  if (settings.maxPerInstanceFailures * instances > FAILURES_MAX)
    return bad('Your update allows too many failures to occur.');
  return null;
}

function plural(instances: number): string {
  return `${instances} ${instances === 1 ? 'instance' : 'instances'}`;
}
