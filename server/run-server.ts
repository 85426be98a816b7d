/** The composition root of servers. */
import type { FastifyInstance } from 'fastify';
import { DawnError } from '../shared/errors.ts';
import { startSimulatedAgents } from './agent/simulated/fleet.ts';
import type { Core } from './core.ts';
import { freshSeed, startCore } from './core.ts';
import type { Clock } from './engine/clock.ts';
import { systemClock } from './engine/clock.ts';
import { agentEndpoint } from './http/agents/endpoint.ts';
import { authenticateRequests, challengeOf } from './http/auth/authenticate.ts';
import type { Fleet } from './http/console/fleet.ts';
import { consoleRoutes } from './http/console/routes.ts';
import { ownFleet } from './http/console/fleet/own.ts';
import { remoteFleet } from './http/console/fleet/remote.ts';
import { mesosDoor } from './libprocess/door.ts';
import { mesosRoutes } from './http/mesos/routes.ts';
import { httpServer } from './http/server.ts';
import { basicAuthorization } from './link/identity.ts';
import { httpLink } from './link/http.ts';
import { RemoteAgents } from './link/remote-agents.ts';
import { logger } from './log.ts';
import type { MasterOptions, ServerOptions } from './options.ts';
import type { Random } from './random.ts';
import { seededRandom } from './random.ts';
import { LIMITS } from './scheduler/facts.ts';
import { plan } from './scheduler/plan.ts';
import { openSqliteJournal } from './store/sqlite-journal.ts';
import { VERSION } from '../shared/version.ts';

/** Exit code of an I/O error of the store (sysexits EX_IOERR): start again, and recover from what is on disk. */
const EXIT_IO = 74;

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Scheduler, console API, and a master: in this process, or elsewhere. @throws DawnError when it cannot start */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const parts = openParts('server');
  const { clock, log, random } = parts;
  const limits = { ...LIMITS, tasksPerJobMax: options.tasksPerJobMax };
  const journal = openSqliteJournal(options.dataDir, clock.now());
  const { remote } = options;
  const agents = remote && remoteAgents(options, parts);
  const core = startCore({
    journal,
    clock,
    random,
    limits,
    masterLimits: options.masterLimits,
    fatal: parts.fatal,
    ...(remote && agents
      ? {
          connect: (listener) =>
            httpLink(
              {
                ...remote,
                clock,
                fraction: () => random.stream('link').fraction(),
                log: logger('link'),
                subscribed: (master) => agents.follow(master),
              },
              { ...listener, event: (event) => (agents.hear(event), listener.event(event)) },
            ),
        }
      : {}),
  });
  const world = (): Core['engine']['world'] => core.engine.world;
  const fleet: Fleet = agents ? remoteFleet(agents, world) : ownFleet(core.master);
  let url = '';
  const app = openDoor(options, parts, remote ? null : core);
  consoleRoutes(app, {
    info: {
      name: options.name,
      version: VERSION,
      pid: process.pid,
      startedAtMs: parts.startedAtMs,
      store: journal.file,
    },
    url: () => url,
    scheduler: world,
    fleet,
    journal,
    now: () => clock.now(),
    command: (command, actor) => core.engine.command(command, actor),
    plan: (command, actor) =>
      plan(world(), command, actor, { now: clock.now(), random: seededRandom('plan'), limits }),
    onCommitted: (listener) => core.engine.onCommitted(listener),
    log,
  });
  if (!remote) {
    agentEndpoint(app, core.agents);
    setWeights(core, options);
  }
  url = await listen(app, core, options);
  log('listening', {
    url,
    store: journal.file,
    epoch: journal.epoch,
    replayed: core.replayed,
    jobs: world().jobs.size,
    ...(remote ? { master: remote.masters.map(({ host }) => host) } : {}),
  });
  const simulated =
    options.simulate === undefined || remote
      ? undefined
      : startSimulatedAgents(JSON.parse(options.simulate), core.agents, clock);
  return {
    url,
    async close() {
      simulated?.close();
      agents?.close();
      await app.close();
      core.close();
    },
  };
}

/** A master alone: for frameworks that come over HTTP. @throws DawnError when it cannot start */
export async function startMaster(options: MasterOptions): Promise<RunningServer> {
  const parts = openParts('master');
  const { clock, log, random, fatal } = parts;
  const journal = openSqliteJournal(options.dataDir, clock.now());
  const core = startCore({
    journal,
    clock,
    random,
    limits: LIMITS,
    masterLimits: options.masterLimits,
    scheduler: false,
    fatal,
  });
  const app = openDoor(options, parts, core);
  agentEndpoint(app, core.agents);
  setWeights(core, options);
  const url = await listen(app, core, options);
  log('listening', { url, store: journal.file, epoch: journal.epoch, replayed: core.replayed });
  return {
    url,
    async close() {
      await app.close();
      core.close();
    },
  };
}

/** Those of `--weights`; an operator may change them later. */
function setWeights(core: Core, { weights }: MasterOptions): void {
  if (weights.size === 0) return;
  const infos = [...weights].map(([role, weight]) => ({ role, weight }));
  const call = { type: 'UPDATE_WEIGHTS', update_weights: { weight_infos: infos } } as const;
  core.engine.submitToMaster({ kind: 'operator-call', call, request: 'weights' });
}

interface Parts {
  readonly clock: Clock;
  readonly random: Random;
  readonly startedAtMs: number;
  readonly log: ReturnType<typeof logger>;
  fatal(error: unknown): never;
}

function openParts(part: string): Parts {
  const clock = systemClock();
  const log = logger(part);
  return {
    clock,
    random: seededRandom(freshSeed()),
    startedAtMs: clock.now(),
    log,
    fatal(error) {
      log('the store failed; what was being committed may or may not be on disk', { error: String(error) });
      process.exit(EXIT_IO);
    },
  };
}

/** @param core whose master is open to frameworks; null where the master is elsewhere. */
function openDoor(
  { listening, authentication, name, flags, masterLimits }: MasterOptions,
  { log, clock, startedAtMs }: Parts,
  core: Core | null,
): FastifyInstance {
  const { hosts } = listening;
  const door =
    core &&
    mesosDoor({
      routes: mesosRoutes({
        hub: core.frameworks,
        operators: core.operators,
        master: core.master,
        masterId: core.master.id,
        clock,
        startedAtMs,
        cluster: name,
        flags,
        acls: masterLimits.acls,
      }),
      process: 'master',
      hosts,
      refused: authentication && challengeOf(authentication),
      log,
    });
  const app = httpServer({ hosts, log, ...(door ? { before: door } : {}) });
  if (authentication) authenticateRequests(app, authentication);
  return app;
}

function remoteAgents({ remote }: ServerOptions, { clock }: Parts): RemoteAgents {
  const { principal } = remote!.identity;
  const { secret } = remote!;
  return new RemoteAgents({
    clock,
    log: logger('link'),
    authorization:
      principal === undefined || secret === undefined ? undefined : basicAuthorization(principal, secret),
  });
}

async function listen(app: FastifyInstance, core: Core, { listening }: MasterOptions): Promise<string> {
  const { host, port } = listening;
  try {
    return await app.listen({ host, port });
  } catch (error) {
    core.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new DawnError({
      code: 'conflict',
      message: `port ${port} of ${host} is in use`,
      hint: 'give another with --port',
    });
  }
}
