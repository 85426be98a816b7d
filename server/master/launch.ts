import type { TaskId } from '../../shared/ids.ts';
import { type Bundle, EMPTY, add, bundleOf } from '../../shared/mesos/bundle.ts';
import type { ExecutorInfo, MesosResource, TaskInfo, TaskStatus } from '../../shared/mesos/v1.ts';
import { addTask } from './tasks.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterFramework, MasterTask } from './entities.ts';
import { executorKey } from './world.ts';

interface Site {
  readonly framework: MasterFramework;
  readonly agent: MasterAgent;
  readonly role: string;
}

/** Sends a task to its agent. @returns what it holds from now on, with its executor if that is new. */
export function launchTask(tx: MasterTx, site: Site, task: TaskInfo): Bundle {
  const { framework, agent, role } = site;
  const executor = task.executor && executorOf(site, task.executor);
  const info: TaskInfo = {
    ...withCheckType(task),
    resources: allocated(task.resources, role),
    ...(executor ? { executor } : {}),
  };
  const held = executor ? addExecutor(site, executor) : EMPTY;
  const resources = addLaunched(tx, site, info);
  tx.toAgent(agent, {
    type: 'RUN_TASK',
    run_task: {
      framework_id: { value: framework.id },
      framework: withId(framework),
      task: info,
      launched_at_ms: tx.now,
    },
  });
  return add(resources, held);
}

/** Sends a task group to its executor, which starts all of it or nothing. @returns what it holds, as above. */
export function launchGroup(
  tx: MasterTx,
  site: Site,
  given: ExecutorInfo,
  tasks: readonly TaskInfo[],
): Bundle {
  const { framework, agent, role } = site;
  const executor = executorOf(site, given);
  let held = addExecutor(site, executor);
  const infos = tasks.map((task) => ({
    ...withCheckType(task),
    resources: allocated(task.resources, role),
    executor,
  }));
  for (const info of infos) held = add(held, addLaunched(tx, site, info));
  tx.toAgent(agent, {
    type: 'RUN_TASK_GROUP',
    run_task_group: {
      framework_id: { value: framework.id },
      framework: withId(framework),
      executor,
      task_group: { tasks: infos },
      launched_at_ms: tx.now,
    },
  });
  return held;
}

function addLaunched(tx: MasterTx, { framework, agent, role }: Site, info: TaskInfo): Bundle {
  const resources = bundleOf(info.resources);
  const status: TaskStatus = {
    task_id: info.task_id,
    state: 'TASK_STAGING',
    agent_id: { value: agent.id },
    timestamp: tx.now / 1000,
  };
  const task: MasterTask = {
    id: info.task_id.value as TaskId,
    framework: framework.id,
    agent: agent.id,
    info,
    role,
    resources,
    status,
    inFlight: null,
    kill: null,
    released: false,
    number: (tx.world.nextTask += 1),
    state: 'TASK_STAGING',
    statuses: [],
  };
  addTask(tx.world, agent, task);
  tx.toOperators({ type: 'TASK_ADDED', task, state: task.state, statuses: task.statuses });
  return resources;
}

/** An executor that is not there yet holds its own resources until it exits. */
function addExecutor({ framework, agent, role }: Site, info: ExecutorInfo): Bundle {
  const key = executorKey(framework.id, info.executor_id.value);
  if (agent.executors.has(key)) return EMPTY;
  const resources = bundleOf(info.resources ?? []);
  const id = info.executor_id.value;
  agent.executors.set(key, { id, framework: framework.id, agent: agent.id, info, role, resources });
  return resources;
}

/** As the agent gets it: whose it is, and for whom its resources are. */
function executorOf({ framework, role }: Site, info: ExecutorInfo): ExecutorInfo {
  return {
    ...info,
    framework_id: { value: framework.id },
    ...(info.resources ? { resources: allocated(info.resources, role) } : {}),
  };
}

/** A health check without a type is of the kind that it has the substance of, as in Mesos. */
function withCheckType(task: TaskInfo): TaskInfo {
  const check = task.health_check;
  if (!check || check.type !== undefined) return task;
  return { ...task, health_check: { ...check, type: check.http ? 'HTTP' : check.tcp ? 'TCP' : 'COMMAND' } };
}

function allocated(resources: readonly MesosResource[], role: string): MesosResource[] {
  return resources.map((resource) => ({ ...resource, allocation_info: { role } }));
}

function withId({ id, info }: MasterFramework): MasterFramework['info'] {
  return { ...info, id: { value: id } };
}
