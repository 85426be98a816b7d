/** What can happen to the master, and what it wants done about it. */
import type { AgentId, FrameworkId } from '../../shared/ids.ts';
import type { Acls } from '../../shared/mesos/acls.ts';
import type { AgentCall, AgentEvent, AgentInfo } from '../../shared/mesos/agent.ts';
import type { Call, Event } from '../../shared/mesos/scheduler.ts';
import type { FrameworkInfo, Id, MesosResource, TaskState, TaskStatus } from '../../shared/mesos/v1.ts';
import type { MachineId, MaintenanceWindow, OperatorCall } from '../../shared/mesos/operator.ts';
import type { Random } from '../random.ts';
import type { Minimums } from './allocator/least.ts';
import type { MasterOffer } from './offer-book.ts';
import type { Drain, MasterAgent, MasterFramework, MasterTask } from './entities.ts';

/** A live stream to an agent or a framework. Named by whoever opened it; the core never sees sockets. */
export type Connection = string & { readonly connection: unique symbol };

export type MasterFact =
  /** SUBSCRIBE comes with the connection on which events shall go out; other calls name theirs. */
  | {
      readonly kind: 'agent-call';
      readonly connection: Connection;
      readonly call: AgentCall;
      /** Who sent it, where agents are asked. */
      readonly principal?: string | undefined;
    }
  | { readonly kind: 'agent-closed'; readonly connection: Connection }
  /** A call that names a `request` is answered by an effect of that name; those of our own scheduler are not. */
  | {
      readonly kind: 'framework-call';
      readonly connection: Connection;
      readonly call: Call;
      readonly request?: string;
      /** Who sent it, where everybody is asked. */
      readonly principal?: string | undefined;
    }
  | { readonly kind: 'framework-closed'; readonly connection: Connection }
  | {
      readonly kind: 'operator-call';
      readonly call: OperatorCall;
      readonly request: string;
      /** Who sent it, where everybody is asked. */
      readonly principal?: string | undefined;
    }
  /** `--whitelist`: the hosts whose agents are offered. Null: everybody's. */
  | { readonly kind: 'whitelist'; readonly hostnames: ReadonlySet<string> | null }
  | { readonly kind: 'time' }
  /** End of a turn: allocate what became free. */
  | { readonly kind: 'settle' };

export type MasterEffect =
  | { readonly kind: 'agent-event'; readonly connection: Connection; readonly event: AgentEvent }
  | { readonly kind: 'framework-event'; readonly connection: Connection; readonly event: Event }
  /** OFFERS; put into words only when they leave (`offerMessages`), for that takes longer than making them. */
  | {
      readonly kind: 'offers';
      readonly connection: Connection;
      readonly framework: FrameworkInfo;
      readonly offers: readonly MasterOffer[];
    }
  /** To everybody who watches the master. */
  | { readonly kind: 'operator-event'; readonly news: OperatorNews }
  /** What a scheduler is told of a call over HTTP. */
  | { readonly kind: 'call-answer'; readonly request: string; readonly answer: CallAnswer }
  /** End a stream: replaced by a newer one, refused, or torn down. */
  | { readonly kind: 'close'; readonly connection: Connection };

/**
 * What operators hear of, in terms of the world: to be written down at once, for what they refer to goes on changing. Nothing is said of an agent that becomes unreachable
 * (only of its tasks); it is added again when it returns.
 */
export type OperatorNews =
  | {
      readonly type: 'TASK_ADDED';
      readonly task: MasterTask;
      readonly state: TaskState;
      readonly statuses: readonly TaskStatus[];
    }
  | {
      readonly type: 'TASK_UPDATED';
      readonly framework_id: Id;
      readonly status: TaskStatus;
      /** The newest state, of which `status` may be behind. */
      readonly state: TaskState;
    }
  | { readonly type: 'AGENT_ADDED'; readonly agent: MasterAgent }
  | { readonly type: 'AGENT_REMOVED'; readonly agent_id: Id }
  | { readonly type: 'FRAMEWORK_ADDED' | 'FRAMEWORK_UPDATED'; readonly framework: MasterFramework }
  | { readonly type: 'FRAMEWORK_REMOVED'; readonly framework_info: FrameworkInfo };

/**
 * The answer to a call that is no SUBSCRIBE, as Mesos gives it: 202 before the effect (UPDATE_FRAMEWORK: 200 after it), else why not. 400 and 403 carry a
 * sentence.
 */
export interface CallAnswer {
  readonly status: 200 | 202 | 400 | 403 | 404 | 409 | 501 | 503;
  readonly message?: string;
}

/** The registry: what must survive a restart of the master. Running tasks are relearnt from the agents, as in Mesos. */
export type MasterWrite =
  | { readonly w: 'agent'; readonly id: AgentId; readonly info: AgentInfo; readonly atMs: number }
  | {
      readonly w: 'agent-state';
      readonly id: AgentId;
      readonly state: 'reachable' | 'unreachable';
      readonly atMs: number;
    }
  /** Its resources after reservations and volumes were made or undone. */
  | {
      readonly w: 'agent-resources';
      readonly id: AgentId;
      readonly resources: readonly MesosResource[];
      readonly atMs: number;
    }
  /** What an operator wants of it. */
  | {
      readonly w: 'agent-operator';
      readonly id: AgentId;
      readonly deactivated: boolean;
      readonly drain: Drain | null;
    }
  /** It is never admitted again. */
  | { readonly w: 'agent-marked-gone'; readonly id: AgentId; readonly atMs: number }
  | { readonly w: 'weight'; readonly role: string; readonly weight: number }
  /** Amounts as an operator gives them; none at all: the quota ends. */
  | {
      readonly w: 'quota';
      readonly role: string;
      readonly guarantees: Readonly<Record<string, number>>;
      readonly limits: Readonly<Record<string, number>>;
    }
  /** The whole schedule, and which of its machines are down. */
  | {
      readonly w: 'maintenance';
      readonly windows: readonly MaintenanceWindow[];
      readonly down: readonly MachineId[];
    }
  | { readonly w: 'agent-gone'; readonly id: AgentId; readonly atMs: number }
  /** Rows of before frameworks could come over HTTP have a `name` only. */
  | {
      readonly w: 'framework';
      readonly id: FrameworkId;
      readonly info?: FrameworkInfo;
      readonly name?: string;
      readonly atMs: number;
    }
  | { readonly w: 'framework-gone'; readonly id: FrameworkId; readonly atMs: number };

export interface MasterLimits {
  /** agent_ping_timeout 15 s × max_agent_ping_timeouts 5 = 75 s, Mesos. */
  readonly pingTimeoutMs: number;
  readonly pingMissesMax: number;
  /** agent_reregister_timeout ≥ 10 min: agents known from the registry that did not come back after a restart. */
  readonly reregisterTimeoutMs: number;
  /** `--offer_timeout`: an offer that nobody answered is rescinded. Absent: never. */
  readonly offerTimeoutMs?: number | undefined;
  /** `--min_allocatable_resources`. Absent: Mesos's default. */
  readonly minAllocatable?: Minimums;
  /** `--allocation_interval`: between looks at what became free. Absent: at once. */
  readonly allocationIntervalMs?: number | undefined;
  /** `--roles`: no others may be subscribed with. Absent or empty: any. */
  readonly roles?: readonly string[];
  /** `--acls`: who may do what. */
  readonly acls?: Acls | undefined;
}

export const MASTER_LIMITS: MasterLimits = {
  pingTimeoutMs: 15_000,
  pingMissesMax: 5,
  reregisterTimeoutMs: 600_000,
};

export interface MasterEnv {
  readonly now: number;
  readonly random: Random;
  readonly limits: MasterLimits;
}

export interface MasterOutcome {
  /** Already applied; committed BEFORE any effect. Empty for most facts: offers and tasks are not registry. */
  readonly writes: readonly MasterWrite[];
  /** AFTER the commit, in order. */
  readonly effects: readonly MasterEffect[];
}
