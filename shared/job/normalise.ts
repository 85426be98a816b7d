import type { JobKey } from '../ids.ts';
import { jobKey } from '../ids.ts';
import type { Command, Container, HealthCheckConfig, Job, TaskConfig, UpdateSettings } from './config.ts';
import type { JobFile } from './schema.ts';
import { constraintOf, type Complain } from './constraint-text.ts';
import { portReference, referencesIn } from './template.ts';

const DEFAULT_CPU = 0.1;
const DEFAULT_RAM_MB = 128;
const DEFAULT_DISK_MB = 128;

/** Something that the schema alone cannot see, at a path of the job. */
export interface Complaint {
  readonly code: string;
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Short forms resolved, defaults filled in; complaints where fields contradict each other. */
export function normaliseJob(
  file: JobFile,
  defaultRole: string,
  instancesMax: number,
): { job: Job; complaints: Complaint[] } {
  const complaints: Complaint[] = [];
  const complain = (code: string, path: Complaint['path'], message: string): void =>
    void complaints.push({ code, path, message });
  const key: JobKey = jobKey({
    role: file.role ?? defaultRole,
    environment: file.environment,
    name: file.name,
  });
  if (file.instances > instancesMax)
    complain('E_INSTANCES', ['instances'], `above the limit of ${instancesMax}`);
  const task = taskConfig(file, complain);
  const update = updateSettings(file);
  if (update.maxFailedInstances >= file.instances && update.maxFailedInstances > 0) {
    complain(
      'E_UPDATE',
      ['update_config', 'max_total_failures'],
      `must be less than the ${file.instances} instances`,
    );
  }
  if (update.strategy.groupSize > file.instances && file.instances > 1) {
    const { kind } = update.strategy;
    const place = file.update_config.update_strategy
      ? ['update_strategy', kind, 'batch_size']
      : ['batch_size'];
    complain('E_UPDATE', ['update_config', ...place], `larger than the ${file.instances} instances`);
  }
  return { job: { key, instances: file.instances, task, update }, complaints };
}

function taskConfig(file: JobFile, complain: Complain): TaskConfig {
  const { resources } = file.task ?? {};
  if (resources && (file.cpu ?? file.ram ?? file.disk ?? file.gpu) !== undefined)
    complain('E_TWICE', ['task', 'resources'], 'resources are given twice; keep one form');
  const container = containerOf(file, complain);
  const config: TaskConfig = {
    isService: file.service,
    tier: file.tier,
    priority: file.priority,
    maxTaskFailures: file.max_task_failures,
    cpu: resources?.cpu ?? file.cpu ?? DEFAULT_CPU,
    ramMb: resources?.ram ?? file.ram ?? DEFAULT_RAM_MB,
    diskMb: resources?.disk ?? file.disk ?? DEFAULT_DISK_MB,
    gpus: resources?.gpu ?? file.gpu ?? 0,
    ports: [],
    constraints: Object.entries(file.constraints)
      .map(([attribute, text]) => constraintOf(attribute, text, complain))
      .sort((a, b) => (a.attribute < b.attribute ? -1 : 1)),
    container,
    command: commandOf(file, container, complain),
    env: file.env,
    healthCheck: healthOf(file, complain),
    httpLifecycle: lifecycleOf(file),
    killGraceSecs: file.kill_grace_secs ?? file.task?.finalization_wait ?? 30,
    metadata: file.metadata,
    contact: file.contact ?? null,
  };
  return { ...config, ports: portsOf(file, config, complain) };
}

/** Declared ports and every `thermos.ports[…]` that is referred to (Aurora requests what is referenced). */
function portsOf(file: JobFile, config: TaskConfig, complain: Complain): string[] {
  const declared = Array.isArray(file.ports) ? file.ports : Object.keys(file.ports ?? {});
  if (new Set(declared).size < declared.length) complain('E_PORT', ['ports'], 'a port is named twice');
  const texts = JSON.stringify([config.command, config.env, config.healthCheck]);
  const referenced = referencesIn(texts).flatMap((reference) => portReference(reference) ?? []);
  const names = new Set([...declared, ...referenced]);
  const check = config.healthCheck?.check;
  const wanted = check && check.kind !== 'shell' ? check.port : undefined;
  if (wanted !== undefined && !names.has(wanted)) {
    const path = file.health ? ['health'] : ['health_check_config', 'health_checker'];
    complain('E_HEALTH', path, `checks port ${wanted}, which the job does not have; add it to ports`);
  }
  return [...names].sort();
}

function commandOf(file: JobFile, container: Container, complain: Complain): Command {
  if (file.task) {
    if (file.command !== undefined)
      complain('E_TWICE', ['command'], 'the task has processes already; keep one form');
    return processesOf(file.task, complain);
  }
  if (typeof file.command === 'string') return { kind: 'shell', line: file.command };
  if (file.command) return { kind: 'argv', argv: file.command };
  if (container.kind === 'none')
    complain('E_COMMAND', [], 'nothing to run: give a command, a task with processes, or an image');
  return { kind: 'image' };
}

function processesOf(task: NonNullable<JobFile['task']>, complain: Complain): Command {
  const names = task.processes.map((process) => process.name);
  names.forEach((name, at) => {
    if (names.indexOf(name) < at)
      complain('E_PROCESS', ['task', 'processes', at, 'name'], `a second process ${name}`);
  });
  task.constraints.forEach(({ order }, at) => {
    const unknown = order.find((name) => !names.includes(name));
    if (unknown !== undefined)
      complain('E_PROCESS', ['task', 'constraints', at, 'order'], `there is no process ${unknown}`);
  });
  return {
    kind: 'processes',
    processes: task.processes.map((process) => ({
      name: process.name,
      cmdline: process.cmdline,
      maxFailures: process.max_failures,
      daemon: process.daemon,
      ephemeral: process.ephemeral,
      final: process.final,
      minDurationSecs: process.min_duration,
    })),
    order: task.constraints.map(({ order }) => order),
    maxFailures: task.max_failures,
  };
}

function containerOf(file: JobFile, complain: Complain): Container {
  const docker = file.container?.docker;
  if (docker && file.image !== undefined)
    complain('E_TWICE', ['image'], 'the image is given twice; keep one form');
  const image = docker?.image ?? file.image;
  if (image === undefined) {
    if (file.volumes && file.volumes.length > 0) complain('E_MOUNT', ['volumes'], 'volumes need an image');
    return { kind: 'none' };
  }
  const volumes = docker?.volumes ?? file.volumes ?? [];
  return {
    kind: 'docker',
    image,
    network: file.network ?? docker?.network ?? 'bridge',
    volumes: volumes.map((volume) => ({
      hostPath: volume.host_path,
      containerPath: volume.container_path,
      mode: volume.mode,
    })),
    forcePull: docker?.force_pull ?? false,
    containerPorts: Array.isArray(file.ports) ? {} : (file.ports ?? {}),
    user: file.user ?? docker?.user ?? null,
  };
}

function healthOf(file: JobFile, complain: Complain): HealthCheckConfig | null {
  const long = file.health_check_config;
  if (long && file.health) complain('E_TWICE', ['health'], 'health checks are given twice; keep one form');
  const timing = long ?? file.health;
  if (!timing) return null;
  const rest = {
    initialIntervalSecs: timing.initial_interval_secs,
    intervalSecs: timing.interval_secs,
    timeoutSecs: timing.timeout_secs,
    maxConsecutiveFailures: timing.max_consecutive_failures,
    minConsecutiveSuccesses: timing.min_consecutive_successes,
  };
  return { check: long ? longCheck(long.health_checker) : shortCheck(file.health ?? {}), ...rest };
}

function longCheck(
  checker: NonNullable<JobFile['health_check_config']>['health_checker'],
): HealthCheckConfig['check'] {
  if ('shell' in checker) return { kind: 'shell', command: checker.shell.shell_command };
  if ('tcp' in checker) return { kind: 'tcp', port: checker.tcp.port };
  const code = checker.http.expected_response_code;
  return {
    kind: 'http',
    port: checker.http.port,
    endpoint: checker.http.endpoint,
    expectedCodes: code === 0 ? [] : [code],
  };
}

function shortCheck(short: Partial<NonNullable<JobFile['health']>>): HealthCheckConfig['check'] {
  if (short.command !== undefined) return { kind: 'shell', command: short.command };
  if (short.tcp !== undefined) return { kind: 'tcp', port: short.tcp };
  return { kind: 'http', port: short.port ?? 'http', endpoint: short.http ?? '/health', expectedCodes: [] };
}

function lifecycleOf(file: JobFile): TaskConfig['httpLifecycle'] {
  const http = file.lifecycle?.http;
  if (!http) return null;
  return {
    port: http.port,
    gracefulShutdownEndpoint: http.graceful_shutdown_endpoint,
    shutdownEndpoint: http.shutdown_endpoint,
    gracefulShutdownWaitSecs: http.graceful_shutdown_wait_secs,
    shutdownWaitSecs: http.shutdown_wait_secs,
  };
}

function updateSettings({ update_config: config }: JobFile): UpdateSettings {
  const strategy = config.update_strategy;
  const batch = strategy && 'batch' in strategy ? strategy.batch : undefined;
  const queue = strategy && 'queue' in strategy ? strategy.queue : undefined;
  return {
    strategy: batch
      ? { kind: 'batch', groupSize: batch.batch_size, autopauseAfterBatch: batch.autopause_after_batch }
      : queue
        ? { kind: 'queue', groupSize: queue.batch_size }
        : config.wait_for_batch_completion
          ? { kind: 'batch', groupSize: config.batch_size, autopauseAfterBatch: false }
          : { kind: 'queue', groupSize: config.batch_size },
    watchSecs: config.watch_secs,
    maxPerInstanceFailures: config.max_per_shard_failures,
    maxFailedInstances: config.max_total_failures,
    rollbackOnFailure: config.rollback_on_failure,
  };
}
