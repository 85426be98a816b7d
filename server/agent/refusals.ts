/** What Mesos's agent does and this one does not (yet): asked for, it is refused by name, never passed over. */
import type { TaskInfo } from '../../shared/mesos/v1.ts';

/** A sentence for TASK_FAILED; null: the task can be run as it is meant. */
export function whyRefused(task: TaskInfo): string | null {
  if (task.executor) return 'this agent runs no executors of frameworks, only commands and containers';
  if (!task.command) return 'there is nothing to run: the task has no command';
  if ((task.command.uris ?? []).length > 0)
    return 'this agent does not fetch URIs; put what the task needs into its image';
  if (task.resources.some(({ disk }) => disk?.persistence !== undefined))
    return 'this agent does not mount persistent volumes';
  if (task.check) return 'this agent performs health checks, but no checks; use health_check';
  if (task.max_completion_time) return 'this agent does not end tasks after a time (max_completion_time)';
  if (task.limits && Object.keys(task.limits).length > 0)
    return 'this agent limits a task to what it requests; leave limits out';
  return null;
}
