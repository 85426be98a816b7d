import { randomUUID } from 'node:crypto';
import { expandAgents, type ClusterFixture } from '../../../shared/cluster-fixture.ts';
import type { AgentCall, AgentEvent, AgentInfo } from '../../../shared/mesos/agent.ts';
import { toMesos } from '../../../shared/resources.ts';
import { VERSION } from '../../../shared/version.ts';
import { Agent } from '../agent.ts';
import type { AgentClock } from '../parts.ts';
import type { MasterLink } from '../master-link.ts';
import { memoryState } from '../state.ts';
import { SimulatedContainerizer, type Behaviour } from './simulated.ts';

/** The master's side of agents in the same process, as the HTTP endpoint has it. */
export interface Hub<Connection> {
  open(connection: Connection, sink: { send(event: AgentEvent): void; close(): void }): void;
  call(connection: Connection, call: AgentCall): void;
  closed(connection: Connection): void;
}

export interface Fleet {
  readonly agents: readonly Agent[];
  close(): void;
}

/** Starts every agent of a fixture in this process, without HTTP and without processes. */
export function startSimulatedAgents<Connection extends string>(
  fixture: ClusterFixture,
  hub: Hub<Connection>,
  clock: AgentClock,
): Fleet {
  const behaviour = behaviourOf(fixture);
  const agents = expandAgents(fixture).map((spec) => {
    const link = directLink(hub, `simulated/${spec.name}` as Connection);
    const agent = new Agent({
      info: agentInfo(spec),
      state: memoryState(),
      link,
      clock,
      newId: randomUUID,
      containerizer: (host) => new SimulatedContainerizer(behaviour, clock, host),
      log: () => undefined,
      refused: () => undefined,
    });
    void agent.start();
    return agent;
  });
  return { agents, close: () => agents.forEach((agent) => void agent.close({ killTasks: false })) };
}

/** Calls as values. */
export function directLink<Connection extends string>(
  hub: Hub<Connection>,
  connection: Connection,
): MasterLink {
  return {
    start(subscribe, handler) {
      hub.open(connection, { send: (event) => handler.onEvent(event), close: () => handler.onDown() });
      hub.call(connection, subscribe());
    },
    send: (call) => hub.call(connection, call),
    close() {
      hub.closed(connection);
      return Promise.resolve();
    },
  };
}

function agentInfo(spec: ReturnType<typeof expandAgents>[number]): Omit<AgentInfo, 'id'> {
  return {
    hostname: spec.name,
    ip: '127.0.0.1',
    port: 0,
    resources: toMesos({
      cpusMilli: Math.round(spec.cpus * 1000),
      memMb: spec.memMb,
      diskMb: spec.diskMb,
      gpus: 0,
      ports: [spec.ports],
    }),
    attributes: Object.entries(spec.attributes).map(([name, value]) => ({
      name,
      type: 'TEXT',
      text: { value },
    })),
    containerizer: 'simulated',
    version: VERSION,
  };
}

function behaviourOf({ simulation }: ClusterFixture): Behaviour {
  const {
    startMs: [least, most],
    failureRate,
    seed,
  } = simulation ?? { startMs: [50, 500] as const, failureRate: 0, seed: 1 };
  let drawn = seed >>> 0;
  // A small generator of its own: what simulated tasks do must not depend on what else draws chance.
  const fraction = (): number => {
    drawn = (Math.imul(drawn, 1664525) + 1013904223) >>> 0;
    return drawn / 4294967296;
  };
  return {
    startMs: () => least + fraction() * (most - least),
    end: () => (fraction() < failureRate ? { afterMs: 1000 + fraction() * 10_000, exit: 1 } : null),
    stopMs: () => 20 + fraction() * 80,
  };
}
