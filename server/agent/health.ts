import { connect } from 'node:net';
import { request } from 'undici';
import type { HealthCheck } from '../../shared/mesos/v1.ts';
import type { Containerizer, Run } from './containerizer.ts';

/** Mesos's defaults of HealthCheck. */
const DEFAULTS = { delay: 15, interval: 10, timeout: 20, failures: 3, grace: 10 } as const;
/** Where the ports of a task on this machine are; checks go nowhere else. */
const OWN_ADDRESS = '127.0.0.1';

export interface HealthListener {
  /** First success, and each one that ends a run of failures. */
  onHealthy(message: string): void;
  /** First failure after a success. */
  onUnhealthy(message: string): void;
  /** Too many failures in a row: the task must end. */
  onFailed(message: string): void;
}

export interface HealthWatch {
  stop(): void;
}

/** Checks a task until stopped. Failures before the first success count only once the grace period is over (Mesos's HealthChecker). */
export function watchHealth(
  { id, task }: Run,
  containerizer: Containerizer,
  listener: HealthListener,
): HealthWatch {
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
    const wrong = await probe(id, check, containerizer);
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
      if (healthy === true) {
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

/** Null when all is well, else what was wrong. */
async function probe(id: string, check: HealthCheck, containerizer: Containerizer): Promise<string | null> {
  const timeoutMs = (check.timeout_seconds ?? DEFAULTS.timeout) * 1000;
  try {
    if (check.type === 'COMMAND' && check.command)
      return await containerizer.exec(id, check.command, timeoutMs);
    if (check.type === 'HTTP' && check.http) return await probeHttp(check.http, timeoutMs);
    if (check.type === 'TCP' && check.tcp) return await probeTcp(check.tcp.port, timeoutMs);
    return 'the health check is incomplete';
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError'
      ? `no answer within ${timeoutMs / 1000} s`
      : String((error as NodeJS.ErrnoException).code ?? (error as Error).message);
  }
}

async function probeHttp(
  { port, path, statuses }: NonNullable<HealthCheck['http']>,
  timeoutMs: number,
): Promise<string | null> {
  const response = await request(`http://${OWN_ADDRESS}:${port}${path ?? '/'}`, {
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.body.dump({ limit: 64 * 1024 });
  const good =
    statuses && statuses.length > 0
      ? statuses.includes(response.statusCode)
      : response.statusCode >= 200 && response.statusCode < 400;
  return good ? null : `HTTP ${response.statusCode} from ${path ?? '/'}`;
}

function probeTcp(port: number, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: OWN_ADDRESS, port, timeout: timeoutMs });
    const done = (wrong: string | null): void => {
      socket.destroy();
      resolve(wrong);
    };
    socket.once('connect', () => done(null));
    socket.once('timeout', () => done(`port ${port} did not answer within ${timeoutMs / 1000} s`));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      done(`port ${port}: ${error.code ?? error.message}`),
    );
  });
}
