import { randomUUID } from 'node:crypto';
import type { AgentHub } from './http/agents/endpoint.ts';
import type { FrameworkHub } from './http/mesos/scheduler.ts';
import type { OperatorHub } from './http/mesos/operator/parts.ts';
import type { Clock } from './engine/clock.ts';
import { Engine } from './engine/engine.ts';
import { Checkpointer, recover } from './engine/recover.ts';
import { IN_PROCESS, inProcessLink } from './link/in-process.ts';
import type { Link, LinkListener } from './link/link.ts';
import { awaitAgents } from './master/agents.ts';
import type { MasterLimits } from './master/facts.ts';
import { awaitFrameworks } from './master/subscribe.ts';
import { MasterTx } from './master/tx.ts';
import type { MasterWorld } from './master/world.ts';
import { emptyMaster } from './master/world.ts';
import type { Call } from '../shared/mesos/scheduler.ts';
import type { Random } from './random.ts';
import type { Limits } from './scheduler/facts.ts';
import { rearm } from './scheduler/task/rearm.ts';
import { Tx } from './scheduler/tx.ts';
import type { Journal } from './store/journal.ts';
import { type Streams, frameworkHub, operatorHub, perform } from './streams.ts';

export interface CoreOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  readonly masterLimits: MasterLimits;
  /** What the scheduler asks of the master passes through here; the simulation plants bugs in it. */
  readonly filterCalls?: (calls: readonly Call[]) => readonly Call[];
  /** The scheduler's way to a master elsewhere. Without it the master is the one in this process. */
  readonly connect?: (listener: LinkListener) => Link;
  /** False: a master alone, whose frameworks are others. */
  readonly scheduler?: boolean;
  /** An I/O error whose outcome is unknown: end the process. */
  fatal(error: unknown): void;
}

/** Our own scheduler was cut off by the master in this process (torn down, or replaced): it subscribes again after this. */
const RESUBSCRIBE_MS = 1_000;

/** Both cores over one journal, with the streams of agents; everything of a server but HTTP. The simulation and the benchmarks run this very thing. */
export interface Core {
  readonly engine: Engine;
  /** Idle where the scheduler drives a master elsewhere. */
  readonly master: MasterWorld;
  readonly replayed: number;
  readonly agents: AgentHub;
  readonly frameworks: FrameworkHub;
  readonly operators: OperatorHub;
  close(): void;
}

export function startCore(options: CoreOptions): Core {
  const { journal, clock, random, limits, masterLimits } = options;
  const recovered = recover(journal, () => emptyMaster(random.stream('master-id').uuid()));
  const { master } = recovered;
  const remote = options.connect !== undefined;
  const now = clock.now();
  master.offers.prefix = `${master.id}-O${journal.epoch}.`;
  if (!remote) {
    const away = new MasterTx(master, { now, random, limits: masterLimits });
    awaitAgents(away);
    awaitFrameworks(away);
  }
  const again = new Tx(recovered.scheduler, { now, random, limits });
  rearm(again);
  const checkpointer = new Checkpointer(journal, recovered.replayed);
  if (again.writes.length > 0)
    journal.append({ atMs: now, commands: [], scheduler: again.writes, master: [] });

  const streams: Streams = {
    agents: new Map(),
    frameworks: new Map(),
    operators: new Set(),
    answers: new Map(),
  };
  const engine: Engine = new Engine(recovered.scheduler, {
    journal,
    clock,
    random,
    limits,
    masterLimits,
    master: remote ? null : master,
    sendCalls: (calls) => link.send(options.filterCalls?.(calls) ?? calls),
    perform: (effects) => {
      for (const effect of effects) {
        if (effect.kind === 'close' && effect.connection === IN_PROCESS) relink();
        else perform(effect, streams, engine);
      }
    },
    reload: () => recover(journal, () => master).scheduler,
    fatal: options.fatal,
  });
  const listener: LinkListener = {
    link: (up) => engine.submit({ kind: 'link', up }),
    event: (event) => engine.submit({ kind: 'event', event }),
  };
  const link = options.connect?.(listener) ?? inProcessLink((fact) => engine.submitToMaster(fact), listener);
  const relink = (): void => {
    listener.link(false);
    clock.at(clock.now() + RESUBSCRIBE_MS, () => link.start());
  };
  engine.onCommitted(() => checkpointer.afterCommit(engine.world, master));
  if (options.scheduler !== false) link.start();
  return {
    engine,
    master,
    replayed: recovered.replayed,
    agents: {
      open: (connection, sink) => void streams.agents.set(connection, sink),
      call: (connection, call, principal) =>
        engine.submitToMaster({ kind: 'agent-call', connection, call, principal }),
      closed(connection) {
        streams.agents.delete(connection);
        engine.submitToMaster({ kind: 'agent-closed', connection });
      },
    },
    frameworks: frameworkHub(engine, master, streams),
    operators: operatorHub(engine, streams),
    close() {
      engine.close();
      link.close();
      checkpointer.save(engine.world, master);
      for (const sink of [...streams.agents.values(), ...streams.frameworks.values()]) sink.close();
      for (const answer of streams.answers.values())
        answer({ status: 503, message: 'The master is stopping' });
      journal.close();
    },
  };
}

/** For random streams of a server: nobody can guess ids, and no two servers share them. */
export function freshSeed(): string {
  return randomUUID();
}
