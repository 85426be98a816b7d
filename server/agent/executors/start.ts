import type { MesosResource, TaskInfo } from '../../../shared/mesos/v1.ts';
import { createToken } from '../../libprocess/jwt.ts';
import type { Run } from '../containerizer.ts';
import { sandboxPath } from '../sandboxes.ts';
import type { HeldExecutor } from '../state.ts';
import type { Word } from '../status-of.ts';
import { isOver } from '../statuses.ts';
import { executorEnvironment } from './environment.ts';
import type { ExecutorParts, Running } from './parts.ts';

/** Starts and stops the containers of executors, and sees to it that they come forward in time. */
export class Starter {
  private readonly parts: ExecutorParts;
  private readonly onLate: (executor: Running, word: Word) => void;
  /** Containers that are being prepared. */
  private readonly preparing = new Map<string, AbortController>();

  constructor(parts: ExecutorParts, onLate: (executor: Running, word: Word) => void) {
    this.parts = parts;
    this.onLate = onLate;
  }

  start(executor: Running): void {
    const { preparation, containerizer, limits } = this.parts;
    const run = this.runOf(executor);
    const starting = new AbortController();
    this.preparing.set(run.id, starting);
    const late = `Executor did not register within ${limits.registrationTimeoutMs / 1000}secs`;
    const wait = (): void =>
      this.after(executor, limits.registrationTimeoutMs, () =>
        this.onLate(executor, failure('REASON_EXECUTOR_REGISTRATION_TIMEOUT', late)),
      );
    void (async () => {
      try {
        const prepared = await preparation.of(run, starting.signal);
        if (!this.preparing.delete(run.id)) return;
        wait();
        containerizer.launch(prepared);
      } catch (error) {
        if (!this.preparing.has(run.id)) return;
        const message = `Failed to launch container: ${(error as Error).message}`;
        this.onLate(executor, failure('REASON_CONTAINER_LAUNCH_FAILED', message));
      }
    })();
  }

  /** Its container is there, from an earlier life of the agent. */
  adopt(executor: Running): void {
    const { containerizer, preparation } = this.parts;
    containerizer.launch(preparation.placed(this.runOf(executor)));
  }

  /** It has another task, and its container what that takes. */
  grow(executor: Running): void {
    this.parts.containerizer.resize?.(executor.held.container, this.resourcesOf(executor));
  }

  awaitReturn(executor: Running): void {
    const { reregistrationTimeoutMs } = this.parts.limits;
    const late = `Executor did not reregister within ${reregistrationTimeoutMs / 1000}secs`;
    this.after(executor, reregistrationTimeoutMs, () =>
      this.onLate(executor, failure('REASON_EXECUTOR_REREGISTRATION_TIMEOUT', late)),
    );
  }

  /** @param gone told at once when there is no container yet */
  stop({ held }: Running, gone: () => void): void {
    const starting = this.preparing.get(held.container);
    if (!starting) return this.parts.containerizer.kill(held.container, 0);
    this.preparing.delete(held.container);
    starting.abort();
    gone();
  }

  /** One thing at a time is waited for. */
  after(executor: Running, ms: number, then: () => void): void {
    const { clock } = this.parts;
    executor.cancelTimer?.();
    executor.cancelTimer = clock.at(clock.now() + ms, then);
  }

  /** What it takes itself, and what its tasks do: they run inside of it. */
  private resourcesOf({ held: { container, info } }: Running): readonly MesosResource[] {
    const tasks = [...this.parts.state.tasks.values()].filter(
      (held) => held.container === container && !isOver(held),
    );
    return [...(info.resources ?? []), ...tasks.flatMap(({ task }) => task.resources)];
  }

  /** An executor in the clothes of a task; it is where the agent can be reached, whatever its container says of networks. */
  private runOf(executor: Running): Run {
    const { container, info, framework } = executor.held;
    const { state, limits, workDir, tokenKey } = this.parts;
    const { ip, port } = this.parts.info();
    const task: TaskInfo = {
      name: info.name ?? info.executor_id.value,
      task_id: info.executor_id,
      agent_id: { value: state.agentId ?? '' },
      resources: this.resourcesOf(executor),
      ...(info.command ? { command: info.command } : {}),
      ...(info.container ? { container: info.container } : {}),
    };
    const env = executorEnvironment(info, state.frameworks.get(framework)!, {
      agentId: state.agentId ?? '',
      endpoint: `${ip}:${port}`,
      directory: sandboxPath(workDir, container),
      recoveryTimeoutMs: limits.recoveryTimeoutMs,
      shutdownGraceMs: limits.shutdownGraceMs,
      token:
        tokenKey && createToken({ cid: container, eid: info.executor_id.value, fid: framework }, tokenKey),
    });
    const { user } = state.frameworks.get(framework)!;
    return { id: container, task, user, env, hostNetwork: info.container === undefined };
  }
}

/** What is said of the tasks of an executor that has ended. */
export function terminated({ info }: HeldExecutor): Word {
  const what = info.container?.docker ? 'Container' : 'Executor';
  return failure('REASON_EXECUTOR_TERMINATED', `${what} terminated`);
}

function failure(reason: string, message: string): Word {
  return { state: 'TASK_FAILED', source: 'SOURCE_AGENT', reason, message };
}
