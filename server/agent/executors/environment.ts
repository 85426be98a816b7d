import { formatDuration } from '../../../shared/mesos/durations.ts';
import type { ExecutorInfo, FrameworkInfo, MesosResource, TaskInfo } from '../../../shared/mesos/v1.ts';

interface Place {
  readonly agentId: string;
  /** `ip:port` of the agent's own endpoint. */
  readonly endpoint: string;
  /** The sandbox on this machine. */
  readonly directory: string;
  readonly recoveryTimeoutMs: number;
  readonly shutdownGraceMs: number;
  /** By which it says who it is; undefined: nobody asks. */
  readonly token: string | undefined;
}

/** What Mesos tells an executor by its environment; `MESOS_SANDBOX` comes from whatever runs it, which knows where it is seen from inside. */
export function executorEnvironment(
  executor: ExecutorInfo,
  framework: FrameworkInfo,
  { agentId, endpoint, directory, recoveryTimeoutMs, shutdownGraceMs, token }: Place,
): Record<string, string> {
  const role = allocationRole(executor.resources ?? []);
  return {
    MESOS_FRAMEWORK_ID: framework.id?.value ?? '',
    MESOS_EXECUTOR_ID: executor.executor_id.value,
    MESOS_AGENT_ENDPOINT: endpoint,
    MESOS_SLAVE_ID: agentId,
    MESOS_SLAVE_PID: `slave(1)@${endpoint}`,
    MESOS_DIRECTORY: directory,
    MESOS_HTTP_COMMAND_EXECUTOR: '0',
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: formatDuration(
      executor.shutdown_grace_period ? executor.shutdown_grace_period.nanoseconds / 1e6 : shutdownGraceMs,
    ),
    LIBPROCESS_IP: endpoint.slice(0, endpoint.lastIndexOf(':')),
    ...(token === undefined ? {} : { MESOS_EXECUTOR_AUTHENTICATION_TOKEN: token }),
    LIBPROCESS_PORT: '0',
    MESOS_CHECKPOINT: framework.checkpoint === true ? '1' : '0',
    ...(framework.checkpoint === true
      ? {
          MESOS_RECOVERY_TIMEOUT: formatDuration(recoveryTimeoutMs),
          MESOS_SUBSCRIPTION_BACKOFF_MAX: '2secs',
        }
      : {}),
    ...(role === undefined ? {} : { MESOS_ALLOCATION_ROLE: role }),
  };
}

/** What a task that is a command is told by its environment. */
export function taskEnvironment({ task_id, resources }: TaskInfo): Record<string, string> {
  const role = allocationRole(resources);
  return {
    MESOS_TASK_ID: task_id.value,
    ...(role === undefined ? {} : { MESOS_ALLOCATION_ROLE: role }),
  };
}

/** The role that resources were given to. */
function allocationRole(resources: readonly MesosResource[]): string | undefined {
  return resources.find(({ allocation_info: info }) => info?.role !== undefined)?.allocation_info?.role;
}
