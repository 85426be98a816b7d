import type { TaskInfo, TaskStatus } from '../../shared/mesos/v1.ts';
import type { TaskReport } from './containerizer.ts';
import type { MasterLink } from './master-link.ts';
import type { AgentState } from './state.ts';

/** Says something of tasks that are not held here: once, without a uuid, so that it need not be acknowledged. */
export class Refuser {
  private readonly state: AgentState;
  private readonly link: MasterLink;
  private readonly statusOf: (report: TaskReport) => TaskStatus;

  constructor(state: AgentState, link: MasterLink, statusOf: (report: TaskReport) => TaskStatus) {
    this.state = state;
    this.link = link;
    this.statusOf = statusOf;
  }

  tell(framework: string, report: TaskReport): void {
    const { agentId } = this.state;
    if (agentId === undefined) return;
    const { uuid: _uuid, ...status } = this.statusOf(report);
    this.link.send({
      type: 'UPDATE',
      agent_id: { value: agentId },
      update: { framework_id: { value: framework }, status },
    });
  }

  /** The task is not run; what its executor would have had is free again. */
  refuse(framework: string, task: TaskInfo, message: string): void {
    const { agentId } = this.state;
    const taskId = task.task_id.value;
    this.tell(framework, {
      taskId,
      state: 'TASK_FAILED',
      reason: 'REASON_CONTAINER_LAUNCH_FAILED',
      message,
    });
    if (!task.executor || agentId === undefined) return;
    this.link.send({
      type: 'EXITED_EXECUTOR',
      agent_id: { value: agentId },
      exited_executor: {
        framework_id: { value: framework },
        executor_id: task.executor.executor_id,
        status: 0,
      },
    });
  }
}
