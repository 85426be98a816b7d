import type { JobKey } from '../../../../shared/ids.ts';
import type { TaskRow } from '../../../scheduler/rows.ts';
import type { World } from '../../../scheduler/world.ts';
import type { Handlers } from '../call.ts';
import type { ConsoleContext } from '../context.ts';
import { findJob, findTask } from '../find.ts';
import { taskView } from '../views/task.ts';
import { whyJob } from '../views/why.ts';

const TASKS_SHOWN = 1000;

export function taskHandlers(
  context: ConsoleContext,
): Pick<Handlers, 'task.list' | 'task.status' | 'task.why' | 'task.files'> {
  return {
    'task.list': ({ query, access }) => {
      const { job, host, status, limit } = query as {
        job?: JobKey;
        host?: string;
        status?: string;
        limit?: number;
      };
      const world = context.scheduler();
      const found: TaskRow[] = [];
      for (const task of tasksOf(world, job)) {
        if (host !== undefined && task.host !== host) continue;
        if (status !== undefined && task.status !== status) continue;
        if (!access.sees(task.job)) continue;
        if (found.push(task) >= (limit ?? TASKS_SHOWN)) break;
      }
      return { tasks: found.map((task) => taskView(world, task)) };
    },
    'task.status': ({ params }) => {
      const world = context.scheduler();
      return taskView(world, findTask(world, params['id'] ?? ''));
    },
    'task.why': async ({ params }) => {
      await context.fleet.refresh();
      const world = context.scheduler();
      const task = findTask(world, params['id'] ?? '');
      const isIt = (other: TaskRow): boolean => other.id === task.id;
      return { ...whyJob(world, task.job, context.now(), context.fleet.agents(), isIt), key: task.id };
    },
    'task.files': ({ params, query, signal }) => {
      const task = findTask(context.scheduler(), params['id'] ?? '');
      const { path } = query as { path: string };
      return context.fleet.files(task, path, signal);
    },
  };
}

function* tasksOf(world: World, key: JobKey | undefined): Generator<TaskRow> {
  if (key === undefined) return yield* world.tasks.values();
  const { key: known } = findJob(world, key);
  for (const id of world.tasksByJob.get(known) ?? []) {
    const task = world.tasks.get(id);
    if (task) yield task;
  }
}
