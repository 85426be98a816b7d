/** Master and agents as the scheduler sees them, without a network: offers, launches, kills. Refuses to be oversold. */
import type { TaskId } from '../../shared/ids.ts';
import type { Call, Event } from '../../shared/mesos/scheduler.ts';
import type { Attribute, Offer, Operation, TaskInfo, TaskState, TaskStatus } from '../../shared/mesos/v1.ts';
import type { Resources } from '../../shared/resources.ts';
import {
  NO_RESOURCES,
  addResources,
  containsResources,
  fromMesos,
  isEmpty,
  subtractResources,
  toMesos,
} from '../../shared/resources.ts';

export interface AgentShape {
  readonly resources?: Partial<Resources>;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Start of a maintenance window, ms. */
  readonly unavailableAtMs?: number;
}

interface PretendAgent {
  readonly host: string;
  readonly attributes: readonly Attribute[];
  readonly unavailableAtMs: number | undefined;
  readonly total: Resources;
  free: Resources;
  /** Not offered again, nor less of it, until REVIVE: filters never end by themselves here, so that nothing comes to light by waiting. */
  readonly refused: Resources[];
  readonly offers: Map<string, Resources>;
  readonly tasks: Map<string, Resources>;
}

interface Behaviour {
  readonly onLaunch: (info: TaskInfo) => readonly TaskState[];
  readonly onKill: (id: TaskId) => readonly TaskState[];
}

const ROOMY: Resources = {
  cpusMilli: 16_000,
  memMb: 16_384,
  diskMb: 65_536,
  gpus: 0,
  ports: [[31_000, 31_999]],
};
const TERMINAL = /FINISHED|FAILED|KILLED|ERROR|LOST|DROPPED|GONE/;

export class PretendMaster {
  /** Messages on their way to the scheduler, oldest first. */
  readonly inbox: Event[] = [];
  readonly agents = new Map<string, PretendAgent>();
  readonly launched: TaskInfo[] = [];
  /** By SUBSCRIBE or SUPPRESS: nothing is offered. */
  suppressed = false;
  private count = 0;

  addAgent(host: string, { resources, attributes = {}, unavailableAtMs }: AgentShape): void {
    const agent: PretendAgent = {
      host,
      attributes: Object.entries(attributes).map(([name, value]) => ({
        name,
        type: 'TEXT',
        text: { value },
      })),
      unavailableAtMs,
      total: { ...ROOMY, ...resources },
      free: { ...ROOMY, ...resources },
      refused: [],
      offers: new Map(),
      tasks: new Map(),
    };
    this.agents.set(host, agent);
    this.offer(agent);
  }

  receive(call: Call, { onLaunch, onKill }: Behaviour): void {
    if (call.type === 'ACCEPT') {
      const infos = launchedBy(call.accept.operations);
      this.accept(
        (call.accept.offer_ids ?? []).map(({ value }) => value),
        infos,
      );
      for (const info of infos) this.tell(info.task_id.value, onLaunch(info));
    }
    if (call.type === 'DECLINE') for (const { value } of call.decline.offer_ids ?? []) this.decline(value);
    if (call.type === 'SUBSCRIBE') {
      this.suppressed = (call.subscribe.suppressed_roles ?? []).length > 0;
      this.takeBackOffers();
      for (const { refused } of this.agents.values()) refused.length = 0;
    }
    if (call.type === 'SUPPRESS') this.suppressed = true;
    if (call.type === 'REVIVE') {
      this.suppressed = false;
      for (const { refused } of this.agents.values()) refused.length = 0;
      this.offerAll();
    }
    if (call.type === 'KILL' && this.agentOf(call.kill.task_id.value))
      this.tell(call.kill.task_id.value, onKill(call.kill.task_id.value as TaskId));
  }

  /** The event of a status update; a final one gives the task's resources back. */
  statusOf(id: string, state: TaskState, more: Partial<TaskStatus> = {}): Event {
    const agent = this.agentOf(id);
    this.count += 1;
    const from = agent ? { agent_id: { value: agent.host }, uuid: `uuid-${this.count}` } : {};
    const used = agent?.tasks.get(id);
    if (agent && used && TERMINAL.test(state)) {
      agent.tasks.delete(id);
      agent.free = addResources(agent.free, used);
      this.offer(agent);
    }
    return { type: 'UPDATE', update: { status: { task_id: { value: id }, state, ...from, ...more } } };
  }

  /** The agent's host is gone for the master: its offers are rescinded and its tasks reported. */
  lose(host: string, state: TaskState): void {
    const agent = this.need(host);
    for (const value of agent.offers.keys())
      this.inbox.push({ type: 'RESCIND', rescind: { offer_id: { value } } });
    agent.offers.clear();
    this.agents.delete(host);
    for (const id of agent.tasks.keys()) {
      this.inbox.push({
        type: 'UPDATE',
        update: { status: { task_id: { value: id }, state, source: 'SOURCE_MASTER' } },
      });
    }
  }

  takeBackOffers(): void {
    for (const agent of this.agents.values()) {
      for (const held of agent.offers.values()) agent.free = addResources(agent.free, held);
      agent.offers.clear();
    }
    const kept = this.inbox.filter((event) => event.type !== 'OFFERS');
    this.inbox.splice(0, Infinity, ...kept);
  }

  /** All that is free, in one event, as a real master does. */
  offerAll(): void {
    this.sendOffers([...this.agents.values()].flatMap((agent) => this.offersOf(agent, [agent.free])));
  }

  /** Offers what is free, or parts of it: then the agent has several offers out. */
  offer(agent: PretendAgent, parts: readonly Resources[] = [agent.free]): void {
    this.sendOffers(this.offersOf(agent, parts));
  }

  private sendOffers(offers: readonly Offer[]): void {
    if (offers.length > 0) this.inbox.push({ type: 'OFFERS', offers: { offers } });
  }

  private offersOf(agent: PretendAgent, parts: readonly Resources[]): Offer[] {
    return parts.flatMap((part) => {
      if (isEmpty(part) || this.suppressed) return [];
      if (agent.refused.some((refused) => containsResources(refused, part))) return [];
      agent.free = subtractResources(agent.free, part);
      this.count += 1;
      const value = `offer-${this.count}`;
      agent.offers.set(value, part);
      return [
        {
          id: { value },
          framework_id: { value: 'framework-1' },
          agent_id: { value: agent.host },
          hostname: agent.host,
          resources: toMesos(part),
          attributes: agent.attributes,
          ...(agent.unavailableAtMs === undefined
            ? {}
            : { unavailability: { start: { nanoseconds: agent.unavailableAtMs * 1e6 } } }),
        },
      ];
    });
  }

  agentOf(id: string): PretendAgent | undefined {
    return [...this.agents.values()].find((agent) => agent.tasks.has(id));
  }

  private need(host: string): PretendAgent {
    const agent = this.agents.get(host);
    if (!agent) throw new Error(`no agent ${host}`);
    return agent;
  }

  private accept(offers: readonly string[], infos: readonly TaskInfo[]): void {
    const agent = [...this.agents.values()].find(({ offers: out }) => offers.every((id) => out.has(id)));
    if (!agent || offers.length === 0)
      throw new Error(`ACCEPT of offers that are not out: ${offers.join(', ')}`);
    let left = NO_RESOURCES;
    for (const id of offers) left = addResources(left, agent.offers.get(id) ?? NO_RESOURCES);
    for (const id of offers) agent.offers.delete(id);
    for (const info of infos) {
      const needs = fromMesos(info.resources);
      if (!containsResources(left, needs))
        throw new Error(`${agent.host} is oversold by ${info.task_id.value}`);
      left = subtractResources(left, needs);
      agent.tasks.set(info.task_id.value, needs);
      this.launched.push(info);
    }
    agent.free = addResources(agent.free, left);
    agent.refused.push(left);
    this.offer(agent);
  }

  private decline(id: string): void {
    const agent = [...this.agents.values()].find(({ offers }) => offers.has(id));
    const part = agent?.offers.get(id);
    // Taken back in the meantime.
    if (!agent || !part) return;
    agent.offers.delete(id);
    agent.free = addResources(agent.free, part);
    agent.refused.push(part);
    this.offer(agent);
  }

  private tell(id: string, states: readonly TaskState[]): void {
    for (const state of states) this.inbox.push(this.statusOf(id, state));
  }
}

/** The tasks of an ACCEPT. */
export function launchedBy(operations: readonly Operation[] = []): TaskInfo[] {
  return operations.flatMap((operation) =>
    operation.type === 'LAUNCH' ? [...(operation.launch.task_infos ?? [])] : [],
  );
}
