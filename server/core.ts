import { randomUUID } from 'node:crypto';
import type { AgentHub, AgentSink } from './http/agents/endpoint.ts';
import type { Clock } from './engine/clock.ts';
import { Engine } from './engine/engine.ts';
import { Checkpointer, recover } from './engine/recover.ts';
import { IN_PROCESS, inProcessLink } from './link/in-process.ts';
import { awaitAgents } from './master/agents.ts';
import type { Connection, MasterEffect, MasterLimits } from './master/facts.ts';
import { MasterTx } from './master/tx.ts';
import type { MasterWorld } from './master/world.ts';
import { emptyMaster } from './master/world.ts';
import type { Call } from '../shared/mesos/v1.ts';
import type { Random } from './random.ts';
import type { Limits } from './scheduler/facts.ts';
import { rearm } from './scheduler/task/rearm.ts';
import { Tx } from './scheduler/tx.ts';
import type { Journal } from './store/journal.ts';

export interface CoreOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  readonly masterLimits: MasterLimits;
  /** What the scheduler asks of the master passes through here; the simulation plants bugs in it. */
  readonly filterCalls?: (calls: readonly Call[]) => readonly Call[];
  /** An I/O error whose outcome is unknown: end the process. */
  fatal(error: unknown): void;
}

/** Both cores over one journal, with the streams of agents; everything of a server but HTTP. The simulation and the benchmarks run this very thing. */
export interface Core {
  readonly engine: Engine;
  readonly master: MasterWorld;
  readonly replayed: number;
  readonly agents: AgentHub;
  close(): void;
}

export function startCore(options: CoreOptions): Core {
  const { journal, clock, random, limits, masterLimits } = options;
  const recovered = recover(journal, () => emptyMaster(random.stream('master-id').uuid()));
  const { master } = recovered;
  const now = clock.now();
  master.offerPrefix = `${master.id}-O${journal.epoch}.`;
  awaitAgents(new MasterTx(master, { now, random, limits: masterLimits }));
  const again = new Tx(recovered.scheduler, { now, random, limits });
  rearm(again);
  const checkpointer = new Checkpointer(journal);
  if (again.writes.length > 0)
    journal.append({ atMs: now, commands: [], scheduler: again.writes, master: [] });

  const sinks = new Map<Connection, AgentSink>();
  const engine: Engine = new Engine(recovered.scheduler, {
    journal,
    clock,
    random,
    limits,
    masterLimits,
    master,
    sendCalls: (calls) => link.send(options.filterCalls?.(calls) ?? calls),
    perform: (effects) => {
      for (const effect of effects) perform(effect, sinks, engine);
    },
    reload: () => recover(journal, () => master).scheduler,
    fatal: options.fatal,
  });
  const link = inProcessLink((fact) => engine.submitToMaster(fact));
  engine.onCommitted(() => checkpointer.afterCommit(engine.world, master));
  engine.submit({ kind: 'link', up: true });
  return {
    engine,
    master,
    replayed: recovered.replayed,
    agents: {
      open: (connection, sink) => void sinks.set(connection, sink),
      call: (connection, call) => engine.submitToMaster({ kind: 'agent-call', connection, call }),
      closed(connection) {
        sinks.delete(connection);
        engine.submitToMaster({ kind: 'agent-closed', connection });
      },
    },
    close() {
      engine.close();
      checkpointer.save(engine.world, master);
      for (const sink of sinks.values()) sink.close();
      journal.close();
    },
  };
}

function perform(effect: MasterEffect, sinks: ReadonlyMap<Connection, AgentSink>, engine: Engine): void {
  if (effect.kind === 'agent-event') sinks.get(effect.connection)?.send(effect.event);
  else if (effect.kind === 'close') sinks.get(effect.connection)?.close();
  else if (effect.connection === IN_PROCESS) engine.submit({ kind: 'event', event: effect.event });
}

/** For random streams of a server: nobody can guess ids, and no two servers share them. */
export function freshSeed(): string {
  return randomUUID();
}
