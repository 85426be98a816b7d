/** What Mesos's agent does and this one does not (yet): asked for, it is refused by name, never passed over. */
import type { ExecutorInfo, TaskInfo } from '../../shared/mesos/v1.ts';
import { isWhole } from './check.ts';
import type { MasterLink } from './master-link.ts';
import { type AgentState, taskKey } from './state.ts';
import type { Statuses } from './statuses.ts';

/** A sentence for TASK_FAILED; null: the task can be run as it is meant. @param runsExecutors executors of frameworks */
export function whyRefused(task: TaskInfo, runsExecutors: boolean): string | null {
  if (task.executor) return runsExecutors ? null : 'simulated agents run no executors of frameworks';
  return task.command ? whyCommandRefused(task) : 'there is nothing to run: the task has no command';
}

function whyCommandRefused(task: TaskInfo): string | null {
  if (task.check && !isWhole(task.check))
    return 'its check does not say what is to be looked at: fill in command, http or tcp';
  const image = task.container?.mesos?.image;
  return image ? `Unsupported container image type: ${image.type ?? 'unknown'}` : null;
}

/** The same of a group: all of it is run or nothing. */
export function whyGroupRefused(executor: ExecutorInfo, tasks: readonly TaskInfo[]): string | null {
  if (executor.type === 'CUSTOM')
    return "groups are run by the default executor alone; launch them one by one with the framework's own";
  return tasks.map(whyCommandRefused).find((why) => why !== null) ?? null;
}

/** Tells that a task is not run; what its executor would have had is free again. */
export function refuseTask(
  {
    state,
    link,
    statuses,
  }: { readonly state: AgentState; readonly link: MasterLink; readonly statuses: Statuses },
  framework: string,
  task: TaskInfo,
  message: string,
): void {
  statuses.tell(framework, task.task_id.value, {
    state: 'TASK_FAILED',
    source: 'SOURCE_AGENT',
    reason: 'REASON_CONTAINER_LAUNCH_FAILED',
    message: `Failed to launch container: ${message}`,
  });
  const executor_id = task.executor?.executor_id;
  if (!executor_id || state.agentId === undefined) return;
  if (state.executors.has(taskKey(framework, executor_id.value))) return;
  link.send({
    type: 'EXITED_EXECUTOR',
    agent_id: { value: state.agentId },
    exited_executor: { framework_id: { value: framework }, executor_id, status: 0 },
  });
}
