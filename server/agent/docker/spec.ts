import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import type { TaskInfo } from '../../../shared/mesos/v1.ts';
import { fromMesos } from '../../../shared/resources.ts';

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
export const LABEL_TASK = 'dawn.task';

/** The same task always has the same name: a second container for it is refused by the engine itself. */
export function containerName(taskId: string): string {
  return `dawn-${createHash('sha256').update(taskId).digest('hex').slice(0, 24)}`;
}

export function imageOf(task: TaskInfo, options: Pick<SpecOptions, 'defaultImage'>): string {
  return task.container?.docker?.image ?? options.defaultImage;
}

/** What the engine is told to create. Pure; privileges, devices and namespaces of the host are never in it. */
export function containerSpec(task: TaskInfo, options: SpecOptions): Docker.ContainerCreateOptions {
  const { cpusMilli, memMb } = fromMesos(task.resources);
  const memory = Math.max(MEMORY_MB_MIN, memMb) * 1024 * 1024;
  const docker = task.container?.docker;
  const bindings = portBindings(task);
  return {
    name: containerName(task.task_id.value),
    Image: imageOf(task, options),
    ...command(task),
    Env: (task.command?.environment?.variables ?? []).map(({ name, value }) => `${name}=${value ?? ''}`),
    ...(task.command?.user === undefined ? {} : { User: task.command.user }),
    Labels: labels(task, options),
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
      NetworkMode: docker?.network === 'HOST' ? 'host' : docker?.network === 'NONE' ? 'none' : 'bridge',
      ...(bindings ? { PortBindings: bindings } : {}),
      Binds: (task.container?.volumes ?? []).map(
        ({ host_path, container_path, mode }) =>
          `${host_path ?? ''}:${container_path}:${mode === 'RW' ? 'rw' : 'ro'}`,
      ),
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

function labels(task: TaskInfo, { agentKey }: SpecOptions): Record<string, string> {
  const own = Object.fromEntries(
    (task.labels?.labels ?? [])
      .filter(({ key }) => key.startsWith('dawn.'))
      .map(({ key, value }) => [key, value ?? '']),
  );
  return { ...own, [LABEL_TASK]: task.task_id.value, [LABEL_AGENT]: agentKey };
}
