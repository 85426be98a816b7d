import type { Command as CliCommand } from 'commander';
import { requestOf } from '../../shared/api/command-route.ts';
import type { CommandDoneView } from '../../shared/api/results.ts';
import type { PlanView } from '../../shared/api/views.ts';
import type { Command } from '../../shared/command.ts';
import { DawnError } from '../../shared/errors.ts';
import { commandLine } from '../command-line.ts';
import type { Context } from '../command-line/context.ts';
import { withSuggestion } from '../command-line/context.ts';
import type { Format } from '../command-line/output.ts';
import { formatOf, outputOptions, printData } from '../command-line/output.ts';
import { describePlan } from '../output/describe-plan.ts';
import { waitForOutcome } from './wait.ts';

interface ActFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly detach?: boolean;
  readonly for: string;
  readonly exitCode?: boolean;
}

/** The options of every command that changes something. */
export function actOptions(command: CliCommand): CliCommand {
  return outputOptions(command)
    .option('-m, --message <text>', 'why; kept in the history')
    .option('-y, --yes', 'do not ask')
    .option('--dry-run', 'show what would happen and stop')
    .option('--wait', 'wait until it is done; exit 4 when it fails')
    .option('--detach', 'return at once (the default)')
    .option('--for <duration>', 'with --wait: give up after this long', '10m');
}

/** Shows the plan, asks where more than one instance is touched, does it, waits when told to. Resolves to the exit code. */
export async function act(context: Context, cli: CliCommand, command: Command): Promise<number> {
  const { client } = context;
  const flags = cli.opts<ActFlags>();
  const format = formatOf(cli);
  const key = command.kind === 'job.submit' ? command.job.key : command.key;
  const plan = await withSuggestion(context, key, client.call('job.plan', { body: { command } }));
  if (plan.refused) throw new DawnError(plan.refused);
  if (flags.dryRun === true) {
    await showPlan(plan, format, context);
    return 0;
  }
  if (plan.action !== 'none') await confirm(plan, command, flags, context);
  const request = requestOf(command);
  const body =
    plan.action === 'none' || request.operation !== 'job.submit'
      ? request.body
      : { ...request.body, ifPlan: plan.planId };
  const done = await client.call(request.operation, { params: request.params, body });
  await showDone(done, format, context);
  return flags.wait === true ? waitForOutcome(context, command, done, flags.for) : 0;
}

/**
 * Weight by blast radius: nothing stops, or one instance, goes ahead; more asks a person, and a script must have said `--yes`.
 */
async function confirm(plan: PlanView, command: Command, flags: ActFlags, { io }: Context): Promise<void> {
  const touched = plan.remove.length + plan.change.length;
  const harmless = touched === 0 && plan.action !== 'create' && plan.action !== 'update';
  if (flags.yes === true) return;
  if (!io.interactive) {
    if (harmless || (touched <= 1 && plan.action !== 'create' && plan.action !== 'update')) return;
    throw new DawnError({
      code: 'needs_confirmation',
      message: `this would ${plan.summary}; nothing was changed`,
      hint: `add --yes, or look first: ${commandLine(command)} --dry-run`,
    });
  }
  io.err(describePlan(plan));
  if (harmless) return;
  const answer = await io.ask(
    `${plan.summary[0]?.toUpperCase() ?? ''}${plan.summary.slice(1)}. Go on? [y/N] `,
  );
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new DawnError({ code: 'command_failed', message: 'not confirmed; nothing was changed' });
}

export async function showPlan(plan: PlanView, format: Format, { io }: Context): Promise<void> {
  if (format === 'json' || format === 'yaml') await printData(format, io, plan);
  else io.out(describePlan(plan));
}

async function showDone(done: CommandDoneView, format: Format, { io }: Context): Promise<void> {
  if (format === 'json' || format === 'yaml') await printData(format, io, done);
  else if (format === 'name') io.out(`${done.update ?? done.key}\n`);
  else io.out(`${done.key}: ${done.message}\n`);
}
