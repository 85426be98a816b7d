import type { AgentInfo } from '../../../shared/mesos/agent.ts';
import type { ExecutorEvent } from '../../../shared/mesos/executor.ts';
import type { Containerizer } from '../containerizer.ts';
import type { MasterLink } from '../master-link.ts';
import type { AgentClock } from '../parts.ts';
import type { Preparation } from '../prepare.ts';
import type { AgentState, HeldExecutor } from '../state.ts';
import type { Word } from '../status-of.ts';
import type { Statuses } from '../statuses.ts';

/** How long executors may take, as the agent's flags of these names say. */
export interface ExecutorLimits {
  readonly registrationTimeoutMs: number;
  readonly reregistrationTimeoutMs: number;
  readonly shutdownGraceMs: number;
  /** How long an executor may wait for an agent that is away. */
  readonly recoveryTimeoutMs: number;
}

export interface ExecutorParts {
  readonly state: AgentState;
  readonly link: MasterLink;
  readonly clock: AgentClock;
  readonly statuses: Statuses;
  readonly containerizer: Containerizer;
  readonly preparation: Preparation;
  readonly limits: ExecutorLimits;
  readonly workDir: string;
  /** What their tokens are signed with; undefined: they get none. */
  readonly tokenKey?: Buffer | undefined;
  info(): Omit<AgentInfo, 'id'>;
  newId(): string;
  onExited(container: string): void;
  log(message: string, detail?: Readonly<Record<string, unknown>>): void;
}

/** Where events for an executor go. */
export interface ExecutorSink {
  send(event: ExecutorEvent): void;
  close(): void;
}

/** A framework's own executor, as far as this life of the agent knows it. */
export interface Running {
  readonly held: HeldExecutor;
  readonly key: string;
  sink: ExecutorSink | undefined;
  pid?: number;
  ip?: string;
  /** Asked to end: gets no more tasks. */
  ending: boolean;
  /** What is said of its tasks when it has ended. */
  verdict?: Word;
  cancelTimer?: () => void;
}
