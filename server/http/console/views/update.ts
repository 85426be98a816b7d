import type { ConfigChange, UpdateView } from '../../../../shared/api/views.ts';
import { diffConfigs } from '../../../../shared/job/diff.ts';
import type { UpdateRow } from '../../../scheduler/rows.ts';
import { updateProgress } from '../../../scheduler/update/progress.ts';
import type { World } from '../../../scheduler/world.ts';
import { iso } from './times.ts';

export function updateView(world: World, update: UpdateRow, now: number): UpdateView {
  const progress = updateProgress(world, update, now);
  return {
    id: update.id,
    job: update.job,
    kind: update.kind,
    status: update.status,
    user: update.user,
    message: update.message,
    createdAt: iso(update.createdAtMs),
    changedAt: iso(update.changedAtMs),
    settings: update.settings,
    done: progress.done,
    failed: progress.failed,
    total: progress.total,
    instances: progress.instances.map(({ instance, mark, task, step }) => ({
      instance,
      mark,
      status: task?.status ?? null,
      host: task?.host ?? null,
      since: task ? iso(task.events.at(-1)?.atMs ?? task.createdAtMs) : null,
      step,
    })),
    events: update.events.map(({ atMs, status, user, message }) => ({
      at: iso(atMs),
      status,
      user,
      message,
    })),
    instanceEvents: update.instanceEvents.map(({ atMs, ...event }) => ({ at: iso(atMs), ...event })),
    diff: changes(world, update),
    waitingFor: progress.waitingFor,
  };
}

function changes(world: World, update: UpdateRow): ConfigChange[] {
  const before = update.initial
    .map(({ config }) => config)
    .find((config) => config !== update.desired?.config);
  if (before === undefined || !update.desired) return [];
  return diffConfigs(world.configs.get(before) ?? null, world.configs.get(update.desired.config) ?? null);
}
