import type { FrameworkId, TaskId } from '../../shared/ids.ts';
import type { AgentTask } from '../../shared/mesos/agent.ts';
import type { TaskStatus } from '../../shared/mesos/v1.ts';
import { TERMINAL_TASK_STATES } from '../../shared/mesos/v1.ts';
import { addResources, fromMesos, subtractResources } from '../../shared/resources.ts';
import { recomputeFree } from './offers.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterFramework, MasterTask, MasterWorld } from './world.ts';

/** A task belongs to its agent and its framework from now on. */
export function addTask(world: MasterWorld, agent: MasterAgent, task: MasterTask): void {
  world.tasks.set(task.id, task);
  agent.tasks.set(task.id, task);
  world.frameworks.get(task.framework)?.tasks.add(task.id);
}

/** Forgets a task that ended and whose end was acknowledged. */
export function forgetTask(world: MasterWorld, task: MasterTask): void {
  world.tasks.delete(task.id);
  world.agents.get(task.agent)?.tasks.delete(task.id);
  world.frameworks.get(task.framework)?.tasks.delete(task.id);
}

/** What an agent says it runs is what runs there: tasks are relearnt, and those it does not know any more are gone. */
export function learnTasks(tx: MasterTx, agent: MasterAgent, reported: readonly AgentTask[]): void {
  const { world } = tx;
  const ids = new Set(reported.map(({ task }) => task.task_id.value as TaskId));
  for (const { framework_id, task, status } of reported) {
    const id = task.task_id.value as TaskId;
    const terminal = TERMINAL_TASK_STATES.has(status.state);
    const known = world.tasks.get(id);
    if (known && known.agent === agent.id) {
      known.status = status;
      known.released = terminal;
      continue;
    }
    addTask(world, agent, {
      id,
      framework: framework_id.value as FrameworkId,
      agent: agent.id,
      info: task,
      resources: fromMesos(task.resources),
      status,
      released: terminal,
    });
  }
  for (const task of agent.tasks.values()) {
    if (ids.has(task.id)) continue;
    // Launched while it was away, or lost with its state: the framework is told, and reconciles.
    const framework = world.frameworks.get(task.framework);
    if (!TERMINAL_TASK_STATES.has(task.status.state)) {
      tx.toFramework(framework, masterUpdate(tx, framework, task, 'TASK_DROPPED', 'REASON_AGENT_RESTARTED', 'the agent does not know this task'));
    }
    forgetTask(world, task);
  }
  recomputeFree(agent, world);
}

/** Tasks of an agent that is out of reach: TASK_UNREACHABLE to those who understand it, TASK_LOST to others. */
export function loseTasks(tx: MasterTx, agent: MasterAgent, message: string): void {
  for (const task of agent.tasks.values()) {
    if (TERMINAL_TASK_STATES.has(task.status.state)) continue;
    const framework = tx.world.frameworks.get(task.framework);
    tx.toFramework(framework, masterUpdate(tx, framework, task, 'TASK_UNREACHABLE', 'REASON_AGENT_REMOVED', message));
  }
}

/** An agent came back: frameworks hear of each of its tasks again. */
export function tellReturned(tx: MasterTx, agent: MasterAgent): void {
  for (const task of agent.tasks.values()) {
    if (TERMINAL_TASK_STATES.has(task.status.state)) continue;
    const { uuid: _uuid, ...status } = task.status;
    tx.toFramework(tx.world.frameworks.get(task.framework), {
      type: 'UPDATE',
      update: { status: { ...status, source: 'SOURCE_MASTER', reason: 'REASON_AGENT_REREGISTERED', message: 'Agent re-registered' } },
    });
  }
}

/** A terminal state gives the resources back; counted once. */
export function release(world: MasterWorld, task: MasterTask): void {
  if (task.released) return;
  task.released = true;
  const agent = world.agents.get(task.agent);
  if (!agent) return;
  agent.free = addResources(agent.free, task.resources);
  world.dirtyAgents.add(agent.id);
}

/** Takes a task's resources out of an agent's free ones. */
export function occupy(agent: MasterAgent, task: MasterTask): void {
  agent.free = subtractResources(agent.free, task.resources);
}

type Lossy = 'TASK_UNREACHABLE' | 'TASK_DROPPED' | 'TASK_GONE' | 'TASK_UNKNOWN';

/** An update that the master makes itself: no uuid, so it is neither acknowledged nor repeated. */
export function masterUpdate(
  tx: MasterTx,
  framework: MasterFramework | undefined,
  task: { readonly id: TaskId; readonly agent?: string },
  state: Lossy,
  reason: string,
  message: string,
): { type: 'UPDATE'; update: { status: TaskStatus } } {
  const status: TaskStatus = {
    task_id: { value: task.id },
    state: isPartitionAware(framework) ? state : 'TASK_LOST',
    source: 'SOURCE_MASTER',
    reason,
    message,
    timestamp: tx.now / 1000,
    ...(task.agent === undefined ? {} : { agent_id: { value: task.agent } }),
    ...(state === 'TASK_UNREACHABLE' ? { unreachable_time: { nanoseconds: tx.now * 1e6 } } : {}),
  };
  return { type: 'UPDATE', update: { status } };
}

export function isPartitionAware(framework: MasterFramework | undefined): boolean {
  return framework?.info.capabilities?.some(({ type }) => type === 'PARTITION_AWARE') ?? false;
}
