import { randomBytes } from 'node:crypto';
import type { TaskStatus } from '../../shared/mesos/v1.ts';
import type { TaskReport } from './containerizer.ts';

interface Known {
  readonly report: TaskReport;
  /** What the health check said of a task that was ended for its health. */
  readonly sick: string | undefined;
  /** Where the task is, as far as told before. */
  readonly before: TaskStatus['container_status'] | undefined;
  readonly agentId: string | undefined;
  readonly nowMs: number;
}

/** A report of a containerizer as the status update that goes to the master. A task ended for its health was killed, and is not healthy, as in Mesos. */
export function statusOf({ report, sick, before, agentId, nowMs }: Known): TaskStatus {
  const container = report.container === undefined ? before : containerStatus(report.container, report.ip);
  const message = sick ?? report.message;
  const healthy = sick === undefined ? report.healthy : false;
  return {
    task_id: { value: report.taskId },
    state: sick === undefined ? report.state : 'TASK_KILLED',
    source: report.state === 'TASK_LOST' ? 'SOURCE_AGENT' : 'SOURCE_EXECUTOR',
    timestamp: nowMs / 1000,
    uuid: randomBytes(16).toString('base64'),
    ...(message === undefined ? {} : { message }),
    ...(report.reason === undefined ? {} : { reason: report.reason }),
    ...(healthy === undefined ? {} : { healthy }),
    ...(container === undefined ? {} : { container_status: container }),
    ...(agentId === undefined ? {} : { agent_id: { value: agentId } }),
  };
}

function containerStatus(id: string, ip: string | undefined): NonNullable<TaskStatus['container_status']> {
  const network =
    ip === undefined ? {} : { network_infos: [{ ip_addresses: [{ protocol: 'IPv4', ip_address: ip }] }] };
  return { container_id: { value: id }, ...network };
}
