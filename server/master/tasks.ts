import type { FrameworkId, TaskId } from '../../shared/ids.ts';
import type { AgentEvent, AgentTask } from '../../shared/mesos/agent.ts';
import { TERMINAL_TASK_STATES, type TaskStatus } from '../../shared/mesos/v1.ts';
import { completeTask } from './completed.ts';
import { learntStatuses, noteStatus, relearnStatus } from './history.ts';
import { giveBack, holdingOf } from './ledger.ts';
import { type Told, masterUpdate } from './master-update.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterTask } from './entities.ts';
import type { MasterWorld } from './world.ts';
import { findTask, isUncheckpointed, tasksOf } from './world.ts';

/** A task belongs to its agent and its framework from now on. */
export function addTask(world: MasterWorld, agent: MasterAgent, task: MasterTask): void {
  tasksOf(world, task.framework).set(task.id, task);
  agent.tasks.add(task);
}

/** Forgets a task that ended and whose end was acknowledged; operators are shown it for a while. */
export function forgetTask(world: MasterWorld, task: MasterTask): void {
  release(world, task);
  completeTask(world, task);
  world.agents.get(task.agent)?.tasks.delete(task);
  const tasks = world.tasks.get(task.framework);
  if (tasks?.get(task.id) === task) tasks.delete(task.id);
  if (tasks?.size === 0 && !world.frameworks.has(task.framework)) world.tasks.delete(task.framework);
}

interface Return {
  /** It had been unreachable. */
  readonly returned: boolean;
  /** It was not here since the master started. */
  readonly isNew: boolean;
}

/** What an agent says it runs is what runs there: tasks are relearnt, and those it does not know any more are gone. The agent is outside of the pool meanwhile. */
export function learnTasks(
  tx: MasterTx,
  agent: MasterAgent,
  reported: readonly AgentTask[],
  { returned, isNew }: Return,
): void {
  const { world } = tx;
  const known = new Set(agent.tasks);
  const held = new Set(reported.map((each) => learnTask(tx, agent, each, isNew)));
  for (const task of held) {
    if (returned || !known.has(task))
      tx.toOperators({ type: 'TASK_ADDED', task, state: task.state, statuses: task.statuses });
  }
  for (const task of agent.tasks) {
    if (held.has(task)) continue;
    // Launched while it was away, or lost with its state: the framework is told, and reconciles.
    const framework = world.frameworks.get(task.framework);
    if (!TERMINAL_TASK_STATES.has(task.status.state)) {
      const about = {
        state: 'TASK_DROPPED',
        reason: 'REASON_AGENT_RESTARTED',
        message: 'the agent does not know this task',
      } as const;
      const update = masterUpdate(tx, framework, task, about);
      noteStatus(tx, task, update.update.status);
      tx.toFramework(framework, update);
    }
    forgetTask(world, task);
  }
}

function learnTask(
  tx: MasterTx,
  agent: MasterAgent,
  { framework_id, task: info, status }: AgentTask,
  isNew: boolean,
): MasterTask {
  const { world } = tx;
  const id = info.task_id.value as TaskId;
  const framework = framework_id.value as FrameworkId;
  const terminal = TERMINAL_TASK_STATES.has(status.state);
  let task = findTask(world, framework, id);
  if (task && task.agent !== agent.id) {
    // The latest report wins: an id runs in one place, and an agent is where it says it is.
    forgetTask(world, task);
    task = undefined;
  }
  const isUnknown = !task;
  if (task) {
    task.status = status;
    // The agent sends what is not acknowledged again by itself.
    task.inFlight = null;
    task.released = terminal;
    relearnStatus(task, status);
  } else {
    task = {
      id,
      ...holdingOf(framework, info.resources),
      agent: agent.id,
      info,
      status,
      inFlight: null,
      kill: null,
      released: terminal,
      number: (world.nextTask += 1),
      state: status.state,
      statuses: learntStatuses([], status),
    };
    addTask(world, agent, task);
  }
  // Asked while the agent was away; and what is left of a framework that has ended, or was told that it is lost, ends.
  const isLost = isUnknown && !isNew && isUncheckpointed(world, framework);
  const ends = isLost || world.goneFrameworks.has(framework);
  const kill = task.kill ?? (ends ? { framework_id, task_id: info.task_id } : null);
  task.kill = kill;
  if (kill && !terminal) tx.toAgent(agent, { type: 'KILL_TASK', kill_task: kill });
  return task;
}

/** Asks the agent to end a task, now or, if it is away, when it comes back. */
export function killTask(
  tx: MasterTx,
  task: MasterTask,
  asked: Extract<AgentEvent, { type: 'KILL_TASK' }>['kill_task'],
): void {
  const kill = { ...asked, asked_at_ms: tx.now };
  task.kill = kill;
  const agent = tx.world.agents.get(task.agent);
  if (agent) tx.toAgent(agent, { type: 'KILL_TASK', kill_task: kill });
}

/** Tells frameworks of tasks whose agent is out of reach, or has left. */
export function loseTasks(tx: MasterTx, tasks: Iterable<MasterTask>, told: Told): void {
  for (const task of tasks) {
    if (TERMINAL_TASK_STATES.has(task.status.state)) continue;
    const framework = tx.world.frameworks.get(task.framework);
    const update = masterUpdate(tx, framework, task, told);
    noteStatus(tx, task, update.update.status);
    tx.toFramework(framework, update);
  }
}

/** An agent came back: frameworks hear of each of its tasks again. */
export function tellReturned(tx: MasterTx, agent: MasterAgent, message: string): void {
  for (const task of agent.tasks) {
    if (TERMINAL_TASK_STATES.has(task.status.state)) continue;
    // Lost, its framework was told, and is being killed.
    if (task.kill && isUncheckpointed(tx.world, task.framework)) continue;
    const framework = tx.world.frameworks.get(task.framework);
    if (framework?.connection == null) continue;
    const status = withoutUuid(task.status);
    // The executor of a command is none that its framework knows.
    if (task.info.executor) status.executor_id = task.info.executor.executor_id;
    else delete status.executor_id;
    status.agent_id = { value: agent.id };
    status.source = 'SOURCE_MASTER';
    status.reason = 'REASON_AGENT_REREGISTERED';
    status.message = message;
    tx.toFramework(framework, { type: 'UPDATE', update: { status } });
  }
}

/** Field by field: leaving one out with `...` takes ten times as long, and a quarter of the time when all agents come back to a new master. */
function withoutUuid(status: TaskStatus): { -readonly [Field in keyof TaskStatus]: TaskStatus[Field] } {
  const copy: Record<string, unknown> = {};
  for (const field in status) if (field !== 'uuid') copy[field] = status[field as keyof TaskStatus];
  return copy as unknown as TaskStatus;
}

/** A terminal state gives the resources back; counted once. */
export function release(world: MasterWorld, task: MasterTask): void {
  if (task.released) return;
  task.released = true;
  const agent = world.agents.get(task.agent);
  if (agent) giveBack(world, agent, task);
}
