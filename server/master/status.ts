import type { FrameworkId, TaskId } from '../../shared/ids.ts';
import type { AgentCall } from '../../shared/mesos/agent.ts';
import type { Call } from '../../shared/mesos/scheduler.ts';
import { TERMINAL_TASK_STATES } from '../../shared/mesos/v1.ts';
import { noteStatus } from './history.ts';
import { reconcile } from './reconcile.ts';
import { forgetTask, killTask, release } from './tasks.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterFramework, MasterTask } from './entities.ts';
import { findTask } from './world.ts';

type Update = Extract<AgentCall, { type: 'UPDATE' }>['update'];

/**
 * A status update of an agent, passed on to its framework; the agent repeats it until it is acknowledged, so one that finds nobody may
 * be dropped. Updates of a framework that is gone are acknowledged here, for nobody else will.
 */
export function forwardStatus(
  tx: MasterTx,
  agent: MasterAgent,
  { framework_id, status, latest_state }: Update,
): void {
  const { world } = tx;
  const found = findTask(world, framework_id.value, status.task_id.value);
  const task = found?.agent === agent.id ? found : undefined;
  const terminal = TERMINAL_TASK_STATES.has(status.state);
  if (task) {
    // Terminal is final: a late or repeated earlier update does not bring a task back.
    if (!TERMINAL_TASK_STATES.has(task.status.state)) task.status = status;
    noteStatus(tx, task, { ...status, agent_id: { value: agent.id } }, latest_state);
    if (status.uuid !== undefined) task.inFlight = status;
    // The agent knows of an end that still queues behind unacknowledged updates: the resources are free all the same.
    if (terminal || (latest_state && TERMINAL_TASK_STATES.has(latest_state))) release(world, task);
  }
  const gone = world.goneFrameworks.has(framework_id.value as FrameworkId);
  if (gone && status.uuid !== undefined) {
    const done = { framework_id, task_id: status.task_id, uuid: status.uuid };
    tx.toAgent(agent, { type: 'ACKNOWLEDGE', acknowledge: done });
  }
  // Without a uuid nobody acknowledges, so nothing is left to wait for (Mesos forgets such a task at once).
  if (task && terminal && (gone || status.uuid === undefined)) forgetTask(world, task);
  const framework = world.frameworks.get(framework_id.value as FrameworkId);
  tx.toFramework(framework, {
    type: 'UPDATE',
    update: { status: { ...status, agent_id: { value: agent.id } } },
  });
}

/** Passed on to the agent; a task whose terminal update is acknowledged is forgotten. */
export function acknowledge(
  tx: MasterTx,
  framework: MasterFramework,
  { agent_id, task_id, uuid }: Extract<Call, { type: 'ACKNOWLEDGE' }>['acknowledge'],
): void {
  const agent = tx.world.agents.get(agent_id.value as MasterAgent['id']);
  // An agent that is away says it again when it is back; forgetting the task now would lose track of what it holds.
  if (!agent || agent.connection === null) return;
  const done = { framework_id: { value: framework.id }, task_id, uuid };
  tx.toAgent(agent, { type: 'ACKNOWLEDGE', acknowledge: done });
  const task = framework.tasks.get(task_id.value as TaskId);
  if (task?.agent !== agent.id || task.inFlight?.uuid !== uuid) return;
  if (TERMINAL_TASK_STATES.has(task.inFlight.state)) forgetTask(tx.world, task);
  else task.inFlight = null;
}

/** What a framework that ends has not acknowledged nobody will: its agent would say it once more before it comes to how the task ended. */
export function acknowledgeLeft(tx: MasterTx, { framework, agent: id, inFlight }: MasterTask): void {
  const agent = tx.world.agents.get(id);
  if (!agent || inFlight?.uuid === undefined) return;
  const done = { framework_id: { value: framework }, task_id: inFlight.task_id, uuid: inFlight.uuid };
  tx.toAgent(agent, { type: 'ACKNOWLEDGE', acknowledge: done });
}

/** What the framework has not acknowledged comes again when it subscribes anew: same update, same uuid. */
export function resendStatuses(tx: MasterTx, framework: MasterFramework): void {
  for (const { inFlight, agent } of framework.tasks.values()) {
    if (!inFlight) continue;
    tx.toFramework(framework, {
      type: 'UPDATE',
      update: { status: { ...inFlight, agent_id: { value: agent } } },
    });
  }
}

/** To the task's agent; an unknown or unreachable task is answered as if it had been asked about. */
export function kill(
  tx: MasterTx,
  framework: MasterFramework,
  { task_id, agent_id, kill_policy }: Extract<Call, { type: 'KILL' }>['kill'],
): void {
  const task = framework.tasks.get(task_id.value as TaskId);
  if (!task) return reconcile(tx, framework, [{ task_id, ...(agent_id ? { agent_id } : {}) }]);
  if (agent_id && agent_id.value !== task.agent) return;
  killTask(tx, task, {
    framework_id: { value: framework.id },
    task_id,
    ...(kill_policy ? { kill_policy } : {}),
  });
  if (tx.world.agents.get(task.agent)?.state === 'unreachable') reconcile(tx, framework, [{ task_id }]);
}
