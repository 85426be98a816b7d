import type { ContainerReport } from './containerizer.ts';
import type { HealthListener } from './health.ts';

/** Every change of a task's health as a report; after too many failures, what is to be done about it. */
export function healthReports(
  id: string,
  report: (report: ContainerReport) => void,
  failed: (message: string) => void,
): HealthListener {
  const tell = (healthy: boolean, message: string): void =>
    report({
      id,
      state: 'TASK_RUNNING',
      healthy,
      reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED',
      message,
    });
  return {
    onHealthy: (message) => tell(true, message),
    onUnhealthy: (message) => tell(false, message),
    onFailed: failed,
  };
}
