/** Who and what the master deals with: agents and what they hold, frameworks and what they were offered. */
import type { AgentId, FrameworkId, OfferId, TaskId } from '../../shared/ids.ts';
import type { AgentEvent, AgentInfo } from '../../shared/mesos/agent.ts';
import type { Bundle } from '../../shared/mesos/bundle.ts';
import type { DrainConfig } from '../../shared/mesos/operator.ts';
import type {
  ExecutorInfo,
  FrameworkInfo,
  OperationStatus,
  TaskInfo,
  TaskState,
  TaskStatus,
} from '../../shared/mesos/v1.ts';
import type { Connection } from './facts.ts';
import type { MasterOffer } from './offer-book.ts';
import type { ConstraintsFilter } from './offer-constraints.ts';
import type { AgentPart } from './offer-message.ts';

/** A task on an agent, as the master knows it; relearnt from the agent after a restart of the master. */
export interface MasterTask {
  readonly id: TaskId;
  readonly framework: FrameworkId;
  readonly agent: AgentId;
  readonly info: TaskInfo;
  /** The role that its resources are allocated to. */
  readonly role: string;
  readonly resources: Bundle;
  /** Latest known; `TASK_STAGING` until the agent reports. */
  status: TaskStatus;
  /** Forwarded, and not acknowledged yet: a framework that subscribes anew gets it again at once. */
  inFlight: TaskStatus | null;
  /** Its framework wants it dead: asked of the agent again when that comes back. */
  kill: Extract<AgentEvent, { type: 'KILL_TASK' }>['kill_task'] | null;
  /** Its resources went back to the agent. */
  released: boolean;
  /** Order of arrival among all tasks of this life of the master. */
  readonly number: number;
  /** As operators see it: the newest state known, also that of an update which still queues at the agent. */
  state: TaskState;
  /** What it went through, one status per state, oldest first. Replaced by another list when it or `state` changes, never changed itself. */
  statuses: readonly TaskStatus[];
}

/** A framework's own executor on an agent; it holds resources beside its tasks until it exits. */
export interface MasterExecutor {
  readonly id: string;
  readonly framework: FrameworkId;
  readonly agent: AgentId;
  readonly info: ExecutorInfo;
  readonly role: string;
  readonly resources: Bundle;
}

export interface MasterAgent {
  readonly id: AgentId;
  info: AgentInfo;
  /** What its offers say of it. */
  part: AgentPart;
  total: Bundle;
  /** Neither used nor offered. Nothing, while the agent is out of the pool. */
  free: Bundle;
  /** Its dynamic reservations and persistent volumes: they outlive agent and master. */
  kept: Bundle;
  /** Counts among what the cluster has: registered in this life of the master, and not out of reach. */
  pooled: boolean;
  /** By an operator, or because it is being drained: nothing of it is offered. */
  deactivated: boolean;
  drain: Drain | null;
  /** What frameworks said to inverse offers of it, and until when they are not asked again. */
  readonly inverseAnswers: Map<FrameworkId, InverseAnswer>;
  /** Outstanding ones, by the framework that is asked. */
  readonly inverseOffers: Map<FrameworkId, OfferId>;
  readonly tasks: Set<MasterTask>;
  /** By framework and executor id, as `executorKey` makes it. */
  readonly executors: Map<string, MasterExecutor>;
  /** Those outstanding; replaced by another list when one comes or goes. */
  offers: readonly MasterOffer[];
  /** Null: not connected. */
  connection: Connection | null;
  /** Empty until it registers for the first time in this life of the master. */
  bootId: string;
  /** As the registry has it. Reachable without a connection: it is waited for. */
  state: 'reachable' | 'unreachable';
  sinceMs: number;
  /** When it first came in this life of the master, or came back after it had been unreachable; null: not yet. */
  registeredAtMs: number | null;
  /** When it last came again. */
  reregisteredAtMs: number | null;
  missedPings: number;
  /** Next ping, or the end of the wait for it to come back. */
  wakeAtMs: number | null;
}

/** DRAIN_AGENT, and how far it is. */
export interface Drain {
  readonly state: 'DRAINING' | 'DRAINED';
  readonly config: DrainConfig;
  readonly sinceMs: number;
}

export interface InverseAnswer {
  readonly status: 'ACCEPT' | 'DECLINE';
  readonly atMs: number;
  readonly untilMs: number;
}

/** A framework is asked whether it can do without an agent. */
export interface InverseOffer {
  readonly id: OfferId;
  readonly framework: FrameworkId;
  readonly agent: AgentId;
}

/** An offer of this much of an agent, or of less, is not wanted until then. */
export interface Filter {
  readonly role: string;
  readonly untilMs: number;
  readonly refused: Bundle;
}

export interface MasterFramework {
  readonly id: FrameworkId;
  info: FrameworkInfo;
  connection: Connection | null;
  /** Those outstanding, in no order; changed by the book of offers alone. */
  readonly offers: MasterOffer[];
  /** The very map that `MasterWorld.tasks` has for it. */
  readonly tasks: Map<TaskId, MasterTask>;
  readonly suppressed: Set<string>;
  /** Roles in which it takes part in allocation. */
  readonly contends: Set<string>;
  /** Outcomes of its operations that it has not acknowledged, by operation id. */
  readonly operations: Map<string, OperationStatus>;
  readonly filters: Map<AgentId, readonly Filter[]>;
  /** Null: no agent is excluded. */
  offerConstraints: ConstraintsFilter | null;
  /** When it subscribed for the first time in this life of the master; null while it is only known from the registry. */
  registeredAtMs: number | null;
  /** When it last subscribed again. */
  reregisteredAtMs: number | null;
  /** End of the failover timeout while it is away. */
  wakeAtMs: number | null;
}

/** What is due at some time. */
export type MasterTimer =
  | { readonly kind: 'agent'; readonly id: AgentId }
  | { readonly kind: 'framework'; readonly id: FrameworkId }
  | { readonly kind: 'offers' }
  | { readonly kind: 'tick' }
  | { readonly kind: 'inverse'; readonly framework: FrameworkId; readonly agent: AgentId }
  | { readonly kind: 'filter'; readonly framework: FrameworkId; readonly agent: AgentId };
