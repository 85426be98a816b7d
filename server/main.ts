/** The composition root: the one file that knows every room. */
import { parseArgs } from 'node:util';
import { DawnError, ERRORS } from '../shared/errors.ts';
import { VERSION } from '../shared/version.ts';
import { freshSeed, startCore } from './core.ts';
import { systemClock } from './engine/clock.ts';
import { agentEndpoint } from './http/agents/endpoint.ts';
import { consoleRoutes } from './http/console/routes.ts';
import { httpServer } from './http/server.ts';
import { logger } from './log.ts';
import { MASTER_LIMITS } from './master/facts.ts';
import { seededRandom } from './random.ts';
import { LIMITS } from './scheduler/facts.ts';
import { plan } from './scheduler/plan.ts';
import { startSimulatedAgents } from './agent/simulated/fleet.ts';
import { openSqliteJournal } from './store/sqlite-journal.ts';

/** Exit code of an I/O error of the store (sysexits EX_IOERR): start again, and recover from what is on disk. */
const EXIT_IO = 74;

const USAGE = `Usage: dawn server [options]

  --data-dir DIR           where the store is (default ./dawn-data)
  --host ADDRESS           loopback only unless --insecure-bind is given too (default 127.0.0.1)
  --port PORT              0: any free one (default 5050)
  --name NAME              of the cluster (default dawn)
  --max-tasks-per-job N    (default ${LIMITS.tasksPerJobMax})
  --agent-ping-timeout S   seconds between pings; five missed ones make an agent unreachable (default 15)
  --insecure-bind          listen on an address that others can reach, without authentication
`;

export interface ServerOptions {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly tasksPerJobMax: number;
  readonly pingTimeoutMs: number;
  /** JSON of a fixture cluster whose agents are simulated in this process. */
  readonly simulate: string | undefined;
}

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Opens the store, recovers, listens. @throws DawnError when it cannot. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const clock = systemClock();
  const log = logger('server');
  const journal = openSqliteJournal(options.dataDir, clock.now());
  const startedAtMs = clock.now();
  const random = seededRandom(freshSeed());
  const limits = { ...LIMITS, tasksPerJobMax: options.tasksPerJobMax };
  const core = startCore({
    journal,
    clock,
    random,
    limits,
    masterLimits: { ...MASTER_LIMITS, pingTimeoutMs: options.pingTimeoutMs },
    fatal(error) {
      log('the store failed; what was being committed may or may not be on disk', { error: String(error) });
      process.exit(EXIT_IO);
    },
  });
  let url = '';
  const app = httpServer({ hosts: [options.host], log });
  consoleRoutes(app, {
    info: { name: options.name, version: VERSION, pid: process.pid, startedAtMs, store: journal.file },
    url: () => url,
    scheduler: () => core.engine.world,
    master: core.master,
    journal,
    now: () => clock.now(),
    command: (command, actor) => core.engine.command(command, actor),
    plan: (command, actor) =>
      plan(core.engine.world, command, actor, { now: clock.now(), random: seededRandom('plan'), limits }),
    onCommitted: (listener) => core.engine.onCommitted(listener),
    log,
  });
  agentEndpoint(app, core.agents);
  try {
    url = await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    core.close();
    throw listenError(error, options);
  }
  log('listening', {
    url,
    store: journal.file,
    epoch: journal.epoch,
    replayed: core.replayed,
    jobs: core.engine.world.jobs.size,
  });
  const fleet =
    options.simulate === undefined
      ? undefined
      : startSimulatedAgents(JSON.parse(options.simulate), core.agents, clock);
  return {
    url,
    async close() {
      fleet?.close();
      await app.close();
      core.close();
    },
  };
}

/** `dawn server`. */
export async function serverMain(argv: readonly string[]): Promise<void> {
  try {
    const flags = readFlags(argv);
    if (!flags) return;
    const server = await startServer(flags.options);
    process.stdout.write(
      flags.readyLine
        ? `${JSON.stringify({ ready: true, url: server.url })}\n`
        : `dawn server ${VERSION} at ${server.url}\n`,
    );
    let closing = false;
    const stop = (): void => {
      if (closing) return;
      closing = true;
      void server.close().then(() => process.exit(0));
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
  } catch (error) {
    fail(error);
  }
}

function readFlags(argv: readonly string[]): { options: ServerOptions; readyLine: boolean } | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      'data-dir': { type: 'string', default: './dawn-data' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '5050' },
      name: { type: 'string', default: 'dawn' },
      'max-tasks-per-job': { type: 'string', default: String(LIMITS.tasksPerJobMax) },
      'agent-ping-timeout': { type: 'string', default: String(MASTER_LIMITS.pingTimeoutMs / 1000) },
      'insecure-bind': { type: 'boolean', default: false },
      simulate: { type: 'string' },
      'ready-line': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return undefined;
  }
  const loopback = ['127.0.0.1', 'localhost', '::1'].includes(values.host);
  if (!loopback && !values['insecure-bind']) {
    throw new DawnError({
      code: 'invalid_parameter',
      message: `${values.host} can be reached by others, and this server asks nobody who they are`,
      hint: 'listen on 127.0.0.1, or add --insecure-bind if the network itself is trusted',
    });
  }
  const options = {
    dataDir: values['data-dir'],
    host: values.host,
    port: whole('--port', values.port, 0, 65535),
    name: values.name,
    tasksPerJobMax: whole('--max-tasks-per-job', values['max-tasks-per-job'], 1, 1_000_000),
    pingTimeoutMs: whole('--agent-ping-timeout', values['agent-ping-timeout'], 1, 3600) * 1000,
    simulate: values.simulate,
  };
  return { options, readyLine: values['ready-line'] };
}

function whole(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new DawnError({
    code: 'invalid_parameter',
    message: `${flag} ${text}: a whole number from ${min} to ${max} is wanted`,
  });
}

function listenError(error: unknown, { host, port }: ServerOptions): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return error;
  return new DawnError({
    code: 'conflict',
    message: `port ${port} of ${host} is in use`,
    hint: 'give another with --port',
  });
}

function fail(error: unknown): never {
  const known = error instanceof DawnError;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`error: ${message}${known && error.hint !== undefined ? `; ${error.hint}` : ''}\n`);
  process.exit(
    known ? ERRORS[error.code].exit : (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ? 5 : 1,
  );
}
