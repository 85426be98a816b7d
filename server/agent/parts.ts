import type { AgentInfo } from '../../shared/mesos/agent.ts';
import type { Containerizer, ContainerizerHost } from './containerizer.ts';
import type { MasterLink } from './master-link.ts';
import type { AgentState } from './state.ts';

export interface AgentParts {
  readonly info: Omit<AgentInfo, 'id'>;
  readonly state: AgentState;
  readonly link: MasterLink;
  containerizer(host: ContainerizerHost): Containerizer;
  readonly clock: AgentClock;
  log(message: string, detail?: Readonly<Record<string, unknown>>): void;
  /** The master refused us for good. */
  refused(message: string): void;
}

export interface AgentClock {
  now(): number;
  at(atMs: number, run: () => void): () => void;
}
