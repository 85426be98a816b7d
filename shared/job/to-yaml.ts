import { stringify } from 'yaml';
import { jobKeyParts } from '../ids.ts';
import type { Constraint, Job, TaskConfig, UpdateSettings } from './config.ts';

/** A job in the form of a job file; loading it gives the same job again. */
export function jobToYaml(job: Job): string {
  const { role, environment, name } = jobKeyParts(job.key);
  return stringify(
    {
      role,
      environment,
      name,
      instances: job.instances,
      ...jobFields(job),
      update_config: updateFields(job.update),
    },
    { lineWidth: 0 },
  );
}

/** The fields of a task config as a job file writes them; what is at its default is left out where that is certain. */
export function jobFields({ task }: Pick<Job, 'task'>): Record<string, unknown> {
  return {
    ...(task.isService ? {} : { service: false }),
    ...commandFields(task),
    ...(task.command.kind === 'processes'
      ? {}
      : {
          cpu: task.cpu,
          ram: `${task.ramMb}MB`,
          disk: `${task.diskMb}MB`,
          ...(task.gpus > 0 ? { gpu: task.gpus } : {}),
          kill_grace_secs: task.killGraceSecs,
        }),
    ...portFields(task),
    ...(Object.keys(task.env).length > 0 ? { env: task.env } : {}),
    ...(task.container.kind === 'docker' ? containerFields(task.container) : {}),
    ...(task.constraints.length > 0
      ? {
          constraints: Object.fromEntries(
            task.constraints.map((each) => [each.attribute, constraintText(each)]),
          ),
        }
      : {}),
    tier: task.tier,
    ...(task.priority > 0 ? { priority: task.priority } : {}),
    ...(task.isService && task.maxTaskFailures === 1 ? {} : { max_task_failures: task.maxTaskFailures }),
    ...(task.contact === null ? {} : { contact: task.contact }),
    ...(Object.keys(task.metadata).length > 0 ? { metadata: task.metadata } : {}),
    ...(task.healthCheck ? { health_check_config: healthFields(task.healthCheck) } : {}),
    ...(task.httpLifecycle ? { lifecycle: { http: lifecycleFields(task.httpLifecycle) } } : {}),
  };
}

function commandFields({ command, ...task }: TaskConfig): Record<string, unknown> {
  if (command.kind === 'shell') return { command: command.line };
  if (command.kind === 'argv') return { command: command.argv };
  if (command.kind === 'image') return {};
  return {
    task: {
      processes: command.processes.map((process) => ({
        name: process.name,
        cmdline: process.cmdline,
        max_failures: process.maxFailures,
        daemon: process.daemon,
        ephemeral: process.ephemeral,
        final: process.final,
        min_duration: process.minDurationSecs,
      })),
      ...(command.order.length > 0 ? { constraints: command.order.map((order) => ({ order })) } : {}),
      resources: { cpu: task.cpu, ram: `${task.ramMb}MB`, disk: `${task.diskMb}MB`, gpu: task.gpus },
      max_failures: command.maxFailures,
      finalization_wait: task.killGraceSecs,
    },
  };
}

function portFields({ ports, container }: TaskConfig): Record<string, unknown> {
  if (ports.length === 0) return {};
  const inside = container.kind === 'docker' ? container.containerPorts : {};
  if (Object.keys(inside).length > 0) return { ports: inside };
  // A name that no job file may declare (`8080`) is there because something refers to it, and will be again.
  const declared = ports.filter((port) => /^[A-Za-z]/.test(port));
  return declared.length > 0 ? { ports: declared } : {};
}

function containerFields(
  container: Extract<TaskConfig['container'], { kind: 'docker' }>,
): Record<string, unknown> {
  return {
    container: {
      docker: {
        image: container.image,
        network: container.network,
        ...(container.volumes.length > 0
          ? {
              volumes: container.volumes.map((each) => ({
                host_path: each.hostPath,
                container_path: each.containerPath,
                mode: each.mode,
              })),
            }
          : {}),
        ...(container.forcePull ? { force_pull: true } : {}),
        ...(container.user === null ? {} : { user: container.user }),
      },
    },
  };
}

function constraintText(constraint: Constraint): string {
  if (constraint.kind === 'limit') return `limit:${constraint.limit}`;
  return `${constraint.negated ? '!' : ''}${constraint.values.join(',')}`;
}

function healthFields({ check, ...timing }: NonNullable<TaskConfig['healthCheck']>): Record<string, unknown> {
  const checker =
    check.kind === 'shell'
      ? { shell: { shell_command: check.command } }
      : check.kind === 'tcp'
        ? { tcp: { port: check.port } }
        : {
            http: {
              endpoint: check.endpoint,
              port: check.port,
              expected_response_code: check.expectedCodes[0] ?? 0,
            },
          };
  return {
    health_checker: checker,
    initial_interval_secs: timing.initialIntervalSecs,
    interval_secs: timing.intervalSecs,
    timeout_secs: timing.timeoutSecs,
    max_consecutive_failures: timing.maxConsecutiveFailures,
    min_consecutive_successes: timing.minConsecutiveSuccesses,
  };
}

function lifecycleFields(lifecycle: NonNullable<TaskConfig['httpLifecycle']>): Record<string, unknown> {
  return {
    port: lifecycle.port,
    graceful_shutdown_endpoint: lifecycle.gracefulShutdownEndpoint,
    shutdown_endpoint: lifecycle.shutdownEndpoint,
    graceful_shutdown_wait_secs: lifecycle.gracefulShutdownWaitSecs,
    shutdown_wait_secs: lifecycle.shutdownWaitSecs,
  };
}

function updateFields(update: UpdateSettings): Record<string, unknown> {
  const { strategy } = update;
  return {
    update_strategy:
      strategy.kind === 'queue'
        ? { queue: { batch_size: strategy.groupSize } }
        : { batch: { batch_size: strategy.groupSize, autopause_after_batch: strategy.autopauseAfterBatch } },
    watch_secs: update.watchSecs,
    max_per_shard_failures: update.maxPerInstanceFailures,
    max_total_failures: update.maxFailedInstances,
    rollback_on_failure: update.rollbackOnFailure,
  };
}
