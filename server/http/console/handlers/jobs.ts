import type { CommandDoneView } from '../../../../shared/api/results.ts';
import type { JobKey } from '../../../../shared/ids.ts';
import type { Command } from '../../../../shared/command.ts';
import type { Call, Handlers } from '../call.ts';
import { keyOf } from '../call.ts';
import type { ConsoleContext } from '../context.ts';
import { findJob } from '../find.ts';
import type { JobRows } from '../job-rows.ts';
import { run, runIfPlanned } from '../run-command.ts';
import { historyView } from '../views/history.ts';
import { jobView } from '../views/job.ts';
import { planView, whyJob } from '../views/why.ts';

const ENDED_SHOWN = 20;
const HISTORY_SHOWN = 200;

type JobOperations =
  | 'job.list'
  | 'job.submit'
  | 'job.plan'
  | 'job.status'
  | 'job.scale'
  | 'job.restart'
  | 'job.kill'
  | 'job.history'
  | 'job.why';

export function jobHandlers(context: ConsoleContext, rows: JobRows): Pick<Handlers, JobOperations> {
  const act = (call: Call, kind: 'job.scale' | 'job.restart' | 'job.kill'): Promise<CommandDoneView> =>
    run(context, { kind, key: keyOf(call), ...(call.body as object) } as Command, call.actor);
  return {
    'job.list': ({ query, access }) => {
      const wanted = matcher(query);
      return {
        jobs: rows
          .all()
          .filter(({ key }) => wanted(key) && access.sees(key as JobKey))
          .sort((a, b) => (a.key < b.key ? -1 : 1)),
      };
    },
    'job.submit': ({ body, actor }) => {
      const { ifPlan, ...rest } = body as { ifPlan?: string };
      const command = { kind: 'job.submit', ...rest } as Command;
      return ifPlan === undefined
        ? run(context, command, actor)
        : runIfPlanned(context, command, actor, ifPlan);
    },
    'job.plan': async ({ body, actor }) => {
      await context.fleet.refresh();
      return planView(context.plan((body as { command: Command }).command, actor));
    },
    'job.status': (call) => {
      const ended = (call.query as { ended?: number }).ended ?? ENDED_SHOWN;
      const world = context.scheduler();
      return jobView(world, findJob(world, keyOf(call)), context.now(), ended);
    },
    'job.scale': (call) => act(call, 'job.scale'),
    'job.restart': (call) => act(call, 'job.restart'),
    'job.kill': (call) => act(call, 'job.kill'),
    'job.history': (call) => {
      const limit = (call.query as { limit?: number }).limit ?? HISTORY_SHOWN;
      return historyView(context, findJob(context.scheduler(), keyOf(call)).key, limit);
    },
    'job.why': async (call) => {
      await context.fleet.refresh();
      const world = context.scheduler();
      return whyJob(world, findJob(world, keyOf(call)).key, context.now(), context.fleet.agents());
    },
  };
}

/** Keys by role, environment, and a glob over the whole key (`*` for any text; without one, any key that has the text in it). */
function matcher(query: { role?: string; environment?: string; match?: string }): (key: string) => boolean {
  const { role, environment, match } = query;
  const parts = match?.split('*');
  return (key) => {
    const [keyRole, keyEnvironment] = key.split('/');
    if (role !== undefined && role !== keyRole) return false;
    if (environment !== undefined && environment !== keyEnvironment) return false;
    return parts === undefined || globMatches(key, parts);
  };
}

/** Linear in the text, whatever the pattern: no regular expressions of others. */
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
