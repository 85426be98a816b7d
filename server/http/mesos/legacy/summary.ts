import type { TaskState } from '../../../../shared/mesos/v1.ts';
import type { MasterTask } from '../../../master/entities.ts';
import type { MasterWorld } from '../../../master/world.ts';
import { usedByAll } from '../operator/holdings.ts';
import { isListed, isUnreachable } from '../operator/listed.ts';
import { agentModel } from './agent.ts';
import { frameworkModel } from './framework.ts';
import type { Value } from '../../../libprocess/json.ts';

const COUNTED: readonly TaskState[] = [
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
  'TASK_FINISHED',
  'TASK_KILLED',
  'TASK_FAILED',
  'TASK_LOST',
  'TASK_ERROR',
  'TASK_UNREACHABLE',
];

/** Tasks by state, and with whom they are. */
class Tally {
  readonly others = new Set<string>();
  private readonly counts = new Map<TaskState, number>();

  add(state: TaskState, other: string): void {
    this.counts.set(state, (this.counts.get(state) ?? 0) + 1);
    this.others.add(other);
  }

  model(): Readonly<Record<string, number>> {
    return Object.fromEntries(COUNTED.map((state) => [state, this.counts.get(state) ?? 0]));
  }
}

/** `/state-summary`: without tasks, but how many there are in each state. Frameworks that are over are not counted. */
export function stateSummary(world: MasterWorld, hostname: string, cluster: string | undefined): Value {
  const [agents, frameworks] = tally(world);
  const used = usedByAll(world);
  const of = (tallies: ReadonlyMap<string, Tally>, id: string): Tally => tallies.get(id) ?? new Tally();
  return {
    hostname,
    cluster,
    slaves: [...world.agents.values()].filter(isListed).map((agent) => {
      const counts = of(agents, agent.id);
      return { ...agentModel(world, agent), ...counts.model(), framework_ids: [...counts.others] };
    }),
    frameworks: [...world.frameworks.values()].map((framework) => {
      const counts = of(frameworks, framework.id);
      const { summary } = frameworkModel(world, framework, [], used);
      return { ...summary, ...counts.model(), slave_ids: [...counts.others] };
    }),
  };
}

function tally(world: MasterWorld): [agents: Map<string, Tally>, frameworks: Map<string, Tally>] {
  const [agents, frameworks] = [new Map<string, Tally>(), new Map<string, Tally>()];
  const count = (task: MasterTask): void => {
    const state = isUnreachable(world, task) ? 'TASK_UNREACHABLE' : task.state;
    at(agents, task.agent).add(state, task.framework);
    at(frameworks, task.framework).add(state, task.agent);
  };
  for (const { id, tasks } of world.frameworks.values()) {
    for (const task of tasks.values()) count(task);
    for (const task of world.completed.tasks.get(id) ?? []) count(task);
  }
  return [agents, frameworks];
}

function at(tallies: Map<string, Tally>, id: string): Tally {
  let tally = tallies.get(id);
  if (!tally) tallies.set(id, (tally = new Tally()));
  return tally;
}
