import type { CommandDoneView } from '../../../shared/api/results.ts';
import type { Actor, Command } from '../../../shared/command.ts';
import { DawnError } from '../../../shared/errors.ts';
import type { ConsoleContext } from './context.ts';

/** Runs a command through the engine; a refusal becomes the error that it is. */
export async function run(context: ConsoleContext, command: Command, actor: Actor): Promise<CommandDoneView> {
  const result = await context.command(command, actor);
  if (!result.ok) throw new DawnError(result.error);
  const { action, key, update, affected, message } = result.value;
  return { action, key, update: update ?? null, affected, message };
}

/** The command, unless the world that its plan looked at has changed since. */
export async function runIfPlanned(
  context: ConsoleContext,
  command: Command,
  actor: Actor,
  planId: string,
): Promise<CommandDoneView> {
  const now = context.plan(command, actor);
  if (now.planId === planId) return run(context, command, actor);
  throw new DawnError({
    code: 'conflict',
    message: `${now.key} changed since it was planned; nothing was done`,
    hint: 'look at the plan again',
  });
}
