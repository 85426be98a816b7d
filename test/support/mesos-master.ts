import type { AddressInfo } from 'node:net';
import { startSimulatedAgents } from '../../server/agent/simulated/fleet.ts';
import type { Core } from '../../server/core.ts';
import { startCore } from '../../server/core.ts';
import type { Clock } from '../../server/engine/clock.ts';
import { systemClock } from '../../server/engine/clock.ts';
import { mesosDoor } from '../../server/libprocess/door.ts';
import { agentEndpoint } from '../../server/http/agents/endpoint.ts';
import {
  type Authentication,
  authenticateRequests,
  challengeOf,
} from '../../server/http/auth/authenticate.ts';
import { mesosRoutes } from '../../server/http/mesos/routes.ts';
import { httpServer } from '../../server/http/server.ts';
import type { MasterLimits } from '../../server/master/facts.ts';
import { MASTER_LIMITS } from '../../server/master/facts.ts';
import { seededRandom } from '../../server/random.ts';
import { LIMITS } from '../../server/scheduler/facts.ts';
import type { ClusterFixture } from '../../shared/cluster-fixture.ts';
import { MemoryJournal } from './memory-journal.ts';

export interface MesosMaster {
  readonly core: Core;
  readonly port: number;
  readonly logged: string[];
  /** Agents that run nothing, in this process. */
  simulate(fixture: ClusterFixture): void;
  close(): Promise<void>;
}

export interface MesosMasterOptions {
  readonly clock?: Clock;
  readonly limits?: Partial<MasterLimits>;
  readonly journal?: MemoryJournal;
  /** Who must say who they are. */
  readonly authentication?: Authentication;
  /** Answers to any Host, as one that others can reach. */
  readonly anyHost?: boolean;
}

/** A master alone, on a free port of loopback: the real core and the real HTTP server over a journal in memory, without a scheduler of its own. */
export async function mesosMaster(options: MesosMasterOptions = {}): Promise<MesosMaster> {
  const { authentication } = options;
  const clock = options.clock ?? systemClock();
  const logged: string[] = [];
  const log = (message: string, detail?: Record<string, unknown>): void =>
    void logged.push(`${message} ${JSON.stringify(detail)}`);
  const core = startCore({
    journal: (options.journal ?? new MemoryJournal()).open(),
    clock,
    random: seededRandom('mesos'),
    limits: LIMITS,
    masterLimits: { ...MASTER_LIMITS, ...options.limits },
    scheduler: false,
    fatal: (error) => {
      throw error;
    },
  });
  const routes = mesosRoutes({
    hub: core.frameworks,
    operators: core.operators,
    master: core.master,
    masterId: core.master.id,
    clock,
    startedAtMs: clock.now(),
    electedAtMs: clock.now(),
    flags: {},
    acls: options.limits?.acls,
  });
  const app = httpServer({
    hosts: [],
    log,
    before: mesosDoor({
      process: 'master',
      routes,
      hosts: options.anyHost ? null : [],
      ...(authentication ? { refused: challengeOf(authentication) } : {}),
      log,
    }),
  });
  if (authentication) authenticateRequests(app, authentication);
  agentEndpoint(app, core.agents);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const fleets: { close(): void }[] = [];
  return {
    core,
    port: (app.server.address() as AddressInfo).port,
    logged,
    simulate: (fixture) => void fleets.push(startSimulatedAgents(fixture, core.agents, clock)),
    async close() {
      for (const fleet of fleets) fleet.close();
      await app.close();
      core.close();
    },
  };
}
