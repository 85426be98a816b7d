import type { Containerizer, Run } from './containerizer.ts';
import { probe } from './probe.ts';

/** Mesos's defaults of HealthCheck. */
const DEFAULTS = { delay: 15, interval: 10, timeout: 20, failures: 3, grace: 10 } as const;

export interface HealthListener {
  /** First success, and each one that ends a run of failures. */
  onHealthy(message: string): void;
  /** First failure that counts, and first one after a success. */
  onUnhealthy(message: string): void;
  /** Too many failures in a row: the task must end. */
  onFailed(message: string): void;
}

export interface HealthWatch {
  stop(): void;
}

/** Checks a task until stopped. Failures before the first success count only once the grace period is over (Mesos's HealthChecker). */
export function watchHealth(run: Run, containerizer: Containerizer, listener: HealthListener): HealthWatch {
  const { task } = run;
  const check = task.health_check;
  if (!check) return { stop: () => undefined };
  const allowed = check.consecutive_failures ?? DEFAULTS.failures;
  const needed = Number(
    task.labels?.labels?.find(({ key }) => key === 'dawn.min_consecutive_successes')?.value ?? 1,
  );
  const graceEndsMs = performance.now() + (check.grace_period_seconds ?? DEFAULTS.grace) * 1000;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let successes = 0;
  let healthy: boolean | undefined;

  const once = async (): Promise<void> => {
    const { wrong } = await probe(
      run,
      check,
      (check.timeout_seconds ?? DEFAULTS.timeout) * 1000,
      containerizer,
    );
    if (stopped) return;
    if (wrong === null) {
      failures = 0;
      successes += 1;
      if (healthy !== true && successes >= needed) {
        healthy = true;
        listener.onHealthy('health check passed');
      }
    } else {
      successes = 0;
      const counts = healthy !== undefined || performance.now() >= graceEndsMs;
      if (counts) failures += 1;
      if (healthy === true || (counts && healthy === undefined)) {
        healthy = false;
        listener.onUnhealthy(wrong);
      }
      if (failures >= allowed) {
        stopped = true;
        return listener.onFailed(
          `Health check failed ${failures} ${failures === 1 ? 'time' : 'times'} in a row: ${wrong}`,
        );
      }
    }
    timer = setTimeout(() => void once(), (check.interval_seconds ?? DEFAULTS.interval) * 1000);
  };
  timer = setTimeout(() => void once(), (check.delay_seconds ?? DEFAULTS.delay) * 1000);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
