import { randomBytes } from 'node:crypto';
import type { TaskStatus } from '../../shared/mesos/v1.ts';

/** What is said of a task, before it is known who says it, when and where. */
export interface Word extends Pick<TaskStatus, 'state' | 'message' | 'reason' | 'healthy' | 'check_status'> {
  readonly container_status?: TaskStatus['container_status'] | undefined;
  /** The executor: that of commands and groups is a part of the agent. Absent: it. */
  readonly source?: 'SOURCE_AGENT' | 'SOURCE_EXECUTOR';
}

interface Known {
  readonly taskId: string;
  readonly executorId: string | undefined;
  readonly agentId: string | undefined;
  readonly nowMs: number;
}

/** A status update as it goes to the master. */
export function statusOf(
  { source = 'SOURCE_EXECUTOR', container_status, ...word }: Word,
  { taskId, executorId, agentId, nowMs }: Known,
): TaskStatus {
  return {
    task_id: { value: taskId },
    ...word,
    ...(container_status ? { container_status } : {}),
    source,
    timestamp: nowMs / 1000,
    uuid: randomBytes(16).toString('base64'),
    ...(executorId === undefined ? {} : { executor_id: { value: executorId } }),
    ...(agentId === undefined ? {} : { agent_id: { value: agentId } }),
  };
}

/** Where a task runs. @param parent the executor's container, of one that is nested in it */
export function containerStatus(
  id: string,
  at: {
    readonly ip?: string | undefined;
    readonly pid?: number | undefined;
    readonly parent?: string | undefined;
  },
): NonNullable<TaskStatus['container_status']> {
  return {
    container_id: { value: id, ...(at.parent === undefined ? {} : { parent: { value: at.parent } }) },
    ...(at.ip === undefined
      ? {}
      : { network_infos: [{ ip_addresses: [{ protocol: 'IPv4', ip_address: at.ip }] }] }),
    ...(at.pid === undefined ? {} : { executor_pid: at.pid }),
  };
}

/** Whether a word says nothing that the last status did not say. */
export function repeats(
  status: TaskStatus,
  { state, healthy, check_status, container_status: where }: Word,
): boolean {
  const before = status.container_status;
  return (
    status.state === state &&
    status.healthy === healthy &&
    JSON.stringify(status.check_status) === JSON.stringify(check_status) &&
    before?.executor_pid === where?.executor_pid &&
    ipOf(before) === ipOf(where)
  );
}

function ipOf(where: Word['container_status']): string | undefined {
  return where?.network_infos?.[0]?.ip_addresses[0]?.ip_address;
}
