import type { AgentCall, AgentEvent } from '../../shared/mesos/agent.ts';

export interface MasterLinkHandler {
  onEvent(event: AgentEvent): void;
  /** The subscription ended; a new one is being tried. */
  onDown(): void;
}

/** The way to the master: HTTP for real agents, a function call for simulated ones. */
export interface MasterLink {
  /** Subscribes, and subscribes anew whenever the subscription ends; `subscribe` tells the state of the moment. */
  start(subscribe: () => AgentCall, handler: MasterLinkHandler): void;
  /** Best effort: what matters is repeated until it is acknowledged. */
  send(call: AgentCall): void;
  close(): Promise<void>;
}
