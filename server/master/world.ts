import type { AgentId, FrameworkId, OfferId, TaskId } from '../../shared/ids.ts';
import type { AgentInfo } from '../../shared/mesos/agent.ts';
import type { MachineId, MaintenanceWindow } from '../../shared/mesos/operator.ts';
import { EMPTY, bundleOf } from '../../shared/mesos/bundle.ts';
import type { FrameworkInfo, Unavailability } from '../../shared/mesos/v1.ts';
import { Timers } from '../timers.ts';
import { Alike } from './alike.ts';
import { QuotaBook } from './allocator/quota.ts';
import type { Completed } from './completed.ts';
import { RoleTree } from './allocator/role-tree.ts';
import type { InverseOffer, MasterAgent, MasterFramework, MasterTask, MasterTimer } from './entities.ts';
import type { Connection, MasterWrite } from './facts.ts';
import { setDeactivated } from './ledger.ts';
import { machineKey } from './machines.ts';
import { NO_OFFERS, OfferBook } from './offer-book.ts';
import { agentPart } from './offer-message.ts';
import { rolesOfInfo } from './framework-problem.ts';

/** Everything the master knows. Durable: the registry (who is an agent, who is a framework). The rest is relearnt. */
export interface MasterWorld {
  /** Of a world as somebody may see it: which roles. Absent: all. */
  readonly seesRole?: (role: string) => boolean;
  readonly id: string;
  readonly agents: Map<AgentId, MasterAgent>;
  readonly frameworks: Map<FrameworkId, MasterFramework>;
  /** Frameworks of the registry, also those that are not subscribed now. Null: from a row that did not keep what it said about itself. */
  readonly knownFrameworks: Map<FrameworkId, FrameworkInfo | null>;
  /** Ended for good; a subscription with such an id is refused. Bounded. */
  readonly goneFrameworks: Set<FrameworkId>;
  readonly offers: OfferBook;
  /** Task ids are unique within a framework. Frameworks of which agents brought tasks are here before they subscribe. */
  readonly tasks: Map<FrameworkId, Map<TaskId, MasterTask>>;
  readonly agentByConnection: Map<Connection, AgentId>;
  readonly frameworkByConnection: Map<Connection, FrameworkId>;
  readonly timers: Timers<MasterTimer>;
  /** What agents have, each kind once. */
  readonly alike: Alike;
  /** Shares of roles and frameworks. */
  readonly roles: RoleTree;
  /** By top-level role. */
  readonly quotas: QuotaBook;
  /** Maintenance as an operator scheduled it; by machine, when it goes away; and which machines are down. */
  windows: readonly MaintenanceWindow[];
  readonly schedule: Map<string, Unavailability>;
  readonly downMachines: Map<string, MachineId>;
  readonly inverseOffers: Map<OfferId, InverseOffer>;
  /** Agents that are being drained. */
  readonly draining: Set<AgentId>;
  /** Marked gone by an operator: never admitted again, oldest forgotten first. */
  readonly goneAgents: Map<AgentId, number>;
  /** Agents with something to offer since the last allocation. */
  readonly dirtyAgents: Set<AgentId>;
  /** A framework came or revived, a machine is to go: every agent is looked at. */
  allDirty: boolean;
  /** Hosts whose agents are offered; null: everybody's. Told anew in each life of the master. */
  whitelist: ReadonlySet<string> | null;
  /** What became free, or free to be offered, and waits for the next tick of `--allocation_interval`: when that is, once it is known. */
  readonly freed: { readonly agents: Set<AgentId>; all: boolean; tickAtMs: number | null };
  /** What operators are still shown of what is over. */
  readonly completed: Completed;
  nextTask: number;
  nextAgent: number;
  nextFramework: number;
  /** When the offers are looked through for those that were held too long. */
  offersDueAtMs: number | null;
}

/** @param id a UUID of this master's registry; agent, framework and offer ids begin with it. */
export function emptyMaster(id: string): MasterWorld {
  const roles = new RoleTree();
  return {
    id,
    agents: new Map(),
    frameworks: new Map(),
    knownFrameworks: new Map(),
    goneFrameworks: new Set(),
    offers: new OfferBook(`${id}-O`),
    tasks: new Map(),
    agentByConnection: new Map(),
    frameworkByConnection: new Map(),
    timers: new Timers(),
    alike: new Alike(),
    roles,
    quotas: new QuotaBook(roles),
    windows: [],
    schedule: new Map(),
    downMachines: new Map(),
    inverseOffers: new Map(),
    draining: new Set(),
    goneAgents: new Map(),
    dirtyAgents: new Set(),
    allDirty: false,
    whitelist: null,
    freed: { agents: new Set(), all: false, tickAtMs: null },
    completed: { tasks: new Map(), frameworks: [] },
    nextTask: 0,
    nextAgent: 0,
    nextFramework: 0,
    offersDueAtMs: null,
  };
}

const GONE_FRAMEWORKS_MAX = 50;
/** Mesos's registry_max_agent_count. */
const GONE_AGENTS_MAX = 102_400;

function dropOldest<Key>(keys: Map<Key, unknown> | Set<Key>): void {
  for (const oldest of keys.keys()) {
    keys.delete(oldest);
    return;
  }
}

function milliOf(amounts: Readonly<Record<string, number>>): Map<string, number> {
  return new Map(Object.entries(amounts).map(([name, value]) => [name, Math.round(value * 1000)]));
}

/** Makes a registry write happen. */
export function apply(world: MasterWorld, write: MasterWrite): void {
  switch (write.w) {
    case 'agent': {
      world.nextAgent = Math.max(world.nextAgent, numberOf(world, write.id) + 1);
      const known = world.agents.get(write.id);
      if (known) {
        known.info = write.info;
        known.part = agentPart(known.id, write.info);
        known.total = bundleOf(write.info.resources);
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
    case 'agent-resources': {
      const agent = world.agents.get(write.id);
      if (!agent) throw new Error(`journal: no agent ${write.id}`);
      agent.kept = bundleOf(write.resources);
      return;
    }
    case 'agent-operator': {
      const agent = world.agents.get(write.id);
      if (!agent) throw new Error(`journal: no agent ${write.id}`);
      setDeactivated(world, agent, write.deactivated);
      agent.drain = write.drain;
      if (write.drain?.state === 'DRAINING') world.draining.add(write.id);
      else world.draining.delete(write.id);
      return;
    }
    case 'agent-marked-gone':
      world.goneAgents.set(write.id, write.atMs);
      if (world.goneAgents.size > GONE_AGENTS_MAX) dropOldest(world.goneAgents);
      return;
    case 'weight':
      return world.roles.setWeight(write.role, write.weight);
    case 'quota': {
      const guarantees = milliOf(write.guarantees);
      const limits = milliOf(write.limits);
      if (guarantees.size + limits.size === 0) world.quotas.delete(write.role);
      else world.quotas.set(write.role, { guarantees, limits });
      return;
    }
    case 'maintenance':
      world.windows = write.windows;
      world.schedule.clear();
      for (const { machine_ids = [], unavailability } of write.windows)
        for (const machine of machine_ids) world.schedule.set(machineKey(machine), unavailability);
      world.downMachines.clear();
      for (const machine of write.down) world.downMachines.set(machineKey(machine), machine);
      return;
    case 'agent-gone':
      world.draining.delete(write.id);
      world.agents.delete(write.id);
      return;
    case 'framework':
      world.nextFramework = Math.max(world.nextFramework, numberOf(world, write.id) + 1);
      world.knownFrameworks.set(write.id, write.info ?? null);
      return;
    case 'framework-gone':
      world.knownFrameworks.delete(write.id);
      world.goneFrameworks.add(write.id);
      if (world.goneFrameworks.size > GONE_FRAMEWORKS_MAX) dropOldest(world.goneFrameworks);
      return;
  }
}

function newAgent(id: AgentId, info: AgentInfo, atMs: number): MasterAgent {
  const total = bundleOf(info.resources);
  return {
    id,
    info,
    part: agentPart(id, info),
    total,
    free: EMPTY,
    kept: EMPTY,
    pooled: false,
    deactivated: false,
    drain: null,
    inverseAnswers: new Map(),
    inverseOffers: new Map(),
    tasks: new Set(),
    executors: new Map(),
    offers: NO_OFFERS,
    connection: null,
    bootId: '',
    state: 'reachable',
    sinceMs: atMs,
    registeredAtMs: null,
    reregisteredAtMs: null,
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

/** Those that it subscribed with. */
export function rolesOf(framework: MasterFramework): readonly string[] {
  return rolesOfInfo(framework.info);
}

export function executorKey(framework: string, executor: string): string {
  return `${framework}/${executor}`;
}

export function findTask(world: MasterWorld, framework: string, task: string): MasterTask | undefined {
  return world.tasks.get(framework as FrameworkId)?.get(task as TaskId);
}

/** The number at the end of `<masterId>-S12` or `<masterId>-0003`; -1 for an id that is not of our making. */
function numberOf(world: MasterWorld, id: string): number {
  const match = id.startsWith(`${world.id}-`) && /^-S?(\d{1,9})$/.exec(id.slice(world.id.length));
  return match ? Number(match[1]) : -1;
}

/** Its tasks are lost with the connection to their agent. Of one that has not subscribed since the master started nothing is known. */
export function isUncheckpointed(world: MasterWorld, id: FrameworkId): boolean {
  const framework = world.frameworks.get(id);
  return framework !== undefined && framework.info.checkpoint !== true;
}
