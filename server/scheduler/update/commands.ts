import type { Actor, Command, CommandDone } from '../../../shared/command.ts';
import type { Result } from '../../../shared/errors.ts';
import { ok, refuse } from '../../../shared/errors.ts';
import { afterCommand } from '../../../shared/update-states.ts';
import { noSuchJob } from '../job/find.ts';
import type { Tx } from '../tx.ts';
import { moveUpdate, startRollback } from './status.ts';

type UpdateCommandFact = Extract<Command, { kind: 'update.command' }>;

const DONE = { pause: 'paused', resume: 'resumed', abort: 'aborted', rollback: 'rolling back' } as const;

/** Pause, resume, abort or roll back the active update of a job. */
export function commandUpdate(
  tx: Tx,
  { command, key, update: wanted, message }: UpdateCommandFact,
  actor: Actor,
): Result<CommandDone> {
  const { world } = tx;
  if (!world.jobs.has(key)) return noSuchJob(key);
  const id = world.activeUpdateByJob.get(key);
  const update = id === undefined ? undefined : world.updates.get(id);
  if (!update) {
    const hint =
      command === 'rollback'
        ? 'to go back to an older configuration, submit its job file again'
        : `see \`dawn update list ${key}\``;
    return refuse('not_found', 'No active update found for this job.', hint);
  }
  if (wanted !== undefined && wanted !== update.id) {
    return refuse(
      'conflict',
      `update ${wanted} is not the one that runs; that is ${update.id}`,
      `see \`dawn update status ${key}\``,
    );
  }
  const to = afterCommand(command, update.status);
  if (to === undefined)
    return refuse('command_failed', `cannot ${command} an update that is ${update.status}`);
  const answer = { key, update: update.id, affected: 0 } as const;
  if (to === update.status)
    return ok({ ...answer, action: 'unchanged', message: `update ${update.id} is ${to} already` });
  if (to === 'ROLLING_BACK' && command === 'rollback')
    startRollback(tx, update, { user: actor.user, message });
  else moveUpdate(tx, update, to, { user: actor.user, message });
  return ok({ ...answer, action: 'update-changed', message: `update ${update.id} ${DONE[command]}` });
}
