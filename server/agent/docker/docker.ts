import type Docker from 'dockerode';
import type { CommandInfo, TaskInfo } from '../../../shared/mesos/v1.ts';
import type { Containerizer, ContainerizerHost, LogQuery } from '../containerizer.ts';
import type { Engine } from './engine.ts';
import type { Entry } from './entry.ts';
import { sentence, statusOf } from './engine.ts';
import { execInContainer } from './exec.ts';
import { containerLogs } from './logs.ts';
import { pullImage } from './pull.ts';
import type { SpecOptions } from './spec.ts';
import { LABEL_AGENT, LABEL_TASK, containerName, containerSpec, imageOf } from './spec.ts';
import { StartQueue } from './start-queue.ts';
import { volumeProblem } from './volumes.ts';
import { watchEngine } from './watch.ts';

/** Containers started at a time: past a few times the cores the engine only queues (docker start is bound by CPU). */
const STARTS_MAX = 8;
const RETRY_MS = 2_000;

export interface DockerOptions extends SpecOptions {
  readonly engine: Engine;
  /** Directories of the host below which volumes may lie; none unless the operator says so. */
  readonly volumeRoots: readonly string[];
}

/** Runs tasks as containers of a Docker engine. */
export class DockerContainerizer implements Containerizer {
  readonly name = 'docker' as const;
  private readonly options: DockerOptions;
  private readonly host: ContainerizerHost;
  private readonly docker: Docker;
  private readonly entries = new Map<string, Entry>();
  private readonly closing = new AbortController();
  private readonly starts = new StartQueue(STARTS_MAX);

  constructor(options: DockerOptions, host: ContainerizerHost) {
    this.options = options;
    this.host = host;
    this.docker = options.engine.calls;
    watchEngine(options.engine, options.agentKey, this.closing.signal, {
      onExit: (taskId) => void this.inspect(taskId),
      onListed: (taskIds) => this.compare(taskIds),
      log: (message, detail) => host.log(message, detail),
    });
  }

  async recover(): Promise<ReadonlySet<string>> {
    const containers = await this.docker.listContainers({
      all: true,
      filters: { label: [`${LABEL_AGENT}=${this.options.agentKey}`] },
    });
    return new Set(containers.flatMap(({ Labels }) => Labels[LABEL_TASK] ?? []));
  }

  launch(task: TaskInfo): void {
    const id = task.task_id.value;
    if (this.entries.has(id)) return;
    const entry: Entry = { task, name: containerName(id), killed: false, over: false, started: false };
    this.entries.set(id, entry);
    this.starts.add(() => this.bringUp(entry));
  }

  kill(taskId: string, graceMs: number): void {
    const entry = this.entries.get(taskId);
    if (!entry || entry.over) return;
    const atMs = performance.now() + graceMs;
    if (entry.killAtMs !== undefined && entry.killAtMs <= atMs) return;
    const first = !entry.killed;
    entry.killed = true;
    entry.killAtMs = atMs;
    entry.cancelKill?.();
    if (!entry.started) return;
    if (first && graceMs > 0) void this.signal(entry, 'SIGTERM');
    const timer = setTimeout(() => void this.signal(entry, 'SIGKILL'), graceMs);
    entry.cancelKill = () => clearTimeout(timer);
  }

  exec(taskId: string, command: CommandInfo, timeoutMs: number): Promise<string | null> {
    return execInContainer(this.options.engine, containerName(taskId), command, timeoutMs);
  }

  sandbox(): string | null {
    return null;
  }

  async remove(taskId: string): Promise<void> {
    this.entries.delete(taskId);
    try {
      await this.docker.getContainer(containerName(taskId)).remove({ force: true, v: true });
    } catch (error) {
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
    }
  }

  logs(taskId: string, query: LogQuery, signal: AbortSignal): ReturnType<Containerizer['logs']> {
    return containerLogs(this.options.engine.streams.getContainer(containerName(taskId)), query, signal);
  }

  close(): Promise<void> {
    this.closing.abort();
    for (const entry of this.entries.values()) entry.cancelKill?.();
    return Promise.resolve();
  }

  /** Creates and starts, or adopts what exists: an answer that was lost, or an earlier life of this agent, may have made it already. */
  private async bringUp(entry: Entry): Promise<void> {
    if (entry.killed) return this.over(entry, 'TASK_KILLED', 'killed before it started');
    const forbidden = await volumeProblem(entry.task, this.options.volumeRoots);
    if (forbidden !== null)
      return this.over(entry, 'TASK_FAILED', forbidden, 'REASON_CONTAINER_LAUNCH_FAILED');
    try {
      const adopted = await this.createOrFind(entry);
      if (adopted?.State.StartedAt.startsWith('0001-') === false) {
        entry.started = true;
        return await this.inspect(entry.task.task_id.value);
      }
      await this.docker.getContainer(entry.name).start();
      entry.started = true;
      this.host.onReport({ taskId: entry.task.task_id.value, state: 'TASK_RUNNING', container: entry.name });
      if (entry.killed) this.killAgain(entry);
    } catch (error) {
      await this.launchFailed(entry, error);
    }
  }

  private async createOrFind(entry: Entry): Promise<Docker.ContainerInspectInfo | undefined> {
    const spec = containerSpec(entry.task, this.options);
    if (entry.task.container?.docker?.force_pull_image === true) await this.pull(entry);
    for (let attempt = 0; ; attempt++) {
      try {
        await this.docker.createContainer(spec);
        return undefined;
      } catch (error) {
        if (statusOf(error) === 409) return this.docker.getContainer(entry.name).inspect();
        if (statusOf(error) !== 404 || attempt > 0) throw error;
        await this.pull(entry);
      }
    }
  }

  private pull(entry: Entry): Promise<void> {
    const id = entry.task.task_id.value;
    return pullImage(
      this.options.engine,
      imageOf(entry.task, this.options),
      this.closing.signal,
      (progress) => this.host.onReport({ taskId: id, state: 'TASK_STARTING', message: progress }),
    );
  }

  /** The engine refused: the task has failed. It did not answer: the task is tried again, for it may exist already. */
  private async launchFailed(entry: Entry, error: unknown): Promise<void> {
    if (this.closing.signal.aborted) return;
    if (statusOf(error) === undefined && !(error instanceof Error && error.name === 'PullError')) {
      this.host.log('the engine did not answer; trying again', {
        task: entry.task.task_id.value,
        error: sentence(error),
      });
      setTimeout(() => {
        this.starts.add(() => this.bringUp(entry));
      }, RETRY_MS).unref();
      return;
    }
    this.over(entry, 'TASK_FAILED', sentence(error), 'REASON_CONTAINER_LAUNCH_FAILED');
    await this.docker
      .getContainer(entry.name)
      .remove({ force: true })
      .catch(() => undefined);
  }

  private killAgain(entry: Entry): void {
    const graceMs = Math.max(0, (entry.killAtMs ?? 0) - performance.now());
    delete entry.killAtMs;
    entry.killed = false;
    this.kill(entry.task.task_id.value, graceMs);
  }

  private async signal(entry: Entry, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (entry.over) return;
    try {
      await this.docker.getContainer(entry.name).kill({ signal });
    } catch (error) {
      // Gone, or not running: what a kill wants. Anything else is tried again.
      if (statusOf(error) === 404 || statusOf(error) === 409 || statusOf(error) === 304)
        return void this.inspect(entry.task.task_id.value);
      this.host.log('a kill was not answered', {
        task: entry.task.task_id.value,
        signal,
        error: sentence(error),
      });
      setTimeout(() => void this.signal(entry, signal), RETRY_MS).unref();
    }
  }

  /** What became of a container, from the engine itself. */
  private async inspect(taskId: string): Promise<void> {
    const entry = this.entries.get(taskId);
    if (!entry || entry.over) return;
    try {
      const { State, Id, NetworkSettings } = await this.docker.getContainer(entry.name).inspect();
      if (State.Running) {
        const ip = Object.values(NetworkSettings.Networks)[0]?.IPAddress;
        return this.host.onReport({
          taskId,
          state: 'TASK_RUNNING',
          container: entry.name,
          ...(ip ? { ip } : {}),
        });
      }
      if (State.StartedAt.startsWith('0001-')) return;
      if (entry.killed) return this.over(entry, 'TASK_KILLED', `exit ${State.ExitCode}`);
      if (State.OOMKilled && State.ExitCode !== 0)
        return this.over(entry, 'TASK_FAILED', 'out of memory', 'REASON_CONTAINER_LIMITATION_MEMORY');
      if (State.ExitCode === 0) return this.over(entry, 'TASK_FINISHED', undefined);
      this.host.log('a task failed', { task: taskId, container: Id, code: State.ExitCode });
      this.over(entry, 'TASK_FAILED', `exit ${State.ExitCode}${State.Error ? `: ${State.Error}` : ''}`);
    } catch (error) {
      if (statusOf(error) === 404)
        return this.over(entry, entry.killed ? 'TASK_KILLED' : 'TASK_LOST', 'the container was removed');
      this.host.log('the engine did not answer', { task: taskId, error: sentence(error) });
      setTimeout(() => void this.inspect(taskId), RETRY_MS).unref();
    }
  }

  /** After each listing: a started container that is not among the running ones is looked at. */
  private compare(runningIds: ReadonlySet<string>): void {
    for (const [taskId, entry] of this.entries)
      if (entry.started && !entry.over && !runningIds.has(taskId)) void this.inspect(taskId);
  }

  private over(
    entry: Entry,
    state: 'TASK_FINISHED' | 'TASK_FAILED' | 'TASK_KILLED' | 'TASK_LOST',
    message: string | undefined,
    reason?: string,
  ): void {
    if (entry.over) return;
    entry.over = true;
    entry.cancelKill?.();
    this.host.onReport({
      taskId: entry.task.task_id.value,
      state,
      container: entry.name,
      ...(message === undefined ? {} : { message }),
      ...(reason === undefined ? {} : { reason }),
    });
  }
}
