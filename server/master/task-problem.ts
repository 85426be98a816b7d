import { textOf } from '../../shared/mesos/wire/to-text.ts';
import type { TaskId } from '../../shared/ids.ts';
import { type Bundle, add, bundleOf, contains } from '../../shared/mesos/bundle.ts';
import { describeBundle } from '../../shared/mesos/bundle-format.ts';
import type { ExecutorInfo, MesosResource, TaskInfo } from '../../shared/mesos/v1.ts';
import { sameJson } from '../../shared/same-json.ts';
import { containerProblem, sharesCgroups } from './container-problem.ts';
import type { MasterAgent, MasterFramework } from './entities.ts';
import { idProblem } from './id-problem.ts';
import { resourcesProblem } from './resources-problem.ts';
import { executorKey } from './world.ts';

const LIMITABLE = new Set(['cpus', 'mem']);

/** Where a task wants to run: what is left of the accepted offers there, and for whom. */
export interface Place {
  readonly framework: MasterFramework;
  readonly agent: MasterAgent;
  readonly role: string;
  readonly left: Bundle;
}

/** Mesos's validation of a task of a LAUNCH, in its words: a sentence for TASK_ERROR with REASON_TASK_INVALID, or null. */
export function taskProblem(place: Place, task: TaskInfo): string | null {
  const problem = oneTaskProblem(place, task);
  if (problem !== null) return problem;
  if ((task.command === undefined) === (task.executor === undefined))
    return 'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present';
  const executor = task.executor;
  if (executor) {
    const wrong = executorProblem(place, executor);
    if (wrong !== null) return wrong;
    if (executor.type === 'DEFAULT') return "'DEFAULT' executor must not be used for LAUNCH";
    if (!executor.command) return "'ExecutorInfo.command' must be set for 'CUSTOM' executor";
  }
  const all = [...task.resources, ...newExecutorResources(place, executor)];
  return lackOf(place, all, 'required by task and its executor is more than available');
}

/** … and of a LAUNCH_GROUP: one problem is every task's. */
export function groupProblem(
  place: Place,
  executor: ExecutorInfo,
  tasks: readonly TaskInfo[],
): string | null {
  if (tasks.length === 0) return 'Task group must not be empty';
  if (executor.type === undefined) return "'ExecutorInfo.type' must be set";
  if (executor.framework_id === undefined) return "'ExecutorInfo.framework_id' must be set";
  const wrong = executorProblem(place, executor);
  if (wrong !== null) return wrong;
  if (executor.type === 'DEFAULT' && executor.command)
    return "'ExecutorInfo.command' must not be set for 'DEFAULT' executor";
  const seen = new Set<string>();
  for (const task of tasks) {
    const problem = oneTaskProblem(place, task);
    const id = task.task_id.value;
    if (problem !== null) return `Task '${id}' is invalid: ${problem}`;
    if (seen.has(id)) return `Task '${id}' is invalid: Task has duplicate ID: ${id}`;
    seen.add(id);
    if (task.container?.type === 'DOCKER')
      return `Task '${id}' is invalid: Docker ContainerInfo is not supported on the task`;
    if (task.limits && Object.keys(task.limits).length > 0 && sharesCgroups(task.container))
      return `Task '${id}' is invalid: limits are for tasks of a group whose 'linux_info.share_cgroups' is false`;
    if (task.executor && task.executor.executor_id.value !== executor.executor_id.value)
      return `Task '${id}' is invalid: its executor is not the group's`;
  }
  const all = [...tasks.flatMap((task) => task.resources), ...newExecutorResources(place, executor)];
  return lackOf(place, all, 'required by task group and its executor are more than available');
}

/** Of an executor that does not run on the agent yet. */
export function newExecutorResources(
  { framework, agent }: Place,
  executor: ExecutorInfo | undefined,
): readonly MesosResource[] {
  if (!executor || agent.executors.has(executorKey(framework.id, executor.executor_id.value))) return [];
  return executor.resources ?? [];
}

function oneTaskProblem({ framework, agent }: Place, task: TaskInfo): string | null {
  const id = task.task_id.value;
  const problem = idProblem(id);
  if (problem !== null) return problem;
  if (framework.tasks.has(id as TaskId)) return `Task has duplicate ID: ${id}`;
  if (task.agent_id.value !== agent.id)
    return `Task uses invalid agent ${task.agent_id.value} while agent ${agent.id} is expected`;
  if ((task.kill_policy?.grace_period?.nanoseconds ?? 0) < 0)
    return "Task's 'kill_policy.grace_period' must be non-negative";
  if ((task.max_completion_time?.nanoseconds ?? 0) < 0)
    return "Task's 'max_completion_time' must be non-negative";
  if (task.resources.length === 0) return 'Task uses no resources';
  const wrong = resourcesProblem(task.resources) ?? limitsProblem(task);
  if (wrong !== null) return wrong;
  const container = containerProblem(task.container);
  return container === null ? null : `Task's \`ContainerInfo\` is invalid: ${container}`;
}

function executorProblem({ framework, agent, role }: Place, executor: ExecutorInfo): string | null {
  const id = executor.executor_id.value;
  const problem = idProblem(id);
  if (problem !== null) return `Executor ID is invalid: ${problem}`;
  if (executor.framework_id && executor.framework_id.value !== framework.id)
    return `ExecutorInfo has an invalid FrameworkID (Actual: ${executor.framework_id.value} vs Expected: ${framework.id})`;
  const running = agent.executors.get(executorKey(framework.id, id))?.info;
  if (running && !sameJson(comparable(running), comparable(executor)))
    return unlikeSentence(running, {
      ...executor,
      framework_id: { value: framework.id },
      resources: (executor.resources ?? []).map((each) => ({ allocation_info: { role }, ...each })),
    });
  return resourcesProblem(executor.resources ?? []);
}

/** Mesos shows both, as they are with what the master fills in. */
function unlikeSentence(running: ExecutorInfo, asked: ExecutorInfo): string {
  const rule = '-'.repeat(60);
  const shown = (info: ExecutorInfo): string => textOf('mesos.v1.ExecutorInfo', info);
  return `ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID.\n${rule}\nExisting ExecutorInfo:\n${shown(running)}\n${rule}\nExecutorInfo:\n${shown(asked)}\n${rule}\n`;
}

/** What the master fills in is no difference. */
function comparable({ framework_id: _framework, resources = [], ...info }: ExecutorInfo): object {
  return { ...info, resources: resources.map(({ allocation_info: _allocation, ...rest }) => rest) };
}

function limitsProblem({ limits, resources }: TaskInfo): string | null {
  for (const [name, { value }] of Object.entries(limits ?? {})) {
    if (!LIMITABLE.has(name)) return `Task has a limit of ${name}; only cpus and mem can be limited`;
    const asked = resources.reduce(
      (sum, each) => sum + (each.name === name ? (each.scalar?.value ?? 0) : 0),
      0,
    );
    if (!((value ?? Infinity) >= asked)) return `The limit of ${name} is less than what the task requests`;
  }
  return null;
}

function lackOf({ role, left }: Place, resources: readonly MesosResource[], what: string): string | null {
  const other = resources.find(({ allocation_info }) => (allocation_info?.role ?? role) !== role)
    ?.allocation_info?.role;
  const asked = bundleOf(resources);
  if (asked.length === 0) return 'Task uses no resources';
  if (other === undefined && contains(left, asked) && !isOverlapping(resources)) return null;
  return `Total resources ${describeBundle(asked, other ?? role)} ${what} ${describeBundle(left, role)}`;
}

/** The same port twice in one request. */
function isOverlapping(resources: readonly MesosResource[]): boolean {
  const ports = resources.filter(({ ranges }) => ranges !== undefined);
  if (ports.length < 2) return false;
  const size = (bundle: Bundle): number =>
    bundle.reduce(
      (sum, { ranges }) => sum + ranges.reduce((count, [begin, end]) => count + end - begin + 1, 0),
      0,
    );
  const each = ports.map((resource) => bundleOf([resource]));
  return size(each.reduce(add)) < each.reduce((sum, bundle) => sum + size(bundle), 0);
}
