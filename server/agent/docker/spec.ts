import type Docker from 'dockerode';
import type { TaskInfo } from '../../../shared/mesos/v1.ts';
import { fromMesos } from '../../../shared/resources.ts';
import type { Run } from '../containerizer.ts';

/** The engine refuses less. */
const MEMORY_MB_MIN = 6;
const PIDS_MAX = 1024;
const CPU_MIN = 0.01;

export interface SpecOptions {
  /** Label of the agent, so that it finds its own containers and touches no other. */
  readonly agentKey: string;
  /** For tasks that name no image. */
  readonly defaultImage: string;
  /** Cores of the engine's host; it refuses more. */
  readonly cpus: number;
}

export const LABEL_AGENT = 'dawn.agent';
export const LABEL_CONTAINER = 'dawn.container';
/** For people: which task it is. */
const LABEL_TASK = 'dawn.task';
/** Where a container finds its sandbox, as in Mesos. */
const SANDBOX = '/mnt/mesos/sandbox';

/** The same id always has the same name: a second container for it is refused by the engine itself. */
export function containerName(id: string): string {
  return `dawn-${id}`;
}

export function imageOf(task: TaskInfo, options: Pick<SpecOptions, 'defaultImage'>): string {
  return task.container?.docker?.image ?? options.defaultImage;
}

/** What the engine is told to create. Pure; privileges, devices and namespaces of the host are never in it. */
export function containerSpec(run: Run, options: SpecOptions): Docker.ContainerCreateOptions {
  const { task } = run;
  const { cpusMilli, memMb } = fromMesos(task.resources);
  const memory = Math.max(MEMORY_MB_MIN, memMb) * 1024 * 1024;
  const docker = task.container?.docker;
  const bindings = portBindings(task);
  return {
    name: containerName(run.id),
    Image: imageOf(task, options),
    ...command(task),
    Env: environment(run),
    ...(run.sandbox === undefined ? {} : { WorkingDir: SANDBOX }),
    ...(task.command?.user === undefined ? {} : { User: task.command.user }),
    Labels: labels(run, options),
    ...(bindings
      ? { ExposedPorts: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])) }
      : {}),
    StopTimeout: 3600,
    HostConfig: {
      Init: true,
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      AutoRemove: false,
      Memory: memory,
      MemorySwap: memory,
      NanoCpus: Math.round(Math.min(Math.max(cpusMilli / 1000, CPU_MIN), options.cpus) * 1e9),
      PidsLimit: PIDS_MAX,
      NetworkMode:
        run.hostNetwork === true || docker?.network === 'HOST'
          ? 'host'
          : docker?.network === 'NONE'
            ? 'none'
            : 'bridge',
      ...(bindings ? { PortBindings: bindings } : {}),
      Binds: binds(run),
      CapDrop: ['NET_RAW'],
      SecurityOpt: ['no-new-privileges'],
      Privileged: false,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    },
  };
}

/** A shell line replaces the image's entrypoint; an argv without one is the image's command; nothing leaves the image's own. */
function command({ command: info }: TaskInfo): Pick<Docker.ContainerCreateOptions, 'Entrypoint' | 'Cmd'> {
  if (!info || (info.shell === false && info.value === undefined)) return {};
  if (info.shell !== false) return { Entrypoint: ['/bin/sh', '-c', info.value ?? ''], Cmd: [] };
  const [, ...words] = info.arguments ?? [];
  return { Entrypoint: [info.value ?? ''], Cmd: words };
}

function portBindings(task: TaskInfo): Record<string, { HostPort: string }[]> | undefined {
  const mappings = task.container?.docker?.port_mappings ?? (task.container ? [] : ownPorts(task));
  if (mappings.length === 0) return undefined;
  return Object.fromEntries(
    mappings.map(({ container_port, host_port, protocol }) => [
      `${container_port}/${protocol ?? 'tcp'}`,
      [{ HostPort: String(host_port) }],
    ]),
  );
}

/** A task without a container of its own listens on the very ports it was given. */
function ownPorts(task: TaskInfo): { container_port: number; host_port: number; protocol?: string }[] {
  return fromMesos(task.resources).ports.flatMap(([begin, end]) =>
    Array.from({ length: end - begin + 1 }, (_, at) => ({
      container_port: begin + at,
      host_port: begin + at,
    })),
  );
}

/** What Mesos tells a task, then what the task says itself. */
function environment({ task, env, sandbox }: Run): string[] {
  const variables = { ...(sandbox === undefined ? {} : { MESOS_SANDBOX: SANDBOX }), ...env };
  return [
    ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
    ...(task.command?.environment?.variables ?? []).map(({ name, value }) => `${name}=${value ?? ''}`),
  ];
}

/** The sandbox, persistent volumes in it, and directories of the host that the task asked for. A relative path is below the sandbox. */
function binds({ task, sandbox, volumes = [] }: Run): string[] {
  const inside = (path: string): string => (path.startsWith('/') ? path : `${SANDBOX}/${path}`);
  return [
    ...(sandbox === undefined ? [] : [`${sandbox}:${SANDBOX}:rw`]),
    ...volumes.map(({ from, to, readOnly }) => `${from}:${inside(to)}:${readOnly ? 'ro' : 'rw'}`),
    ...(task.container?.volumes ?? []).map(
      ({ host_path, container_path, mode }) =>
        `${host_path ?? ''}:${inside(container_path)}:${mode === 'RW' ? 'rw' : 'ro'}`,
    ),
  ];
}

function labels({ id, task }: Run, { agentKey }: SpecOptions): Record<string, string> {
  const own = Object.fromEntries(
    (task.labels?.labels ?? [])
      .filter(({ key }) => key.startsWith('dawn.'))
      .map(({ key, value }) => [key, value ?? '']),
  );
  return { ...own, [LABEL_TASK]: task.task_id.value, [LABEL_CONTAINER]: id, [LABEL_AGENT]: agentKey };
}
