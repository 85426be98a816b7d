import { formatDuration } from '../../../shared/mesos/durations.ts';
import type { ExecutorInfo, FrameworkInfo } from '../../../shared/mesos/v1.ts';

interface Place {
  readonly agentId: string;
  /** `ip:port` of the agent's own endpoint. */
  readonly endpoint: string;
  /** The sandbox on this machine. */
  readonly directory: string;
  readonly recoveryTimeoutMs: number;
  readonly shutdownGraceMs: number;
}

/** What Mesos tells an executor by its environment; `MESOS_SANDBOX` comes from whatever runs it, which knows where it is seen from inside. */
export function executorEnvironment(
  executor: ExecutorInfo,
  framework: FrameworkInfo,
  { agentId, endpoint, directory, recoveryTimeoutMs, shutdownGraceMs }: Place,
): Record<string, string> {
  const role = executor.resources?.find(({ allocation_info: info }) => info?.role !== undefined);
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
    LIBPROCESS_PORT: '0',
    MESOS_CHECKPOINT: framework.checkpoint === true ? '1' : '0',
    ...(framework.checkpoint === true
      ? {
          MESOS_RECOVERY_TIMEOUT: formatDuration(recoveryTimeoutMs),
          MESOS_SUBSCRIPTION_BACKOFF_MAX: '2secs',
        }
      : {}),
    ...(role?.allocation_info?.role === undefined
      ? {}
      : { MESOS_ALLOCATION_ROLE: role.allocation_info.role }),
  };
}
