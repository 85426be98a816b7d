import type { CommandDoneView } from '../../../../shared/api/results.ts';
import type { PlanView } from '../../../../shared/api/views.ts';
import type { Actor, Command } from '../../../../shared/command.ts';
import { DawnError } from '../../../../shared/errors.ts';
import type { JobKey } from '../../../../shared/ids.ts';
import { nearest } from '../../../../shared/suggest.ts';
import type { JobRow } from '../../../scheduler/rows.ts';
import type { ConsoleContext } from '../context.ts';
import type { Call, Handlers } from '../routes.ts';
import { keyOf } from '../routes.ts';
import { historyView } from '../views/history.ts';
import { jobRowView, jobView } from '../views/job.ts';
import { planView, whyJob } from '../views/why.ts';

const ENDED_SHOWN = 20;
const HISTORY_SHOWN = 200;

type JobOperations = 'job.list' | 'job.submit' | 'job.plan' | 'job.status' | 'job.scale' | 'job.restart' | 'job.kill' | 'job.history' | 'job.why';

export function jobHandlers(context: ConsoleContext): Pick<Handlers, JobOperations> {
  const act = (call: Call, kind: 'job.scale' | 'job.restart' | 'job.kill'): Promise<CommandDoneView> =>
    run(context, { kind, key: keyOf(call), ...(call.body as object) } as Command, call.actor);
  return {
    'job.list': ({ query }) => {
      const wanted = matcher(query as { role?: string; environment?: string; match?: string });
      const world = context.scheduler();
      const jobs = [...world.jobs.values()].filter((job) => wanted(job.key)).map((job) => jobRowView(world, job));
      return { jobs: jobs.sort((a, b) => (a.key < b.key ? -1 : 1)) };
    },
    'job.submit': (call) => {
      const { ifPlan, ...body } = call.body as { ifPlan?: string };
      const command = { kind: 'job.submit', ...body } as Command;
      if (ifPlan !== undefined) refuseIfChanged(context, command, call.actor, ifPlan);
      return run(context, command, call.actor);
    },
    'job.plan': ({ body, actor }) => plan(context, (body as { command: Command }).command, actor),
    'job.status': (call) => {
      const ended = (call.query as { ended?: number }).ended ?? ENDED_SHOWN;
      return jobView(context.scheduler(), findJob(context, keyOf(call)), context.now(), ended);
    },
    'job.scale': (call) => act(call, 'job.scale'),
    'job.restart': (call) => act(call, 'job.restart'),
    'job.kill': (call) => act(call, 'job.kill'),
    'job.history': (call) => historyView(context, findJob(context, keyOf(call)).key, (call.query as { limit?: number }).limit ?? HISTORY_SHOWN),
    'job.why': (call) => whyJob(context.scheduler(), findJob(context, keyOf(call)).key, context.now()),
  };
}

/** Runs a command through the engine; a refusal becomes the error that it is. */
export async function run(context: ConsoleContext, command: Command, actor: Actor): Promise<CommandDoneView> {
  const result = await context.command(command, actor);
  if (!result.ok) throw new DawnError(result.error);
  const { action, key, update, affected, message } = result.value;
  return { action, key, update: update ?? null, affected, message };
}

export function findJob(context: ConsoleContext, key: JobKey): JobRow {
  const { jobs } = context.scheduler();
  const job = jobs.get(key);
  if (job) return job;
  const meant = nearest(key, jobs.keys());
  throw new DawnError({
    code: 'not_found',
    message: `no job ${key}`,
    hint: meant === undefined ? 'list what there is with `dawn job list`' : `did you mean ${meant}?`,
  });
}

function plan(context: ConsoleContext, command: Command, actor: Actor): PlanView {
  return planView(context.plan(command, actor));
}

function refuseIfChanged(context: ConsoleContext, command: Command, actor: Actor, planId: string): void {
  const now = context.plan(command, actor);
  if (now.planId === planId) return;
  throw new DawnError({ code: 'conflict', message: `${now.key} changed since it was planned; nothing was done`, hint: 'look at the plan again' });
}

/** Keys by role, environment, and a glob over the whole key (`*` for any text). */
function matcher({ role, environment, match }: { role?: string; environment?: string; match?: string }): (key: JobKey) => boolean {
  const parts = match?.split('*');
  return (key) => {
    const [keyRole, keyEnvironment] = key.split('/');
    if (role !== undefined && role !== keyRole) return false;
    if (environment !== undefined && environment !== keyEnvironment) return false;
    return parts === undefined || globMatches(key, parts);
  };
}

function globMatches(text: string, parts: readonly string[]): boolean {
  if (parts.length === 1) return text.includes(parts[0] ?? '');
  let at = 0;
  for (const [index, part] of parts.entries()) {
    if (index === 0 && !text.startsWith(part)) return false;
    if (index === parts.length - 1) return text.length - part.length >= at && text.endsWith(part);
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}
