/** The composition root of an agent. */
import { hostname } from 'node:os';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { DawnError, ERRORS } from '../shared/errors.ts';
import type { Attribute } from '../shared/mesos/v1.ts';
import { parseMesosAttributes, parseMesosResources } from '../shared/mesos/flags.ts';
import { toMesos } from '../shared/resources.ts';
import type { Resources } from '../shared/resources.ts';
import { VERSION } from '../shared/version.ts';
import { Agent } from './agent/agent.ts';
import type { Containerizer, ContainerizerHost } from './agent/containerizer.ts';
import { detect, engineAddress } from './agent/detect.ts';
import { DockerContainerizer } from './agent/docker/docker.ts';
import { connectEngine, sentence } from './agent/docker/engine.ts';
import { agentEndpoint } from './agent/endpoint.ts';
import { httpLink } from './agent/http-link.ts';
import { ProcessContainerizer } from './agent/process/process.ts';
import { openState } from './agent/state.ts';
import { systemClock } from './engine/clock.ts';
import { logger } from './log.ts';

const USAGE = `Usage: dawn agent --master URL [options]

  --master URL             of the server (required)
  --work-dir DIR           state, sandboxes (default ./dawn-agent)
  --hostname NAME          (default: this machine's)
  --resources TEXT         cpus:4;mem:4096;disk:20480;ports:[31000-32000]
  --attributes TEXT        rack:r1;zone:a
  --containerizer KIND     docker, process or auto (default auto)
  --docker-host ADDRESS    unix:///… or tcp://…; beats DOCKER_HOST and contexts
  --default-image IMAGE    for tasks that name none (default busybox)
  --ip ADDRESS             where logs are served (default 127.0.0.1)
  --port PORT              (default: any free one)
  --allow-volumes DIR      jobs may mount what lies below it (repeatable; nothing otherwise)
  --kill-on-exit           end all tasks when the agent is told to stop
  --detect                 say what would run tasks here, as JSON, and stop
`;

interface AgentFlags {
  readonly master: string;
  readonly workDir: string;
  readonly hostname: string;
  readonly resources: Resources;
  readonly attributes: readonly Attribute[];
  readonly containerizer: 'auto' | 'docker' | 'process';
  readonly dockerHost: string | undefined;
  readonly defaultImage: string;
  readonly ip: string;
  readonly port: number;
  readonly volumeRoots: readonly string[];
}

export interface RunningAgent {
  close(options: { readonly killTasks: boolean }): Promise<void>;
}

/** Starts an agent: takes over what it left running, then registers with its master. */
export async function startAgent(
  flags: AgentFlags,
  refused: (message: string) => void,
): Promise<RunningAgent> {
  const log = logger(`agent ${flags.hostname}`);
  const make = await containerizerOf(flags);
  const state = openState(flags.workDir);
  let agent: Agent | undefined;
  const endpoint = agentEndpoint(() => agent!.containerizer, [flags.ip]);
  await new Promise<void>((resolve, reject) =>
    endpoint.once('error', reject).listen(flags.port, flags.ip, () => resolve()),
  );
  agent = new Agent({
    info: {
      hostname: flags.hostname,
      ip: flags.ip,
      port: (endpoint.address() as AddressInfo).port,
      resources: toMesos(flags.resources),
      attributes: flags.attributes,
      containerizer: make.kind,
      version: VERSION,
    },
    state,
    link: httpLink(flags.master, log),
    clock: systemClock(),
    containerizer: (host) => make.build(host, state.key),
    log,
    refused,
  });
  await agent.start();
  return {
    async close(options) {
      await agent?.close(options);
      endpoint.closeAllConnections();
      endpoint.close();
    },
  };
}

interface Maker {
  readonly kind: 'docker' | 'process';
  build(host: ContainerizerHost, agentKey: string): Containerizer;
}

async function containerizerOf(flags: AgentFlags): Promise<Maker> {
  const asProcess: Maker = {
    kind: 'process',
    build: (host) => new ProcessContainerizer(flags.workDir, host),
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
          agentKey,
          defaultImage: flags.defaultImage,
          cpus: engine.cpus,
          volumeRoots: flags.volumeRoots,
        },
        host,
      ),
  };
}

/** `dawn agent`. */
export async function agentMain(argv: readonly string[]): Promise<void> {
  try {
    const { values } = parseArgs({ args: [...argv], options: OPTIONS });
    if (values.help) {
      process.stdout.write(USAGE);
      return;
    }
    if (values.detect) return await printDetected(values);
    const agent = await startAgent(readFlags(values), (message) => {
      process.stderr.write(`error: the master refused this agent: ${message}\n`);
      process.exit(4);
    });
    process.stdout.write(
      values['ready-line']
        ? `${JSON.stringify({ ready: true })}\n`
        : `dawn agent ${VERSION} of ${values.master ?? ''}\n`,
    );
    let closing = false;
    const stop = (): void => {
      if (closing) return;
      closing = true;
      void agent.close({ killTasks: values['kill-on-exit'] }).then(() => process.exit(0));
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

const OPTIONS = {
  master: { type: 'string' },
  'work-dir': { type: 'string', default: './dawn-agent' },
  hostname: { type: 'string', default: hostname() },
  resources: { type: 'string', default: 'cpus:2;mem:2048;disk:10240;ports:[31000-31999]' },
  attributes: { type: 'string', default: '' },
  containerizer: { type: 'string', default: 'auto' },
  'docker-host': { type: 'string' },
  'default-image': { type: 'string', default: 'busybox' },
  ip: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '0' },
  'allow-volumes': { type: 'string', multiple: true, default: [] as string[] },
  'kill-on-exit': { type: 'boolean', default: false },
  detect: { type: 'boolean', default: false },
  'ready-line': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

function readFlags(values: Values): AgentFlags {
  if (values.master === undefined || !URL.canParse(values.master)) {
    throw new DawnError({
      code: 'invalid_parameter',
      message: `--master ${values.master ?? 'is missing'}`,
      hint: 'give the URL of a server, e.g. --master http://127.0.0.1:5050',
    });
  }
  const kinds = ['auto', 'docker', 'process'] as const;
  const containerizer = kinds.find((kind) => kind === values.containerizer);
  if (!containerizer)
    throw new DawnError({
      code: 'invalid_parameter',
      message: `--containerizer ${values.containerizer}`,
      hint: `take one of ${kinds.join(', ')}`,
    });
  return {
    master: values.master,
    workDir: values['work-dir'],
    hostname: values.hostname,
    resources: parseMesosResources(values.resources),
    attributes: parseMesosAttributes(values.attributes),
    containerizer,
    dockerHost: values['docker-host'],
    defaultImage: values['default-image'],
    ip: values.ip,
    port: Number(values.port),
    volumeRoots: values['allow-volumes'],
  };
}

async function printDetected(values: Values): Promise<void> {
  if (values.containerizer === 'process') {
    process.stdout.write(`${JSON.stringify({ containerizer: 'process', why: 'asked for', image: null })}\n`);
    return;
  }
  const { containerizer, why, image } = await detect(values['default-image'], values['docker-host']);
  if (values.containerizer === 'docker' && containerizer !== 'docker')
    throw new DawnError({ code: 'unavailable', message: why });
  process.stdout.write(`${JSON.stringify({ containerizer, why, image })}\n`);
}
