import type { ContainerReport, Containerizer, Run } from './containerizer.ts';
import { watchCheck } from './check.ts';
import { type HealthWatch, watchHealth } from './health.ts';
import { healthReports } from './health-reports.ts';

/** Looks after a task as its health check and its check say. @param failed after too many failures of the first: what is to be done about it */
export function watchTask(
  run: Run,
  containerizer: Containerizer,
  report: (report: ContainerReport) => void,
  failed: (message: string) => void,
): HealthWatch {
  const { id } = run;
  const reason = 'REASON_TASK_CHECK_STATUS_UPDATED';
  const watches = [
    watchHealth(run, containerizer, healthReports(id, report, failed)),
    watchCheck(run, containerizer, (check_status) =>
      report({ id, state: 'TASK_RUNNING', reason, check_status }),
    ),
  ];
  return { stop: () => watches.forEach((watch) => watch.stop()) };
}
