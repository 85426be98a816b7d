/** What Mesos's agent does and this one does not (yet): asked for, it is refused by name, never passed over. */
import type { TaskInfo } from '../../shared/mesos/v1.ts';

/** A sentence for TASK_FAILED; null: the task can be run as it is meant. */
export function whyRefused(task: TaskInfo): string | null {
  if (task.check) return 'this agent performs health checks, but no checks; use health_check';
  if (task.limits && Object.keys(task.limits).length > 0)
    return 'this agent limits a task to what it requests; leave limits out';
  return null;
}
