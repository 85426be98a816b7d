import type { AgentId, TaskId } from '../../shared/ids.ts';
import type { Call } from '../../shared/mesos/scheduler.ts';
import type { TaskStatus } from '../../shared/mesos/v1.ts';
import { masterUpdate, type Told } from './master-update.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterFramework, MasterTask } from './entities.ts';

type Asked = NonNullable<Extract<Call, { type: 'RECONCILE' }>['reconcile']['tasks']>[number];

/** An empty list asks about everything of the framework's that is not out of reach. */
export function reconcile(tx: MasterTx, framework: MasterFramework, tasks: readonly Asked[]): void {
  const { agents } = tx.world;
  if (tasks.length === 0) {
    for (const task of framework.tasks.values()) {
      if (agents.get(task.agent)?.state === 'reachable') tx.toFramework(framework, latest(tx, task));
    }
    return;
  }
  const anyAwaited = tasks.some(({ agent_id }) => !agent_id) && [...agents.values()].some(isAwaited);
  for (const asked of tasks) answer(tx, framework, asked, anyAwaited);
}

/**
 * In Mesos's order: known → its latest state; its agent (or, with no agent named, any) is still waited for after a restart → silence;
 * agent here → gone; agent out of reach → unreachable; else unknown. Where no agent is named the one that we know of counts.
 */
function answer(
  tx: MasterTx,
  framework: MasterFramework,
  { task_id, agent_id }: Asked,
  anyAwaited: boolean,
): void {
  const { agents } = tx.world;
  const task = framework.tasks.get(task_id.value as TaskId);
  if (task && agents.get(task.agent)?.state === 'reachable')
    return tx.toFramework(framework, latest(tx, task));
  const agentId = agent_id?.value ?? task?.agent;
  const agent = agents.get(agentId as AgentId);
  if (agent ? isAwaited(agent) : agentId === undefined && anyAwaited) return;
  const about = { id: task_id.value, ...(agentId === undefined ? {} : { agent: agentId }) };
  const { message, ...what } = verdict(agent, tx.world.goneAgents.has(agentId as AgentId));
  const told = { ...what, reason: 'REASON_RECONCILIATION', message: `Reconciliation: ${message}` };
  tx.toFramework(framework, masterUpdate(tx, framework, about, told));
}

function verdict(agent: MasterAgent | undefined, gone: boolean): Pick<Told, 'state' | 'message' | 'sinceMs'> {
  if (gone) return { state: 'TASK_GONE_BY_OPERATOR', message: 'Task is gone' };
  if (!agent) return { state: 'TASK_UNKNOWN', message: 'Task is unknown' };
  if (agent.state === 'reachable') return { state: 'TASK_GONE', message: 'Task is unknown to the agent' };
  return { state: 'TASK_UNREACHABLE', message: 'Task is unreachable', sinceMs: agent.sinceMs };
}

/** Of the registry, but not back yet since this master started. */
function isAwaited(agent: MasterAgent): boolean {
  return agent.state === 'reachable' && agent.bootId === '';
}

function latest(tx: MasterTx, task: MasterTask): { type: 'UPDATE'; update: { status: TaskStatus } } {
  // The executor of a command task is the agent's own, of which the master does not know.
  const { uuid: _uuid, data: _data, labels: _labels, executor_id: _executor, ...status } = task.status;
  return {
    type: 'UPDATE',
    update: {
      status: {
        ...status,
        agent_id: { value: task.agent },
        source: 'SOURCE_MASTER',
        reason: 'REASON_RECONCILIATION',
        message: 'Reconciliation: Latest task state',
        timestamp: tx.now / 1000,
      },
    },
  };
}
