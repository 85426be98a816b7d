/** What can happen to the master, and what it wants done about it. */
import type { AgentId, FrameworkId } from '../../shared/ids.ts';
import type { AgentCall, AgentEvent, AgentInfo } from '../../shared/mesos/agent.ts';
import type { Call, Event } from '../../shared/mesos/v1.ts';
import type { Random } from '../random.ts';

/** A live stream to an agent or a framework. Named by whoever opened it; the core never sees sockets. */
export type Connection = string & { readonly connection: unique symbol };

export type MasterFact =
  /** SUBSCRIBE comes with the connection on which events shall go out; other calls name theirs. */
  | { readonly kind: 'agent-call'; readonly connection: Connection; readonly call: AgentCall }
  | { readonly kind: 'agent-closed'; readonly connection: Connection }
  | { readonly kind: 'framework-call'; readonly connection: Connection; readonly call: Call }
  | { readonly kind: 'framework-closed'; readonly connection: Connection }
  | { readonly kind: 'time' }
  /** End of a turn: allocate what became free. */
  | { readonly kind: 'settle' };

export type MasterEffect =
  | { readonly kind: 'agent-event'; readonly connection: Connection; readonly event: AgentEvent }
  | { readonly kind: 'framework-event'; readonly connection: Connection; readonly event: Event }
  /** End a stream: replaced by a newer one, refused, or torn down. */
  | { readonly kind: 'close'; readonly connection: Connection };

/** The registry: what must survive a restart of the master. Running tasks are relearnt from the agents, as in Mesos. */
export type MasterWrite =
  | { readonly w: 'agent'; readonly id: AgentId; readonly info: AgentInfo; readonly atMs: number }
  | {
      readonly w: 'agent-state';
      readonly id: AgentId;
      readonly state: 'reachable' | 'unreachable';
      readonly atMs: number;
    }
  | { readonly w: 'agent-gone'; readonly id: AgentId; readonly atMs: number }
  | { readonly w: 'framework'; readonly id: FrameworkId; readonly name: string; readonly atMs: number }
  | { readonly w: 'framework-gone'; readonly id: FrameworkId; readonly atMs: number };

export interface MasterLimits {
  /** agent_ping_timeout 15 s × max_agent_ping_timeouts 5 = 75 s, Mesos. */
  readonly pingTimeoutMs: number;
  readonly pingMissesMax: number;
  /** agent_reregister_timeout ≥ 10 min: agents known from the registry that did not come back after a restart. */
  readonly reregisterTimeoutMs: number;
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
