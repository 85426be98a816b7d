import { request } from 'undici';
import type { KillPolicy, TaskInfo } from '../../shared/mesos/v1.ts';

interface Lifecycle {
  readonly port: number;
  readonly gracefulShutdownEndpoint: string;
  readonly shutdownEndpoint: string;
  readonly gracefulShutdownWaitSecs: number;
  readonly shutdownWaitSecs: number;
}

/** executor_shutdown_grace_period */
const GRACE_MS_DEFAULT = 5_000;
const ANSWER_MS = 2_000;
const POLL_MS = 250;

/** Between SIGTERM and SIGKILL. */
export function graceMsOf(policy: KillPolicy | undefined): number {
  return policy?.grace_period ? Math.max(0, policy.grace_period.nanoseconds / 1e6) : GRACE_MS_DEFAULT;
}

/**
 * Asks a task by HTTP to end itself before any signal: first gracefully, then firmly; each wait follows only if the task answered (Aurora's HttpLifecycleManager).
 * Undefined: the task has no such endpoint.
 */
export function shutDownByHttp(task: TaskInfo, isOver: () => boolean): Promise<void> | undefined {
  const text = task.labels?.labels?.find(({ key }) => key === 'dawn.lifecycle')?.value;
  if (text === undefined) return undefined;
  const lifecycle = readLifecycle(text);
  if (!lifecycle) return undefined;
  return (async () => {
    await step(
      lifecycle.port,
      lifecycle.gracefulShutdownEndpoint,
      lifecycle.gracefulShutdownWaitSecs,
      isOver,
    );
    if (!isOver()) await step(lifecycle.port, lifecycle.shutdownEndpoint, lifecycle.shutdownWaitSecs, isOver);
  })();
}

/** Labels are anybody's to write: what is no lifecycle is none. */
function readLifecycle(text: string): Lifecycle | undefined {
  try {
    const { port, ...rest } = JSON.parse(text) as Lifecycle;
    return Number.isInteger(port) ? { port, ...rest } : undefined;
  } catch {
    return undefined;
  }
}

async function step(port: number, path: string, waitSecs: number, isOver: () => boolean): Promise<void> {
  try {
    const { body } = await request(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await body.dump();
  } catch {
    return;
  }
  const endMs = performance.now() + waitSecs * 1000;
  while (!isOver() && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
