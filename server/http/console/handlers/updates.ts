import type { Command } from '../../../../shared/command.ts';
import { DawnError } from '../../../../shared/errors.ts';
import type { JobKey, UpdateId } from '../../../../shared/ids.ts';
import { ACTIVE_UPDATE_STATUSES } from '../../../../shared/update-states.ts';
import type { UpdateRow } from '../../../scheduler/rows.ts';
import type { ConsoleContext } from '../context.ts';
import type { Handlers } from '../routes.ts';
import { keyOf } from '../routes.ts';
import { updateView } from '../views/update.ts';
import { findJob, run } from './jobs.ts';

const UPDATES_SHOWN = 100;

export function updateHandlers(context: ConsoleContext): Pick<Handlers, 'update.list' | 'update.status' | 'update.command'> {
  return {
    'update.list': ({ query }) => {
      const { job, status, limit } = query as { job?: JobKey; status?: string; limit?: number };
      const world = context.scheduler();
      if (job !== undefined) findJob(context, job);
      const found = [...world.updates.values()]
        .filter((update) => (job === undefined || update.job === job) && hasStatus(update, status))
        .sort((a, b) => b.createdAtMs - a.createdAtMs);
      return { updates: found.slice(0, limit ?? UPDATES_SHOWN).map((update) => updateView(world, update, context.now())) };
    },
    'update.status': ({ params }) => updateView(context.scheduler(), findUpdate(context, params['id'] ?? ''), context.now()),
    'update.command': (call) => run(context, { kind: 'update.command', key: keyOf(call), ...(call.body as object) } as Command, call.actor),
  };
}

/** By id, or by the beginning of one when only one begins so. */
export function findUpdate(context: ConsoleContext, id: string): UpdateRow {
  const { updates } = context.scheduler();
  const exact = updates.get(id as UpdateId);
  if (exact) return exact;
  const begun = id.length >= 4 ? [...updates.values()].filter((update) => update.id.startsWith(id)) : [];
  if (begun.length === 1 && begun[0]) return begun[0];
  throw new DawnError({ code: 'not_found', message: begun.length > 1 ? `${begun.length} updates begin with ${id}` : `no update ${id}`, hint: 'list them with `dawn update list`' });
}

function hasStatus(update: UpdateRow, status: string | undefined): boolean {
  if (status === undefined || status === 'all') return true;
  if (status === 'active') return ACTIVE_UPDATE_STATUSES.has(update.status);
  return update.status === status.toUpperCase();
}
