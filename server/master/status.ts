import type { TaskId } from '../../shared/ids.ts';
import type { Call, Id, TaskStatus } from '../../shared/mesos/v1.ts';
import { TERMINAL_TASK_STATES } from '../../shared/mesos/v1.ts';
import { reconcile } from './reconcile.ts';
import { forgetTask, release } from './tasks.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterFramework } from './world.ts';

/**
 * A status update of an agent, passed on to its framework; the agent repeats it until it is acknowledged, so one that finds nobody may be dropped. Updates
 * of a framework that is gone are acknowledged here, for nobody else will.
 */
export function forwardStatus(tx: MasterTx, agent: MasterAgent, frameworkId: Id, status: TaskStatus): void {
  const { world } = tx;
  const task = world.tasks.get(status.task_id.value as TaskId);
  if (task && task.agent === agent.id) {
    // Terminal is final: a late or repeated earlier update does not bring a task back.
    if (!TERMINAL_TASK_STATES.has(task.status.state)) task.status = status;
    if (TERMINAL_TASK_STATES.has(status.state)) release(world, task);
  }
  const framework = task && world.frameworks.get(task.framework);
  const gone = world.goneFrameworks.has(frameworkId.value as MasterFramework['id']);
  if (gone) {
    if (status.uuid !== undefined) tx.toAgent(agent, { type: 'ACKNOWLEDGE', acknowledge: { framework_id: frameworkId, task_id: status.task_id, uuid: status.uuid } });
    if (task && TERMINAL_TASK_STATES.has(status.state)) forgetTask(world, task);
    return;
  }
  const receiver = framework ?? world.frameworks.get(frameworkId.value as MasterFramework['id']);
  tx.toFramework(receiver, { type: 'UPDATE', update: { status: { ...status, agent_id: { value: agent.id } } } });
}

/** Passed on to the agent; a task whose terminal update is acknowledged is forgotten. */
export function acknowledge(tx: MasterTx, framework: MasterFramework, call: Extract<Call, { type: 'ACKNOWLEDGE' }>['acknowledge']): void {
  const { world } = tx;
  const agent = world.agents.get(call.agent_id.value as MasterAgent['id']);
  if (agent) {
    tx.toAgent(agent, { type: 'ACKNOWLEDGE', acknowledge: { framework_id: { value: framework.id }, task_id: call.task_id, uuid: call.uuid } });
  }
  const task = world.tasks.get(call.task_id.value as TaskId);
  if (task && task.framework === framework.id && task.released && task.status.uuid === call.uuid) forgetTask(world, task);
}

/** To the task's agent; an unknown task is answered as if it had been asked about. */
export function kill(tx: MasterTx, framework: MasterFramework, call: Extract<Call, { type: 'KILL' }>['kill']): void {
  const task = tx.world.tasks.get(call.task_id.value as TaskId);
  if (!task || task.framework !== framework.id) {
    return reconcile(tx, framework, [{ task_id: call.task_id, ...(call.agent_id ? { agent_id: call.agent_id } : {}) }]);
  }
  if (call.agent_id && call.agent_id.value !== task.agent) return;
  const agent = tx.world.agents.get(task.agent);
  if (!agent) return;
  tx.toAgent(agent, {
    type: 'KILL_TASK',
    kill_task: { framework_id: { value: framework.id }, task_id: call.task_id, ...(call.kill_policy ? { kill_policy: call.kill_policy } : {}) },
  });
}
