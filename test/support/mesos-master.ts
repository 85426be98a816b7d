import type { AddressInfo } from 'node:net';
import { startSimulatedAgents } from '../../server/agent/simulated/fleet.ts';
import type { Core } from '../../server/core.ts';
import { startCore } from '../../server/core.ts';
import type { Clock } from '../../server/engine/clock.ts';
import { systemClock } from '../../server/engine/clock.ts';
import { mesosDoor } from '../../server/libprocess/door.ts';
import type { MesosHandler } from '../../server/libprocess/respond.ts';
import { agentEndpoint } from '../../server/http/agents/endpoint.ts';
import {
  type Authentication,
  authenticateRequests,
  challengeOf,
} from '../../server/http/auth/authenticate.ts';
import { type Door, Front } from '../../server/http/front.ts';
import { mesosRoutes } from '../../server/http/mesos/routes.ts';
import { standbyRoutes } from '../../server/http/mesos/standby.ts';
import { httpServer } from '../../server/http/server.ts';
import type { MasterLimits } from '../../server/master/facts.ts';
import { MASTER_LIMITS } from '../../server/master/facts.ts';
import { seededRandom } from '../../server/random.ts';
import { LIMITS } from '../../server/scheduler/facts.ts';
import type { Leadership } from '../../server/store/leadership.ts';
import type { ClusterFixture } from '../../shared/cluster-fixture.ts';
import { MemoryJournal } from './memory-journal.ts';

export interface MesosMaster {
  readonly core: Core;
  readonly port: number;
  readonly logged: string[];
  /** Agents that run nothing, in this process. */
  simulate(fixture: ClusterFixture): void;
  close(): Promise<void>;
  /** It is gone from one moment to the next: nobody is told, nothing more is written. */
  kill(): void;
}

export interface MesosMasterOptions {
  readonly clock?: Clock;
  readonly limits?: Partial<MasterLimits>;
  readonly journal?: MemoryJournal;
  /** Who must say who they are. */
  readonly authentication?: Authentication;
  /** As /flags shows them. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Answers to any Host, as one that others can reach. */
  readonly anyHost?: boolean;
  /** Where it listens; any free port if not set. */
  readonly port?: number;
}

/** A master alone that waits to lead, on a port of loopback: the real HTTP server, told by the test who leads. */
export interface StandbyMaster {
  readonly port: number;
  leadership: Leadership;
  /** It leads from now on: the real core over a journal in memory, without a scheduler of its own. */
  lead(): Promise<MesosMaster>;
  close(): Promise<void>;
}

export async function standbyMaster(options: MesosMasterOptions = {}): Promise<StandbyMaster> {
  const { authentication, limits, journal = new MemoryJournal() } = options;
  const clock = options.clock ?? systemClock();
  const logged: string[] = [];
  const log = (message: string, detail?: Record<string, unknown>): void =>
    void logged.push(`${message} ${JSON.stringify(detail)}`);
  const startedAtMs = clock.now();
  const about = { clock, startedAtMs, flags: options.flags ?? {}, acls: limits?.acls };
  const doorTo = (routes: ReadonlyMap<string, MesosHandler>): Door =>
    mesosDoor({
      process: 'master',
      routes,
      hosts: options.anyHost ? null : [],
      ...(authentication ? { refused: challengeOf(authentication) } : {}),
      log,
    });
  let now: Leadership = { kind: 'none' };
  const leadership = (): Leadership => now;
  const front = new Front({
    hosts: [],
    log,
    authentication,
    leadership,
    standby: doorTo(standbyRoutes(about, leadership)),
  });
  await front.app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  const { port } = front.app.server.address() as AddressInfo;
  const lead = async (): Promise<MesosMaster> => {
    const core = startCore({
      journal: journal.open(),
      clock,
      random: seededRandom('mesos'),
      limits: LIMITS,
      masterLimits: { ...MASTER_LIMITS, ...limits },
      scheduler: false,
      fatal: (error) => {
        throw error;
      },
    });
    const routes = mesosRoutes({
      ...about,
      hub: core.frameworks,
      operators: core.operators,
      master: core.master,
      masterId: core.master.id,
      electedAtMs: clock.now(),
    });
    const app = httpServer({ hosts: [], log });
    if (authentication) authenticateRequests(app, authentication);
    agentEndpoint(app, core.agents);
    await front.lead(app, doorTo(routes));
    now = { kind: 'leading' };
    const fleets: { close(): void }[] = [];
    return {
      core,
      port,
      logged,
      simulate: (fixture) => void fleets.push(startSimulatedAgents(fixture, core.agents, clock)),
      async close() {
        for (const fleet of fleets) fleet.close();
        await front.app.close();
        core.close();
      },
      kill() {
        core.engine.close();
        front.app.server.closeAllConnections();
        front.app.server.close();
      },
    };
  };
  return {
    port,
    get leadership() {
      return now;
    },
    set leadership(known) {
      now = known;
    },
    lead,
    close: async () => void (await front.app.close()),
  };
}

/** One that leads from the beginning. */
export async function mesosMaster(options: MesosMasterOptions = {}): Promise<MesosMaster> {
  const master = await standbyMaster(options);
  return master.lead();
}
