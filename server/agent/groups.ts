import type { ExecutorInfo, TaskInfo } from '../../shared/mesos/v1.ts';
import type { MasterLink } from './master-link.ts';
import { type AgentState, type HeldTask, taskKey } from './state.ts';
import { isOver } from './statuses.ts';
import type { CommandTasks } from './tasks.ts';

interface GroupParts {
  readonly state: AgentState;
  readonly link: MasterLink;
  readonly tasks: CommandTasks;
  newId(): string;
  /** Of an executor: nothing of it is left. */
  onExited(container: string): void;
}

/**
 * Task groups, as Mesos's default executor runs them: each task in a container of its own, below the executor's; when one of a group fails or is killed, the others of
 * that group are killed; the executor ends with its last task. Here it is a part of the agent, and needs no container.
 */
export class TaskGroups {
  private readonly parts: GroupParts;

  constructor(parts: GroupParts) {
    this.parts = parts;
  }

  run(framework: string, executor: ExecutorInfo, tasks: readonly TaskInfo[], launchedAtMs?: number): void {
    const { state } = this.parts;
    const key = taskKey(framework, executor.executor_id.value);
    if (!state.executors.has(key))
      state.addExecutor({ framework, info: executor, container: this.parts.newId() });
    this.parts.tasks.runGroup(framework, tasks, state.executors.get(key)!.container, launchedAtMs);
  }

  /** A task of a group is over. */
  over(ended: HeldTask): void {
    const { state, tasks } = this.parts;
    const living = [...state.tasks.values()].filter((held) => !isOver(held));
    if (ended.status.state !== 'TASK_FINISHED')
      for (const held of living) if (held.group === ended.group) tasks.kill(held);
    const { framework, task } = ended;
    const id = task.executor?.executor_id.value ?? '';
    const sharesExecutor = (held: HeldTask): boolean =>
      held.framework === framework && held.task.executor?.executor_id.value === id;
    if (!living.some((held) => sharesExecutor(held) && !isOver(held))) this.exited(framework, id);
  }

  shutDown(framework: string, executorId?: string): void {
    for (const held of this.parts.state.tasks.values()) {
      if (held.group === undefined || held.framework !== framework || isOver(held)) continue;
      if (executorId === undefined || held.task.executor?.executor_id.value === executorId)
        this.parts.tasks.kill(held);
    }
  }

  private exited(framework: string, id: string): void {
    const { state, link } = this.parts;
    const key = taskKey(framework, id);
    const executor = state.executors.get(key);
    if (!executor) return;
    state.removeExecutor(key);
    this.parts.onExited(executor.container);
    if (state.agentId === undefined) return;
    link.send({
      type: 'EXITED_EXECUTOR',
      agent_id: { value: state.agentId },
      exited_executor: { framework_id: { value: framework }, executor_id: { value: id }, status: 0 },
    });
  }
}
