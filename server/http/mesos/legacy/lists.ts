/** The long lists of the endpoints of before the v1 API: text, written anew only where something changed. */
import type { CompletedFramework } from '../../../master/completed.ts';
import type { MasterAgent, MasterExecutor, MasterTask } from '../../../master/entities.ts';
import type { MasterWorld } from '../../../master/world.ts';
import { isListed, outOfReach, recoveredAgents, splitByReach, versionOf } from '../operator/listed.ts';
import { usedByAll } from '../operator/holdings.ts';
import { Segments } from '../operator/segments.ts';
import { agentModel, fullAgentModel, recoveredAgentModel } from './agent.ts';
import { completedFrameworkModel, frameworkModel, type FrameworkModel } from './framework.ts';
import { write, type Value } from '../../../libprocess/json.ts';
import type { Parts } from '../../../libprocess/reply.ts';
import { taskModel } from './task.ts';

export class LegacyLists {
  private readonly world: MasterWorld;
  private readonly tasks = taskSegments();
  private readonly unreachable = taskSegments();
  private readonly completed = taskSegments();
  private readonly agents: Segments<MasterAgent>;
  private readonly fullAgents: Segments<MasterAgent>;
  private readonly over = new WeakMap<CompletedFramework, Parts>();

  constructor(world: MasterWorld) {
    this.world = world;
    this.agents = agentSegments((agent) => agentModel(world, agent));
    this.fullAgents = agentSegments((agent) => fullAgentModel(world, agent));
  }

  /** The members `slaves` and `recovered_slaves`. @param only one agent's id; null: all */
  slaves({ isFull, only }: { isFull: boolean; only: string | null }): Parts {
    const wanted = ({ id }: MasterAgent): boolean => only === null || id === only;
    const listed = [...this.world.agents.values()].filter((agent) => isListed(agent) && wanted(agent));
    const segments = isFull ? this.fullAgents : this.agents;
    // A list of one has nothing to do with the pieces of the whole.
    const list = only === null ? this.world.agents : {};
    const recovered = recoveredAgents(this.world).filter(wanted).map(recoveredAgentModel);
    return [
      Buffer.from('"slaves":['),
      ...segments.chunks(list, listed),
      Buffer.from(`],"recovered_slaves":${write(recovered)}`),
    ];
  }

  /** The members `frameworks` and `completed_frameworks`. @param only one framework's id; null: all */
  frameworks(only: string | null): Parts {
    const wanted = ({ id }: { readonly id: string }): boolean => only === null || id === only;
    const lost = outOfReach(this.world);
    const executors = this.executors();
    const used = usedByAll(this.world);
    const here = [...this.world.frameworks.values()].filter(wanted).map((framework) => {
      const model = frameworkModel(this.world, framework, executors.get(framework.id) ?? [], used);
      const [tasks, away] = splitByReach(lost, framework.tasks.values());
      const completed = this.world.completed.tasks.get(framework.id) ?? [];
      return frameworkParts(model, [
        this.tasks.chunks(framework.tasks, tasks),
        this.unreachable.chunks(framework.tasks, away),
        this.completed.chunks(completed, completed),
      ]);
    });
    const over = this.world.completed.frameworks.filter(wanted).map((framework) => {
      let parts = this.over.get(framework);
      if (!parts) {
        const completed = this.completed.chunks(framework.tasks, framework.tasks);
        parts = frameworkParts(completedFrameworkModel(framework), [[], [], completed]);
        this.over.set(framework, parts);
      }
      return parts;
    });
    return [
      Buffer.from('"frameworks":['),
      ...commas(here),
      Buffer.from('],"completed_frameworks":['),
      ...commas(over),
      Buffer.from(']'),
    ];
  }

  /** Every task that is known, with its text, in no order. */
  allTasks(framework: string | null): (readonly [MasterTask, Buffer])[] {
    const wanted = (id: string): boolean => framework === null || id === framework;
    const lost = outOfReach(this.world);
    const { frameworks, completed } = this.world;
    const found: (readonly [MasterTask, Buffer])[][] = [];
    for (const { id, tasks } of frameworks.values()) {
      if (!wanted(id)) continue;
      const [here, away] = splitByReach(lost, tasks.values());
      found.push(this.tasks.parts(tasks, here), this.unreachable.parts(tasks, away));
    }
    for (const [id, tasks] of completed.tasks) if (wanted(id)) found.push(this.completed.parts(tasks, tasks));
    for (const { id, tasks } of completed.frameworks)
      if (wanted(id)) found.push(this.completed.parts(tasks, tasks));
    return found.flat();
  }

  private executors(): ReadonlyMap<string, readonly MasterExecutor[]> {
    const found = new Map<string, MasterExecutor[]>();
    for (const agent of this.world.agents.values()) {
      if (!isListed(agent)) continue;
      for (const executor of agent.executors.values()) {
        const list = found.get(executor.framework);
        if (list) list.push(executor);
        else found.set(executor.framework, [executor]);
      }
    }
    return found;
  }
}

function taskSegments(): Segments<MasterTask> {
  return new Segments({
    number: (task) => task.number,
    version: (task) => task.statuses,
    encode: (task) => Buffer.from(write(taskModel(task))),
    separator: ',',
  });
}

function agentSegments(
  model: (agent: MasterAgent) => Readonly<Record<string, Value | undefined>>,
): Segments<MasterAgent> {
  const numbers = new WeakMap<MasterAgent, number>();
  let count = 0;
  return new Segments({
    number(agent) {
      let number = numbers.get(agent);
      if (number === undefined) numbers.set(agent, (number = count++));
      return number;
    },
    version: versionOf,
    encode: (agent) => Buffer.from(write(model(agent))),
    separator: ',',
  });
}

function frameworkParts({ summary, before, after }: FrameworkModel, lists: readonly Parts[]): Parts {
  const [tasks = [], unreachable = [], completed = []] = lists;
  return [
    Buffer.from(`${write({ ...summary, ...before }).slice(0, -1)},"tasks":[`),
    ...tasks,
    Buffer.from('],"unreachable_tasks":['),
    ...unreachable,
    Buffer.from('],"completed_tasks":['),
    ...completed,
    Buffer.from(`],${write(after).slice(1)}`),
  ];
}

function commas(items: readonly Parts[]): Buffer[] {
  return items.flatMap((parts, at) => (at === 0 ? [...parts] : [Buffer.from(','), ...parts]));
}
