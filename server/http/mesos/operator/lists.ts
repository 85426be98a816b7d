/** The long lists of an operator's answer, encoded, in both encodings: written anew only where something changed. */
import { encodeMessage, type MediaType } from '../../../../shared/mesos/wire/codec.ts';
import type { CompletedFramework } from '../../../master/completed.ts';
import type { MasterAgent, MasterTask } from '../../../master/entities.ts';
import type { MasterWorld } from '../../../master/world.ts';
import { isListed, outOfReach, recoveredAgents, splitByReach, versionOf } from './listed.ts';
import { usedByAll } from './holdings.ts';
import {
  agentInfoMessage,
  agentMessage,
  completedFrameworkMessage,
  executorMessage,
  frameworkMessage,
  taskMessage,
} from './messages.ts';
import { Segments } from './segments.ts';
import { type Field, repeatedItem, separatorOf } from '../../../libprocess/wire-tree.ts';

const TASK = 'mesos.v1.Task';
const AGENT = 'mesos.v1.master.Response.GetAgents.Agent';
const FRAMEWORK = 'mesos.v1.master.Response.GetFrameworks.Framework';
const EXECUTOR = 'mesos.v1.master.Response.GetExecutors.Executor';
const AGENT_INFO = 'mesos.v1.AgentInfo';

export class OperatorLists {
  private readonly world: MasterWorld;
  private readonly type: MediaType;
  private readonly tasks: Segments<MasterTask>;
  private readonly unreachable: Segments<MasterTask>;
  private readonly completed: Segments<MasterTask>;
  private readonly agents: Segments<MasterAgent>;
  private readonly over = new WeakMap<CompletedFramework, Buffer>();

  constructor(world: MasterWorld, type: MediaType) {
    this.world = world;
    this.type = type;
    const tasks = (number: number): Segments<MasterTask> =>
      new Segments({
        number: (task) => task.number,
        version: (task) => task.statuses,
        encode: (task) => this.item(number, TASK, taskMessage(task)),
        separator: separatorOf(type),
      });
    this.tasks = tasks(2);
    this.completed = tasks(3);
    this.unreachable = tasks(5);
    let agents = 0;
    const numbers = new WeakMap<MasterAgent, number>();
    this.agents = new Segments({
      number: (agent) => numbers.get(agent) ?? (numbers.set(agent, (agents += 1)), agents),
      version: versionOf,
      encode: (agent) => this.item(1, AGENT, agentMessage(world, agent)),
      separator: separatorOf(type),
    });
  }

  getTasks(): Field[] {
    const { frameworks, tasks, completed } = this.world;
    const lists = { tasks: [] as Buffer[][], unreachable: [] as Buffer[][], completed: [] as Buffer[][] };
    const lost = outOfReach(this.world);
    for (const [id, all] of tasks) {
      if (!frameworks.has(id)) continue;
      const [here, away] = splitByReach(lost, all.values());
      lists.tasks.push(this.tasks.chunks(all, here));
      lists.unreachable.push(this.unreachable.chunks(all, away));
    }
    for (const all of completed.tasks.values()) lists.completed.push(this.completed.chunks(all, all));
    for (const { tasks: all } of completed.frameworks) lists.completed.push(this.completed.chunks(all, all));
    return [
      this.repeated('tasks', 2, lists.tasks),
      this.repeated('unreachable_tasks', 5, lists.unreachable),
      this.repeated('completed_tasks', 3, lists.completed),
    ];
  }

  getExecutors(): Field[] {
    const executors: Buffer[][] = [];
    for (const agent of this.world.agents.values()) {
      if (!isListed(agent)) continue;
      for (const executor of agent.executors.values())
        executors.push([this.item(1, EXECUTOR, executorMessage(executor))]);
    }
    return [this.repeated('executors', 1, executors)];
  }

  getFrameworks(): Field[] {
    const used = usedByAll(this.world);
    const frameworks = [...this.world.frameworks.values()].map((framework) => [
      this.item(1, FRAMEWORK, frameworkMessage(this.world, framework, false, used)),
    ]);
    const over = this.world.completed.frameworks.map((framework) => {
      let item = this.over.get(framework);
      if (!item)
        this.over.set(framework, (item = this.item(2, FRAMEWORK, completedFrameworkMessage(framework))));
      return [item];
    });
    return [this.repeated('frameworks', 1, frameworks), this.repeated('completed_frameworks', 2, over)];
  }

  getAgents(): Field[] {
    const listed = [...this.world.agents.values()].filter(isListed);
    const recovered = recoveredAgents(this.world).map((agent) => [
      this.item(2, AGENT_INFO, { ...agentInfoMessage(this.world, agent), checkpoint: true }),
    ]);
    return [
      this.repeated('agents', 1, [this.agents.chunks(this.world.agents, listed)]),
      this.repeated('recovered_agents', 2, recovered),
    ];
  }

  getState(): Field[] {
    return [
      { name: 'get_tasks', number: 1, fields: this.getTasks() },
      { name: 'get_executors', number: 2, fields: this.getExecutors() },
      { name: 'get_frameworks', number: 3, fields: this.getFrameworks() },
      { name: 'get_agents', number: 4, fields: this.getAgents() },
    ];
  }

  private item(number: number, name: string, message: object): Buffer {
    return repeatedItem(number, Buffer.from(encodeMessage(name, this.type, message)), this.type);
  }

  /** Lists one after another. */
  private repeated(name: string, number: number, lists: readonly (readonly Buffer[])[]): Field {
    const separator = Buffer.from(separatorOf(this.type));
    const chunks: Buffer[] = [];
    for (const list of lists) {
      if (list.length === 0) continue;
      if (chunks.length > 0 && separator.length > 0) chunks.push(separator);
      chunks.push(...list);
    }
    return { name, number, chunks };
  }
}
