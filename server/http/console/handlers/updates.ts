import type { Command } from '../../../../shared/command.ts';
import type { JobKey } from '../../../../shared/ids.ts';
import { ACTIVE_UPDATE_STATUSES } from '../../../../shared/update-states.ts';
import type { UpdateRow } from '../../../scheduler/rows.ts';
import type { Handlers } from '../call.ts';
import { keyOf } from '../call.ts';
import type { ConsoleContext } from '../context.ts';
import { findJob, findUpdate } from '../find.ts';
import { run } from '../run-command.ts';
import { updateView } from '../views/update.ts';

const UPDATES_SHOWN = 100;

export function updateHandlers(
  context: ConsoleContext,
): Pick<Handlers, 'update.list' | 'update.status' | 'update.command'> {
  return {
    'update.list': ({ query, access }) => {
      const { job, status, limit } = query as { job?: JobKey; status?: string; limit?: number };
      const world = context.scheduler();
      if (job !== undefined) findJob(world, job);
      const found = [...world.updates.values()]
        .filter(
          (update) =>
            (job === undefined || update.job === job) && hasStatus(update, status) && access.sees(update.job),
        )
        .sort((a, b) => b.createdAtMs - a.createdAtMs);
      return {
        updates: found
          .slice(0, limit ?? UPDATES_SHOWN)
          .map((update) => updateView(world, update, context.now())),
      };
    },
    'update.status': ({ params }) => {
      const world = context.scheduler();
      return updateView(world, findUpdate(world, params['id'] ?? ''), context.now());
    },
    'update.command': (call) =>
      run(
        context,
        { kind: 'update.command', key: keyOf(call), ...(call.body as object) } as Command,
        call.actor,
      ),
  };
}

function hasStatus(update: UpdateRow, status: string | undefined): boolean {
  if (status === undefined || status === 'ALL') return true;
  if (status === 'ACTIVE') return ACTIVE_UPDATE_STATUSES.has(update.status);
  return update.status === status;
}
