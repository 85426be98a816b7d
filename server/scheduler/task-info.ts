import type { AgentId, JobKey, TaskId } from '../../shared/ids.ts';
import { jobKeyParts } from '../../shared/ids.ts';
import type { DockerContainer, HealthCheckConfig, TaskConfig } from '../../shared/job/config.ts';
import { processScript } from '../../shared/job/processes.ts';
import { fillTemplate } from '../../shared/job/template.ts';
import type {
  CommandInfo,
  ContainerInfo,
  HealthCheck,
  Labels,
  MesosResource,
  TaskInfo,
} from '../../shared/mesos/v1.ts';
import type { Resources } from '../../shared/resources.ts';

const NANOS_PER_SECOND = 1e9;

interface Placed {
  readonly agent: AgentId;
  readonly host: string;
  /** What it takes of the offers there, in the words of the offers. */
  readonly resources: readonly MesosResource[];
}

interface Attempt {
  readonly id: TaskId;
  readonly instance: number;
  readonly ports: Readonly<Record<string, number>>;
}

/** What an agent runs: everything of the config in Mesos's own terms, templates filled in, so that a real Mesos agent would take it as well. */
export function taskInfo(job: JobKey, config: TaskConfig, task: Attempt, placed: Placed): TaskInfo {
  const fill = filler(job, task, placed);
  const ports = Object.values(task.ports).sort((a, b) => a - b);
  const health = config.healthCheck
    ? healthCheck(config.healthCheck, portsInside(config, task.ports), fill)
    : undefined;
  const container =
    config.container.kind === 'docker' ? dockerInfo(config.container, task.ports, fill) : undefined;
  return {
    name: job,
    task_id: { value: task.id },
    agent_id: { value: placed.agent },
    resources: placed.resources,
    command: commandInfo(config, task.ports, fill),
    ...(container ? { container } : {}),
    ...(health ? { health_check: health } : {}),
    kill_policy: { grace_period: { nanoseconds: config.killGraceSecs * NANOS_PER_SECOND } },
    labels: labels(job, config, task),
    ...(ports.length > 0 ? { discovery: discovery(job, task.ports) } : {}),
  };
}

/** What one task of a config takes, with the ports it was given. */
export function resourcesOf(config: TaskConfig, ports: Attempt['ports']): Resources {
  return {
    cpusMilli: Math.round(config.cpu * 1000),
    memMb: config.ramMb,
    diskMb: config.diskMb,
    gpus: config.gpus,
    ports: Object.values(ports)
      .sort((a, b) => a - b)
      .map((port) => [port, port] as const),
  };
}

type Fill = (text: string) => string;

function filler(job: JobKey, task: Attempt, placed: Placed): Fill {
  const { role, environment, name } = jobKeyParts(job);
  const values = {
    role,
    environment,
    name,
    instance: task.instance,
    hostname: placed.host,
    taskId: task.id,
    ports: task.ports,
  };
  return (text) => (text.includes('{{') ? fillTemplate(text, values) : text);
}

function commandInfo(config: TaskConfig, ports: Attempt['ports'], fill: Fill): CommandInfo {
  const variables = [
    ...Object.entries(ports).map(([name, port]) => ({
      name: `PORT_${name.toUpperCase().replace(/\W/g, '_')}`,
      value: String(port),
    })),
    ...Object.entries(config.env).map(([name, value]) => ({ name, value: fill(value) })),
  ];
  const environment = variables.length > 0 ? { environment: { variables } } : {};
  const user =
    config.container.kind === 'docker' && config.container.user !== null
      ? { user: config.container.user }
      : {};
  const { command } = config;
  switch (command.kind) {
    case 'shell':
      return { shell: true, value: fill(command.line), ...environment, ...user };
    case 'processes':
      return { shell: true, value: fill(processScript(command)), ...environment, ...user };
    case 'argv':
      return {
        shell: false,
        value: fill(command.argv[0] ?? ''),
        // Those of a process begin with its name; those of a container are what follows it.
        arguments: (config.container.kind === 'docker' ? command.argv.slice(1) : command.argv).map(fill),
        ...environment,
        ...user,
      };
    case 'image':
      return { shell: false, ...environment, ...user };
  }
}

function dockerInfo(container: DockerContainer, ports: Attempt['ports'], fill: Fill): ContainerInfo {
  const bridged = container.network === 'bridge';
  const mappings = Object.entries(ports).map(([name, port]) => ({
    host_port: port,
    container_port: container.containerPorts[name] ?? port,
    protocol: 'tcp',
  }));
  return {
    type: 'DOCKER',
    ...(container.volumes.length > 0
      ? {
          volumes: container.volumes.map(({ containerPath, hostPath, mode }) => ({
            container_path: containerPath,
            host_path: hostPath,
            mode,
          })),
        }
      : {}),
    docker: {
      image: fill(container.image),
      network: bridged ? 'BRIDGE' : container.network === 'host' ? 'HOST' : 'NONE',
      ...(bridged && mappings.length > 0 ? { port_mappings: mappings } : {}),
      force_pull_image: container.forcePull,
    },
  };
}

/** Where a task listens: in a network of its own the ports may be others than the host's. */
function portsInside({ container }: TaskConfig, ports: Attempt['ports']): Attempt['ports'] {
  return container.kind === 'docker' && container.network === 'bridge'
    ? { ...ports, ...container.containerPorts }
    : ports;
}

/**
 * HTTP and TCP are looked at from inside of the container, as Mesos does. A failure more than `maxConsecutiveFailures` kills the task, so Mesos's threshold is one higher.
 */
function healthCheck(config: HealthCheckConfig, ports: Attempt['ports'], fill: Fill): HealthCheck {
  const timing = {
    delay_seconds: 0,
    grace_period_seconds: config.initialIntervalSecs,
    interval_seconds: config.intervalSecs,
    timeout_seconds: config.timeoutSecs,
    consecutive_failures: config.maxConsecutiveFailures + 1,
  };
  const { check } = config;
  switch (check.kind) {
    case 'http': {
      const statuses = check.expectedCodes.length > 0 ? { statuses: check.expectedCodes } : {};
      return {
        type: 'HTTP',
        http: { port: ports[check.port] ?? 0, path: fill(check.endpoint), scheme: 'http', ...statuses },
        ...timing,
      };
    }
    case 'tcp':
      return { type: 'TCP', tcp: { port: ports[check.port] ?? 0 }, ...timing };
    case 'shell':
      return { type: 'COMMAND', command: { shell: true, value: fill(check.command) }, ...timing };
  }
}

/** Aurora's labels, and ours for what Mesos has no field for. */
function labels(job: JobKey, config: TaskConfig, task: Attempt): Labels {
  const list = [
    { key: 'org.apache.aurora.tier', value: config.tier },
    ...Object.entries(config.metadata).map(([key, value]) => ({
      key: `org.apache.aurora.metadata.${key}`,
      value,
    })),
    { key: 'dawn.job', value: job },
    { key: 'dawn.instance', value: String(task.instance) },
  ];
  const successes = config.healthCheck?.minConsecutiveSuccesses ?? 1;
  if (successes > 1) list.push({ key: 'dawn.min_consecutive_successes', value: String(successes) });
  if (config.httpLifecycle) {
    const port = task.ports[config.httpLifecycle.port];
    if (port !== undefined)
      list.push({ key: 'dawn.lifecycle', value: JSON.stringify({ ...config.httpLifecycle, port }) });
  }
  return { labels: list };
}

function discovery(job: JobKey, ports: Attempt['ports']): NonNullable<TaskInfo['discovery']> {
  const { role, environment, name } = jobKeyParts(job);
  return {
    visibility: 'CLUSTER',
    name: `${name}.${environment}.${role}`,
    environment,
    ports: {
      ports: Object.entries(ports).map(([portName, number]) => ({ number, name: portName, protocol: 'tcp' })),
    },
  };
}
