import type { Actor, Command, CommandDone } from '../../../shared/command.ts';
import type { Result } from '../../../shared/errors.ts';
import { ok } from '../../../shared/errors.ts';
import { instancesIn } from '../../../shared/ids.ts';
import { moveTask } from '../task/move.ts';
import type { Tx } from '../tx.ts';
import { noSuchJob, refuseWhileUpdating } from './find.ts';
import { killMessage } from './scale.ts';

type Kill = Extract<Command, { kind: 'job.kill' }>;

/** Ends instances, or the whole job. Killing what does not run is no error: `No tasks to kill.` (Aurora). */
export function killJob(tx: Tx, { key, only, message }: Kill, actor: Actor): Result<CommandDone> {
  const { world } = tx;
  const job = world.jobs.get(key);
  if (!job) return noSuchJob(key);
  const updating = refuseWhileUpdating(world, key);
  if (updating) return updating;
  const active = world.activeByJob.get(key) ?? new Map();
  const wanted = only ? new Set(instancesIn(only)) : null;
  const victims = [...active]
    .filter(([instance]) => wanted === null || wanted.has(instance))
    .map(([, id]) => id);
  if (victims.length === 0 && (wanted !== null || job.instances === 0)) {
    return ok({ action: 'unchanged', key, affected: 0, message: 'No tasks to kill.' });
  }
  // What is on its way out already is not left, whoever sent it there.
  const left = [...active].filter(
    ([instance, id]) => wanted?.has(instance) !== true && world.tasks.get(id)?.status !== 'KILLING',
  );
  const instances = wanted === null ? 0 : left.length;
  tx.write({ w: 'job', row: { ...job, instances, changedAtMs: tx.now, changedBy: actor.user } });
  for (const id of victims) moveTask(tx, id, 'KILLING', { message: killMessage(actor, message) });
  const what = wanted === null ? 'the job' : `${victims.length} of ${active.size} instances`;
  return ok({ action: 'killed', key, affected: victims.length, message: `killing ${what}` });
}
