/** What is over and still shown to operators: the latest tasks of each framework, and the latest frameworks. Not durable, as in Mesos. */
import type { FrameworkId } from '../../shared/ids.ts';
import type { FrameworkInfo } from '../../shared/mesos/v1.ts';
import { TERMINAL_TASK_STATES } from '../../shared/mesos/v1.ts';
import type { MasterFramework, MasterTask } from './entities.ts';
import type { MasterWorld } from './world.ts';

/** max_completed_tasks_per_framework */
export const COMPLETED_TASKS_MAX = 1000;
/** max_completed_frameworks */
export const COMPLETED_FRAMEWORKS_MAX = 50;

export interface CompletedFramework {
  readonly id: FrameworkId;
  readonly info: FrameworkInfo;
  readonly registeredAtMs: number | null;
  readonly reregisteredAtMs: number | null;
  readonly unregisteredAtMs: number;
  /** Oldest first. */
  readonly tasks: readonly MasterTask[];
}

export interface Completed {
  /** Of frameworks that are not over themselves; oldest first. */
  readonly tasks: Map<FrameworkId, MasterTask[]>;
  /** Oldest first. */
  readonly frameworks: CompletedFramework[];
}

/** A task that ended is shown for a while. Those of a framework that is over were written down with it. */
export function completeTask(world: MasterWorld, task: MasterTask): void {
  if (!TERMINAL_TASK_STATES.has(task.state) || world.goneFrameworks.has(task.framework)) return;
  let tasks = world.completed.tasks.get(task.framework);
  if (!tasks) world.completed.tasks.set(task.framework, (tasks = []));
  tasks.push(task);
  if (tasks.length > COMPLETED_TASKS_MAX) tasks.shift();
}

/** A framework is over; `killed` are the tasks that end with it, as they are to be shown. */
export function completeFramework(
  world: MasterWorld,
  { id, info, registeredAtMs, reregisteredAtMs }: MasterFramework,
  unregisteredAtMs: number,
  killed: readonly MasterTask[],
): void {
  const { tasks, frameworks } = world.completed;
  const all = [...(tasks.get(id) ?? []), ...killed].slice(-COMPLETED_TASKS_MAX);
  tasks.delete(id);
  frameworks.push({ id, info, registeredAtMs, reregisteredAtMs, unregisteredAtMs, tasks: all });
  if (frameworks.length > COMPLETED_FRAMEWORKS_MAX) frameworks.shift();
}
