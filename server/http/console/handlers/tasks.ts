import { DawnError } from '../../../../shared/errors.ts';
import type { TaskId } from '../../../../shared/ids.ts';
import type { TaskRow } from '../../../scheduler/rows.ts';
import type { ConsoleContext } from '../context.ts';
import { readAgentJson } from '../agent-proxy.ts';
import type { Handlers } from '../routes.ts';
import { taskView } from '../views/task.ts';
import { whyJob } from '../views/why.ts';

const TASKS_SHOWN = 1000;

export function taskHandlers(context: ConsoleContext): Pick<Handlers, 'task.list' | 'task.status' | 'task.why' | 'task.files'> {
  return {
    'task.list': ({ query }) => {
      const { job, host, status, limit } = query as { job?: string; host?: string; status?: string; limit?: number };
      const world = context.scheduler();
      const found: TaskRow[] = [];
      for (const task of world.tasks.values()) {
        if (job !== undefined && task.job !== job) continue;
        if (host !== undefined && task.host !== host) continue;
        if (status !== undefined && task.status !== status.toUpperCase()) continue;
        found.push(task);
        if (found.length === (limit ?? TASKS_SHOWN)) break;
      }
      return { tasks: found.map((task) => taskView(world, task)) };
    },
    'task.status': ({ params }) => taskView(context.scheduler(), findTask(context, params['id'] ?? '')),
    'task.why': ({ params }) => {
      const task = findTask(context, params['id'] ?? '');
      return { ...whyJob(context.scheduler(), task.job, context.now(), (other) => other.id === task.id), key: task.id };
    },
    'task.files': ({ params, query, signal }) => {
      const task = findTask(context, params['id'] ?? '');
      const path = String((query as { path?: string }).path ?? '');
      return readAgentJson(context, task, `files?path=${encodeURIComponent(path)}`, signal);
    },
  };
}

export function findTask(context: ConsoleContext, id: string): TaskRow {
  const task = context.scheduler().tasks.get(id as TaskId);
  if (task) return task;
  throw new DawnError({ code: 'not_found', message: `no task ${id}`, hint: 'list a job\'s tasks with `dawn job status KEY`; ended ones are kept for two days' });
}
