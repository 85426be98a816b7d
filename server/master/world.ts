import type { AgentId, FrameworkId, OfferId, TaskId } from '../../shared/ids.ts';
import type { AgentEvent, AgentInfo } from '../../shared/mesos/agent.ts';
import type { FrameworkInfo, TaskInfo, TaskStatus } from '../../shared/mesos/v1.ts';
import type { Resources } from '../../shared/resources.ts';
import { NO_RESOURCES, fromMesos } from '../../shared/resources.ts';
import { Timers } from '../timers.ts';
import type { Connection, MasterWrite } from './facts.ts';

/** A task on an agent, as the master knows it; relearnt from the agent after a restart of the master. */
export interface MasterTask {
  readonly id: TaskId;
  readonly framework: FrameworkId;
  readonly agent: AgentId;
  readonly info: TaskInfo;
  readonly resources: Resources;
  /** Latest known; `TASK_STAGING` until the agent reports. */
  status: TaskStatus;
  /** Forwarded, and not acknowledged yet: a framework that subscribes anew gets it again at once. */
  inFlight: TaskStatus | null;
  /** Its framework wants it dead: asked of the agent again when that comes back. */
  kill: Extract<AgentEvent, { type: 'KILL_TASK' }>['kill_task'] | null;
  /** Its resources went back to the agent. */
  released: boolean;
}

export interface MasterAgent {
  readonly id: AgentId;
  info: AgentInfo;
  total: Resources;
  /** Neither used by a task nor offered. */
  free: Resources;
  readonly tasks: Set<MasterTask>;
  readonly offers: Set<OfferId>;
  /** Null: not connected. */
  connection: Connection | null;
  /** Empty until it registers for the first time in this life of the master. */
  bootId: string;
  /** As the registry has it. Reachable without a connection: it is waited for. */
  state: 'reachable' | 'unreachable';
  sinceMs: number;
  missedPings: number;
  /** Next ping, or the end of the wait for it to come back. */
  wakeAtMs: number | null;
}

export interface MasterOffer {
  readonly id: OfferId;
  readonly framework: FrameworkId;
  readonly role: string;
  readonly agent: AgentId;
  readonly resources: Resources;
}

/** An offer of this much of an agent, or of less, is not wanted until then. */
export interface Filter {
  readonly role: string;
  readonly untilMs: number;
  readonly refused: Resources;
}

export interface MasterFramework {
  readonly id: FrameworkId;
  info: FrameworkInfo;
  connection: Connection | null;
  readonly offers: Set<OfferId>;
  /** The very map that `MasterWorld.tasks` has for it. */
  readonly tasks: Map<TaskId, MasterTask>;
  readonly suppressed: Set<string>;
  readonly filters: Map<AgentId, readonly Filter[]>;
  /** End of the failover timeout while it is away. */
  wakeAtMs: number | null;
}

export type MasterTimer =
  | { readonly kind: 'agent'; readonly id: AgentId }
  | { readonly kind: 'framework'; readonly id: FrameworkId }
  | { readonly kind: 'filter'; readonly framework: FrameworkId; readonly agent: AgentId };

/** Everything the master knows. Durable: the registry (who is an agent, who is a framework). The rest is relearnt. */
export interface MasterWorld {
  readonly id: string;
  readonly agents: Map<AgentId, MasterAgent>;
  readonly frameworks: Map<FrameworkId, MasterFramework>;
  /** Frameworks of the registry, also those that are not subscribed now. */
  readonly knownFrameworks: Map<FrameworkId, string>;
  /** Ended for good; a subscription with such an id is refused. Bounded. */
  readonly goneFrameworks: Set<FrameworkId>;
  readonly offers: Map<OfferId, MasterOffer>;
  /** Task ids are unique within a framework. Frameworks of which agents brought tasks are here before they subscribe. */
  readonly tasks: Map<FrameworkId, Map<TaskId, MasterTask>>;
  readonly agentByConnection: Map<Connection, AgentId>;
  readonly frameworkByConnection: Map<Connection, FrameworkId>;
  readonly timers: Timers<MasterTimer>;
  /** Agents with something to offer since the last allocation. */
  readonly dirtyAgents: Set<AgentId>;
  /** A framework came, revived, or a filter ended: every agent is looked at. */
  allDirty: boolean;
  nextAgent: number;
  nextFramework: number;
  /** Offer ids are unique over restarts of the master: they carry when this life began. */
  offerPrefix: string;
  nextOffer: number;
}

/** @param id a UUID of this master's registry; agent, framework and offer ids begin with it. */
export function emptyMaster(id: string): MasterWorld {
  return {
    id,
    agents: new Map(),
    frameworks: new Map(),
    knownFrameworks: new Map(),
    goneFrameworks: new Set(),
    offers: new Map(),
    tasks: new Map(),
    agentByConnection: new Map(),
    frameworkByConnection: new Map(),
    timers: new Timers(),
    dirtyAgents: new Set(),
    allDirty: false,
    nextAgent: 0,
    nextFramework: 0,
    offerPrefix: `${id}-O`,
    nextOffer: 0,
  };
}

const GONE_FRAMEWORKS_MAX = 50;

/** Makes a registry write happen. */
export function apply(world: MasterWorld, write: MasterWrite): void {
  switch (write.w) {
    case 'agent': {
      world.nextAgent = Math.max(world.nextAgent, numberOf(world, write.id) + 1);
      const known = world.agents.get(write.id);
      if (known) {
        known.info = write.info;
        known.total = fromMesos(write.info.resources);
      } else world.agents.set(write.id, newAgent(write.id, write.info, write.atMs));
      return;
    }
    case 'agent-state': {
      const agent = world.agents.get(write.id);
      if (!agent) throw new Error(`journal: no agent ${write.id}`);
      agent.state = write.state;
      agent.sinceMs = write.atMs;
      return;
    }
    case 'agent-gone':
      world.agents.delete(write.id);
      return;
    case 'framework':
      world.nextFramework = Math.max(world.nextFramework, numberOf(world, write.id) + 1);
      world.knownFrameworks.set(write.id, write.name);
      return;
    case 'framework-gone':
      world.knownFrameworks.delete(write.id);
      world.goneFrameworks.add(write.id);
      if (world.goneFrameworks.size > GONE_FRAMEWORKS_MAX) {
        for (const oldest of world.goneFrameworks) {
          world.goneFrameworks.delete(oldest);
          break;
        }
      }
      return;
  }
}

function newAgent(id: AgentId, info: AgentInfo, atMs: number): MasterAgent {
  const total = fromMesos(info.resources);
  return {
    id,
    info,
    total,
    free: NO_RESOURCES,
    tasks: new Set(),
    offers: new Set(),
    connection: null,
    bootId: '',
    state: 'reachable',
    sinceMs: atMs,
    missedPings: 0,
    wakeAtMs: null,
  };
}

/** The tasks of a framework, to be changed in place. */
export function tasksOf(world: MasterWorld, framework: FrameworkId): Map<TaskId, MasterTask> {
  let tasks = world.tasks.get(framework);
  if (!tasks) world.tasks.set(framework, (tasks = new Map()));
  return tasks;
}

/** Those that it subscribed with; `*` where it named none. */
export function rolesOf(framework: MasterFramework): readonly string[] {
  return framework.info.roles ?? ['*'];
}

export function findTask(world: MasterWorld, framework: string, task: string): MasterTask | undefined {
  return world.tasks.get(framework as FrameworkId)?.get(task as TaskId);
}

/** The earliest time at which a `time` fact would do something. */
export function nextWake(world: MasterWorld): number | undefined {
  return world.timers.next((key, atMs) => isLive(world, key, atMs));
}

export function isLive(world: MasterWorld, key: MasterTimer, atMs: number): boolean {
  if (key.kind === 'agent') return world.agents.get(key.id)?.wakeAtMs === atMs;
  if (key.kind === 'framework') return world.frameworks.get(key.id)?.wakeAtMs === atMs;
  return (
    world.frameworks
      .get(key.framework)
      ?.filters.get(key.agent)
      ?.some(({ untilMs }) => untilMs === atMs) ?? false
  );
}

export function wakeAgent(world: MasterWorld, agent: MasterAgent, atMs: number | null): void {
  agent.wakeAtMs = atMs;
  if (atMs !== null) world.timers.push(atMs, { kind: 'agent', id: agent.id });
}

/** The number at the end of `<masterId>-S12` or `<masterId>-0003`; -1 for an id that is not of our making. */
function numberOf(world: MasterWorld, id: string): number {
  const match = id.startsWith(`${world.id}-`) && /^-S?(\d{1,9})$/.exec(id.slice(world.id.length));
  return match ? Number(match[1]) : -1;
}
