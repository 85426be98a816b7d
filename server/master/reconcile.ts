import type { AgentId, TaskId } from '../../shared/ids.ts';
import type { Call, TaskStatus } from '../../shared/mesos/v1.ts';
import { masterUpdate } from './tasks.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterFramework, MasterTask } from './world.ts';

type Asked = Extract<Call, { type: 'RECONCILE' }>['reconcile']['tasks'][number];

/** An empty list asks about everything of the framework's. */
export function reconcile(tx: MasterTx, framework: MasterFramework, tasks: readonly Asked[]): void {
  if (tasks.length > 0) {
    for (const asked of tasks) answer(tx, framework, asked);
    return;
  }
  for (const id of framework.tasks) {
    const task = tx.world.tasks.get(id);
    const agent = task && tx.world.agents.get(task.agent);
    if (task && agent?.state === 'reachable') tx.toFramework(framework, latest(tx, task));
  }
}

/**
 * In Mesos's order: known → its latest state; its agent (or, with no agent named, any) is still waited for after a restart → silence; agent here →
 * gone; agent out of reach → unreachable; else unknown.
 */
function answer(tx: MasterTx, framework: MasterFramework, { task_id, agent_id }: Asked): void {
  const { world } = tx;
  const task = world.tasks.get(task_id.value as TaskId);
  const agent = agent_id && world.agents.get(agent_id.value as AgentId);
  if (task && task.framework === framework.id && world.agents.get(task.agent)?.state === 'reachable') return tx.toFramework(framework, latest(tx, task));
  if (agent ? isAwaited(agent) : !agent_id && [...world.agents.values()].some(isAwaited)) return;
  const say = (state: 'TASK_GONE' | 'TASK_UNREACHABLE' | 'TASK_UNKNOWN', message: string): void => {
    const about = { id: task_id.value as TaskId, ...(agent_id ? { agent: agent_id.value } : {}) };
    tx.toFramework(framework, masterUpdate(tx, framework, about, state, 'REASON_RECONCILIATION', `Reconciliation: ${message}`));
  };
  if (agent?.state === 'unreachable') say('TASK_UNREACHABLE', 'Task is unreachable');
  else if (agent) say('TASK_GONE', 'Task is unknown to the agent');
  else say('TASK_UNKNOWN', 'Task is unknown');
}

/** Of the registry, but not back yet since this master started. */
function isAwaited(agent: MasterAgent): boolean {
  return agent.state === 'reachable' && agent.bootId === '';
}

function latest(tx: MasterTx, task: MasterTask): { type: 'UPDATE'; update: { status: TaskStatus } } {
  const { uuid: _uuid, data: _data, labels: _labels, ...status } = task.status;
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
