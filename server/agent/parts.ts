import type { AgentInfo } from '../../shared/mesos/agent.ts';
import type { Containerizer, ContainerizerHost } from './containerizer.ts';
import type { ExecutorLimits } from './executors/parts.ts';
import type { MasterLink } from './master-link.ts';
import type { Fetch } from './prepare.ts';
import type { AgentState } from './state.ts';

export interface AgentParts {
  readonly info: Omit<AgentInfo, 'id'>;
  readonly state: AgentState;
  readonly link: MasterLink;
  containerizer(host: ContainerizerHost): Containerizer;
  /** Absent: nothing really runs. */
  readonly machine?: Machine;
  readonly clock: AgentClock;
  /** Ids of containers: UUIDs, as Mesos's. */
  newId(): string;
  log(message: string, detail?: Readonly<Record<string, unknown>>): void;
  /** The master refused us for good. */
  refused(message: string): void;
}

/** What an agent has that runs things: a place for them, and their time. */
export interface Machine {
  readonly workDir: string;
  readonly fetch: Fetch;
  readonly limits: ExecutorLimits;
  /** What tokens of executors are signed with; undefined: they get none. */
  readonly tokenKey?: Buffer | undefined;
}

export interface AgentClock {
  now(): number;
  at(atMs: number, run: () => void): () => void;
}
