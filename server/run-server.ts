/** The composition root of servers. */
import type { FastifyInstance } from 'fastify';
import { startSimulatedAgents } from './agent/simulated/fleet.ts';
import type { Core } from './core.ts';
import { freshSeed, startCore } from './core.ts';
import { systemClock } from './engine/clock.ts';
import { agentEndpoint } from './http/agents/endpoint.ts';
import { authenticateRequests } from './http/auth/authenticate.ts';
import type { Fleet } from './http/console/fleet.ts';
import { consoleRoutes } from './http/console/routes.ts';
import { ownFleet } from './http/console/fleet/own.ts';
import { remoteFleet } from './http/console/fleet/remote.ts';
import { httpServer } from './http/server.ts';
import { basicAuthorization } from './link/identity.ts';
import { httpLink } from './link/http.ts';
import { RemoteAgents } from './link/remote-agents.ts';
import { logger } from './log.ts';
import { masterDoor, standbyDoor } from './master-doors.ts';
import type { MasterOptions, ServerOptions } from './options.ts';
import { seededRandom } from './random.ts';
import { FRAMEWORK_USER } from './scheduler/framework.ts';
import { LIMITS } from './scheduler/facts.ts';
import { plan } from './scheduler/plan.ts';
import { EXIT_IO, type Leading, type RunningServer, stand, type StandParts } from './stand.ts';
import type { StoreJournal } from './store/store-election.ts';
import { followWhitelist } from './whitelist.ts';
import { DawnError } from '../shared/errors.ts';
import { VERSION } from '../shared/version.ts';

/** Scheduler, console API, and a master: in this process, or elsewhere. @throws DawnError when it cannot start */
export function startServer(options: ServerOptions): Promise<RunningServer> {
  const parts = openParts('server');
  return stand(options, parts, standbyDoor(options, parts, options.remote !== undefined), (...won) =>
    leadServer(options, parts, ...won),
  );
}

/** A master alone: for frameworks that come over HTTP. @throws DawnError when it cannot start */
export function startMaster(options: MasterOptions): Promise<RunningServer> {
  const parts = openParts('master');
  return stand(options, parts, standbyDoor(options, parts, false), (journal) =>
    leadMaster(options, parts, journal),
  );
}

function leadServer(options: ServerOptions, parts: Parts, journal: StoreJournal, url: string): Leading {
  const { clock, log, random } = parts;
  const limits = { ...LIMITS, tasksPerJobMax: options.tasksPerJobMax };
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
  const { agentAuthorization: known } = options;
  const fleet: Fleet =
    remote && agents ? remoteFleet(agents, remote.identity.role, world, known) : ownFleet(core.master, known);
  const routes = ownRoutes(options, parts);
  consoleRoutes(routes, {
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
    acls: options.masterLimits.acls,
    frameworkUser: remote?.identity.user ?? FRAMEWORK_USER,
    journal,
    now: () => clock.now(),
    command: (command, actor) => core.engine.command(command, actor),
    plan: (command, actor) =>
      plan(
        world(),
        command,
        actor,
        { now: clock.now(), random: seededRandom('plan'), limits },
        fleet.agents(),
      ),
    onCommitted: (listener) => core.engine.onCommitted(listener),
    log,
  });
  if (!remote) {
    agentEndpoint(routes, core.agents);
    setWeights(core, options);
  }
  const unfollow = remote ? () => {} : followHosts(core, options, parts);
  const simulated =
    options.simulate === undefined || remote
      ? undefined
      : startSimulatedAgents(JSON.parse(options.simulate), core.agents, clock);
  return {
    routes,
    mesos: remote ? undefined : masterDoor(options, parts, core),
    about: {
      replayed: core.replayed,
      jobs: world().jobs.size,
      ...(remote ? { master: remote.masters.map(({ host }) => host) } : {}),
    },
    close() {
      simulated?.close();
      agents?.close();
      unfollow();
      core.close();
    },
  };
}

function leadMaster(options: MasterOptions, parts: Parts, journal: StoreJournal): Leading {
  const { clock, random, fatal } = parts;
  const core = startCore({
    journal,
    clock,
    random,
    limits: LIMITS,
    masterLimits: options.masterLimits,
    scheduler: false,
    fatal,
  });
  const routes = ownRoutes(options, parts);
  routes.all('/v1/*', noConsole);
  agentEndpoint(routes, core.agents);
  setWeights(core, options);
  const unfollow = followHosts(core, options, parts);
  return {
    routes,
    mesos: masterDoor(options, parts, core),
    about: { replayed: core.replayed },
    close() {
      unfollow();
      core.close();
    },
  };
}

/** For commands and consoles that were sent to a master alone. */
function noConsole(): never {
  throw new DawnError({
    code: 'not_found',
    message: 'this is a master alone: the jobs on it are those of its frameworks',
    hint: 'it tells operators what there is at GET /state and POST /api/v1; `dawn server` has jobs of its own',
  });
}

/** Those of `--weights`; an operator may change them later. */
function setWeights(core: Core, { weights }: MasterOptions): void {
  if (weights.size === 0) return;
  const infos = [...weights].map(([role, weight]) => ({ role, weight }));
  const call = { type: 'UPDATE_WEIGHTS', update_weights: { weight_infos: infos } } as const;
  core.engine.submitToMaster({ kind: 'operator-call', call, request: 'weights' });
}

/** Before the first agent is here. @returns ends it */
function followHosts(core: Core, { whitelist }: MasterOptions, { clock, log }: Parts): () => void {
  if (!whitelist) return () => {};
  const told = (hostnames: ReadonlySet<string>): void => {
    log('offering agents of these hosts only', { hosts: hostnames.size });
    core.engine.submitToMaster({ kind: 'whitelist', hostnames });
  };
  return followWhitelist(whitelist, { clock, log, told });
}

interface Parts extends StandParts {
  readonly startedAtMs: number;
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

/** Where Dawn's own paths go. */
function ownRoutes({ listening, authentication }: MasterOptions, { log }: Parts): FastifyInstance {
  const app = httpServer({ hosts: listening.hosts, log });
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
