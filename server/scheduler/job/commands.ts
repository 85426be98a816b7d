import type { Actor, Command, CommandDone } from '../../../shared/command.ts';
import type { Result } from '../../../shared/errors.ts';
import { never } from '../../../shared/errors.ts';
import type { Tx } from '../tx.ts';
import { commandUpdate } from '../update/commands.ts';
import { restartJob } from '../update/restart.ts';
import { submitJob } from '../update/submit.ts';
import { killJob } from './kill.ts';
import { scaleJob } from './scale.ts';

/** An operator's command: done, or refused with a reason. A refused command has written nothing. */
export function handleCommand(tx: Tx, command: Command, actor: Actor): Result<CommandDone> {
  switch (command.kind) {
    case 'job.submit':
      return submitJob(tx, command, actor);
    case 'job.scale':
      return scaleJob(tx, command, actor);
    case 'job.kill':
      return killJob(tx, command, actor);
    case 'job.restart':
      return restartJob(tx, command, actor);
    case 'update.command':
      return commandUpdate(tx, command, actor);
    default:
      return never(command);
  }
}
