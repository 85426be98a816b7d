import type { TaskId } from '../../shared/ids.ts';
import type { MesosResource, TaskInfo } from '../../shared/mesos/v1.ts';
import type { Resources } from '../../shared/resources.ts';
import { containsResources, fromMesos, isEmpty } from '../../shared/resources.ts';
import type { MasterAgent, MasterFramework } from './world.ts';

const KNOWN_RESOURCES = new Set(['cpus', 'mem', 'disk', 'gpus', 'ports']);
const PORT_MAX = 65_535;
const ID_LENGTH_MAX = 255;
const BAD_IN_ID = /[/\\\u0000-\u001f\u007f]/;

/**
 * Mesos's validation of a task, as far as our tasks go: a sentence for TASK_ERROR with REASON_TASK_INVALID, or null.
 * @param left what is left of the accepted offers.
 */
export function taskProblem(
  framework: MasterFramework,
  agent: MasterAgent,
  task: TaskInfo,
  left: Resources,
): string | null {
  const id = task.task_id.value;
  if (id === '' || id.length > ID_LENGTH_MAX || BAD_IN_ID.test(id) || id === '.' || id === '..') {
    return `'${id}' is not a valid task id`;
  }
  if (framework.tasks.has(id as TaskId)) return `Task has duplicate ID: ${id}`;
  if (task.agent_id.value !== agent.id) {
    return `Task uses invalid agent ${task.agent_id.value} while agent ${agent.id} is expected`;
  }
  if (!task.command) {
    return 'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present';
  }
  for (const resource of task.resources) {
    const problem = resourceProblem(resource);
    if (problem !== null) return `Task uses invalid resources: ${problem}`;
  }
  const resources = fromMesos(task.resources);
  if (isEmpty(resources)) return 'Task uses no resources';
  const foreign = task.resources.some(
    ({ name, scalar }) => !KNOWN_RESOURCES.has(name) && scalar?.value !== 0,
  );
  if (foreign || !containsResources(left, resources)) {
    return 'Total resources required by task and its executor is more than available';
  }
  return null;
}

/** Mesos keeps three decimals: what rounds to nothing is invalid, a plain zero is just dropped. */
function resourceProblem({ name, scalar, ranges }: MesosResource): string | null {
  if (scalar) {
    const { value } = scalar;
    if (!Number.isFinite(value) || value < 0 || (value > 0 && value < 0.0005)) return `${name}:${value}`;
    if (name === 'gpus' && !Number.isInteger(value)) return 'the gpus resource must be an unsigned integer';
  }
  for (const { begin, end } of ranges?.range ?? []) {
    const whole = Number.isInteger(begin) && Number.isInteger(end);
    if (!whole || begin < 0 || begin > end || end > PORT_MAX) return `${name}:[${begin}-${end}]`;
  }
  return null;
}
