/** The composition root of an agent. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DawnError, ERRORS } from '../shared/errors.ts';
import { VERSION } from '../shared/version.ts';
import { type AgentOptions, type AgentValues, agentOptions } from './agent-options.ts';
import { Agent } from './agent/agent.ts';
import type { Containerizer, ContainerizerHost } from './agent/containerizer.ts';
import { Access } from './agent/api/access.ts';
import { SandboxFiles } from './agent/api/files.ts';
import { placeOf } from './agent/api/view.ts';
import { detect, engineAddress } from './agent/detect.ts';
import { DockerContainerizer } from './agent/docker/docker.ts';
import { connectEngine, sentence } from './agent/docker/engine.ts';
import { agentEndpoint } from './agent/endpoint.ts';
import { agentRoutes } from './agent/routes.ts';
import { httpLink } from './agent/http-link.ts';
import { thisMachine, withMachine } from './agent/machine.ts';
import { openFetcher } from './agent/fetcher/fetcher.ts';
import { ProcessContainerizer } from './agent/process/process.ts';
import { openState } from './agent/state-file.ts';
import { systemClock } from './engine/clock.ts';
import { AGENT_FLAGS, containerizerOf } from './flags/agent-flags.ts';
import { helpText } from './flags/help.ts';
import { parseFlags } from './flags/parse.ts';
import { AGENT_REPLACED } from './flags/agent-replaced.ts';
import { challengeOf, subjectOfRequest } from './http/auth/authenticate.ts';
import { isLoopback } from './listening.ts';
import { mesosDoor } from './libprocess/door.ts';
import { LoggingLevel } from './libprocess/logging-level.ts';
import type { MesosHandler } from './libprocess/respond.ts';
import { logger } from './log.ts';

export interface RunningAgent {
  /** It has had no earlier life in this work directory. */
  readonly isNew: boolean;
  close(options: { readonly killTasks: boolean }): Promise<void>;
}

/** Starts an agent: takes over what it left running, then registers with its master. */
export async function startAgent(
  flags: AgentOptions,
  refused: (message: string) => void,
): Promise<RunningAgent> {
  const log = logger(`agent ${flags.hostname}`);
  const make = await makerOf(flags);
  const state = openState(flags.workDir, { strict: flags.strict });
  const isNew = state.agentId === undefined;
  let agent: Agent | undefined;
  const routes = new Map<string, MesosHandler>();
  const access = (request: IncomingMessage): Access => new Access(flags.acls, subjectOfRequest(request));
  const challenge = flags.authentication && challengeOf(flags.authentication);
  const endpoint = agentEndpoint({
    tasks: () => ({ containerizer: agent!.containerizer, placeOf: (id) => placeOf(state, id) }),
    hosts: [flags.ip],
    refused: challenge,
    access,
    before: mesosDoor({
      process: 'slave(1)',
      routes,
      hosts: [flags.ip, flags.hostname],
      refused: challenge,
      log,
    }),
  });
  const fetch = await openFetcher({ ...flags.fetcher, workDir: flags.workDir });
  const port = await listen(endpoint, flags, state.port);
  state.setPort(port);
  const link = httpLink(flags.masters, flags.authorization, log);
  const info = {
    hostname: flags.hostname,
    ip: flags.ip,
    port,
    resources: withMachine(flags.resources, thisMachine(flags.workDir)),
    attributes: flags.attributes,
    containerizer: make.kind,
    version: VERSION,
  };
  const clock = systemClock();
  agent = new Agent({
    info,
    state,
    link,
    clock,
    newId: randomUUID,
    containerizer: (host) => make.build(host, state.key),
    machine: { workDir: flags.workDir, fetch, limits: flags.executorLimits, tokenKey: flags.tokenKey },
    log,
    refused,
  });
  const { containerizer, nested, alone } = agent;
  const parts = {
    state,
    link,
    info,
    clock,
    startedAtMs: clock.now(),
    flags: flags.shown,
    files: new SandboxFiles({ state, sandbox: (id) => containerizer.sandbox(id) }),
    logging: new LoggingLevel(clock),
    access,
    subject: subjectOfRequest,
    containers: {
      state,
      nested,
      alone,
      containerizer,
      runsCommands:
        isLoopback(flags.ip) || flags.authentication?.realms.has('mesos-agent-readwrite') === true,
    },
  };
  for (const [path, handler] of agentRoutes(agent, parts)) routes.set(path, handler);
  await agent.start();
  return {
    isNew,
    async close(options) {
      await agent?.close(options);
      endpoint.closeAllConnections();
      endpoint.close();
    },
  };
}

/** Where it listened in its last life, if any port will do and that one is free. */
async function listen(
  endpoint: Server,
  { ip, port }: Pick<AgentOptions, 'ip' | 'port'>,
  last: number | undefined,
): Promise<number> {
  const on = (wanted: number): Promise<void> =>
    new Promise((resolved, reject) =>
      endpoint.once('error', reject).listen(wanted, ip, () => {
        endpoint.off('error', reject);
        resolved();
      }),
    );
  if (port !== 0 || last === undefined) await on(port);
  else await on(last).catch(() => on(0));
  return (endpoint.address() as AddressInfo).port;
}

interface Maker {
  readonly kind: 'docker' | 'process';
  build(host: ContainerizerHost, agentKey: string): Containerizer;
}

async function makerOf(flags: AgentOptions): Promise<Maker> {
  const asProcess: Maker = {
    kind: 'process',
    build: (host) => new ProcessContainerizer(flags.workDir, host, flags.switchUser),
  };
  if (flags.containerizer === 'process') return asProcess;
  if (flags.containerizer === 'auto') {
    const found = await detect(flags.defaultImage, flags.dockerHost);
    if (found.containerizer === 'process') return asProcess;
  }
  const { address, from } = engineAddress(flags.dockerHost);
  const engine = await connectEngine(address).catch((error: unknown) => {
    throw new DawnError({
      code: 'unavailable',
      message: `no Docker engine answers at ${from} (${sentence(error)})`,
      hint: 'start one, or run processes with --containerizer process',
    });
  });
  return {
    kind: 'docker',
    build: (host, agentKey) =>
      new DockerContainerizer(
        {
          engine,
          workDir: flags.workDir,
          agentKey,
          defaultImage: flags.defaultImage,
          cpus: engine.cpus,
          memoryBytes: engine.memoryBytes,
          policy: flags.policy,
        },
        host,
      ),
  };
}

/** `dawn agent`. */
export async function agentMain(argv: readonly string[]): Promise<void> {
  try {
    const { values } = parseFlags(AGENT_FLAGS, argv, process.env, AGENT_REPLACED);
    if (values.help) {
      process.stdout.write(helpText('dawn agent --master=URL [flags]', AGENT_FLAGS));
      return;
    }
    if (values.detect) return await printDetected(values);
    const flags = agentOptions(values);
    const agent = await startAgent(flags, (message) => {
      process.stderr.write(`error: the master refused this agent: ${message}\n`);
      process.exit(4);
    });
    if (flags.cleanup && !agent.isNew) {
      await agent.close({ killTasks: true });
      process.stdout.write('what was left running has ended\n');
      process.exit(0);
    }
    process.stdout.write(
      values.ready_line
        ? `${JSON.stringify({ ready: true })}\n`
        : `dawn agent ${VERSION} of ${flags.masters.map(({ host }) => host).join(', ')}\n`,
    );
    let closing = false;
    const stop = (): void => {
      if (closing) return;
      closing = true;
      void agent.close({ killTasks: values.kill_on_exit }).then(() => process.exit(0));
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
  } catch (error) {
    const known = error instanceof DawnError;
    process.stderr.write(
      `error: ${(error as Error).message}${known && error.hint !== undefined ? `; ${error.hint}` : ''}\n`,
    );
    process.exit(known ? ERRORS[error.code].exit : 1);
  }
}

async function printDetected(values: AgentValues): Promise<void> {
  const wanted = containerizerOf(values.containerizers);
  if (wanted === 'process') {
    process.stdout.write(`${JSON.stringify({ containerizer: 'process', why: 'asked for', image: null })}\n`);
    return;
  }
  const { containerizer, why, image } = await detect(values.default_image, values.docker_host);
  if (wanted === 'docker' && containerizer !== 'docker')
    throw new DawnError({ code: 'unavailable', message: why });
  process.stdout.write(`${JSON.stringify({ containerizer, why, image })}\n`);
}
