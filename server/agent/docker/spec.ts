import type Docker from 'dockerode';
import type { TaskInfo } from '../../../shared/mesos/v1.ts';
import { fromMesos } from '../../../shared/resources.ts';
import type { Run } from '../containerizer.ts';
import { LABEL_AGENT, LABEL_CONTAINER, LABEL_PREFIX } from './labels.ts';
import { type Machine, limitsOf } from './limits.ts';
import { applyParameters } from './parameters.ts';
import { type Policy, policyProblem } from './policy.ts';
import { SANDBOX, inContainer, mountedBy, networkOf } from './run-options.ts';

const PIDS_MAX = 1024;

export interface SpecOptions extends Machine {
  /** Label of the agent, so that it finds its own containers and touches no other. */
  readonly agentKey: string;
  /** For tasks that name no image. */
  readonly defaultImage: string;
  readonly policy: Policy;
}

/** For people: which task it is. */
const LABEL_TASK = `${LABEL_PREFIX}task`;

/** The same id always has the same name: a second container for it is refused by the engine itself. */
export function containerName(id: string): string {
  return `dawn-${id}`;
}

export function imageOf(task: TaskInfo, options: Pick<SpecOptions, 'defaultImage'>): string {
  return task.container?.docker?.image ?? options.defaultImage;
}

/**
 * What the engine is told to create, where Mesos says `docker run`. Pure. Privileges, devices and namespaces of the host are in it only where the policy lets them through.
 * @throws Error with a sentence about what is not let through, or not understood
 */
export function containerSpec(run: Run, options: SpecOptions): Docker.ContainerCreateOptions {
  const { task } = run;
  const forbidden = policyProblem(task, options.policy);
  if (forbidden !== null) throw new Error(forbidden);
  const { hostname } = task.container ?? {};
  const bindings = run.pod ? undefined : portBindings(task);
  const driver = driverOf(task);
  const spec: Docker.ContainerCreateOptions = {
    name: containerName(run.id),
    Image: imageOf(task, options),
    ...command(task),
    Env: environment(run),
    // An image has a directory of its own to work in.
    ...(run.sandbox === undefined || task.container?.docker ? {} : { WorkingDir: SANDBOX }),
    ...(task.command?.user === undefined ? {} : { User: task.command.user }),
    ...(hostname === undefined || run.pod ? {} : { Hostname: hostname }),
    Labels: labels(run, options),
    ...(bindings
      ? { ExposedPorts: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])) }
      : {}),
    StopTimeout: 3600,
    HostConfig: {
      Init: true,
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      AutoRemove: false,
      ...limitsOf(task, options),
      PidsLimit: PIDS_MAX,
      NetworkMode: run.pod
        ? `container:${containerName(run.pod.id)}`
        : run.hostNetwork === true
          ? 'host'
          : networkOf(task.container ?? { type: 'MESOS' }),
      ...(bindings ? { PortBindings: bindings } : {}),
      Binds: binds(run),
      ...(driver === undefined ? {} : { VolumeDriver: driver }),
      CapDrop: ['NET_RAW'],
      SecurityOpt: ['no-new-privileges'],
      Privileged: task.container?.docker?.privileged === true,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    },
  };
  return applyParameters(spec, task.container?.docker?.parameters ?? []);
}

/**
 * A shell line replaces the image's entrypoint. Words are given to it, `value` first: of an image's own command they are all there is. What brings no image names its
 * program by `value`, and by the first of its arguments once more.
 */
function command(task: TaskInfo): Pick<Docker.ContainerCreateOptions, 'Entrypoint' | 'Cmd'> {
  const { shell = true, value, arguments: words = [] } = task.command ?? { shell: false };
  if (shell) return { Entrypoint: ['/bin/sh'], Cmd: ['-c', value ?? ''] };
  if (!task.container?.docker) return value === undefined ? {} : { Entrypoint: [value], Cmd: words.slice(1) };
  const all = value === undefined ? words : [value, ...words];
  return all.length === 0 ? {} : { Cmd: [...all] };
}

function portBindings(task: TaskInfo): Record<string, { HostPort: string }[]> | undefined {
  const docker = task.container?.docker;
  const mappings = docker ? (docker.port_mappings ?? []) : ownPorts(task);
  if (mappings.length === 0) return undefined;
  return Object.fromEntries(
    mappings.map(({ container_port, host_port, protocol }) => [
      `${container_port}/${(protocol ?? 'tcp').toLowerCase()}`,
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
function environment({ id, task, env, sandbox }: Run): string[] {
  const variables = {
    MESOS_CONTAINER_NAME: containerName(id),
    ...(sandbox === undefined ? {} : { MESOS_SANDBOX: SANDBOX }),
    ...env,
  };
  return [
    ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
    ...(task.command?.environment?.variables ?? []).map(({ name, value }) => `${name}=${value ?? ''}`),
  ];
}

/** The sandbox, persistent volumes in it, and what the task asked for. */
function binds({ task, sandbox, volumes = [] }: Run): string[] {
  const modeOf = (readOnly: boolean): string => (readOnly ? 'ro' : 'rw');
  return [
    ...(sandbox === undefined ? [] : [`${sandbox}:${SANDBOX}:rw`]),
    ...volumes.map(({ from, to, readOnly }) => `${from}:${inContainer(to)}:${modeOf(readOnly)}`),
    ...(task.container?.volumes ?? []).flatMap((volume) => {
      const mounted = mountedBy(volume);
      if (mounted === null) return [];
      const { kind } = mounted;
      const from =
        kind === 'docker'
          ? mounted.name
          : kind === 'host'
            ? mounted.path
            : `${sandbox ?? ''}/${mounted.path}`;
      return [`${from}:${inContainer(volume.container_path)}:${modeOf(volume.mode !== 'RW')}`];
    }),
  ];
}

function driverOf({ container }: TaskInfo): string | undefined {
  return container?.volumes?.find(({ source }) => source?.docker_volume?.driver)?.source?.docker_volume
    ?.driver;
}

function labels({ id, task }: Run, { agentKey }: SpecOptions): Record<string, string> {
  const own = Object.fromEntries(
    (task.labels?.labels ?? [])
      .filter(({ key }) => key.startsWith(LABEL_PREFIX))
      .map(({ key, value }) => [key, value ?? '']),
  );
  return { ...own, [LABEL_TASK]: task.task_id.value, [LABEL_CONTAINER]: id, [LABEL_AGENT]: agentKey };
}
