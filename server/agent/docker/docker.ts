import type Docker from 'dockerode';
import type { CommandInfo } from '../../../shared/mesos/v1.ts';
import type {
  Beside,
  ContainerReport,
  Containerizer,
  ContainerizerHost,
  Exited,
  LogQuery,
  Run,
  Terminal,
} from '../containerizer.ts';
import { endLeftBeside, startBeside } from './beside.ts';
import type { Entry } from './entry.ts';
import { type DockerOptions, createOrFind } from './create.ts';
import { sentence, statusOf } from './engine.ts';
import { withLastWords } from '../last-words.ts';
import { execInContainer } from './exec.ts';
import { lastWordsOfContainer } from './last-words.ts';
import { containerLogs } from './logs.ts';
import { type Outcome, outcomeOf, wasStarted } from './outcome.ts';
import { containerName } from './spec.ts';
import { StartQueue } from './start-queue.ts';
import { volumeProblem } from './volumes.ts';
import { listContainers, watchEngine } from './watch.ts';

/** Containers started at a time: past a few times the cores the engine only queues (docker start is bound by CPU). */
const STARTS_MAX = 8;
const RETRY_MS = 2_000;

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
      onExit: (id) => void this.inspect(id),
      onListed: (ids) => this.compare(ids),
      log: (message, detail) => host.log(message, detail),
    });
  }

  recover(): Promise<ReadonlySet<string>> {
    return listContainers(this.options.engine, this.options.agentKey, { all: true });
  }

  launch(run: Run): void {
    const { id } = run;
    if (this.entries.has(id)) return;
    const entry: Entry = { run, name: containerName(id), killed: false, over: false, started: false };
    this.entries.set(id, entry);
    this.starts.add(() => this.bringUp(entry));
  }

  kill(id: string, graceMs: number): void {
    const entry = this.entries.get(id);
    if (!entry || entry.over) return;
    entry.ending?.abort();
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

  exec(id: string, command: CommandInfo, timeoutMs: number): Promise<Exited> {
    return execInContainer(this.options.engine, containerName(id), command, timeoutMs);
  }

  beside(id: string, command: CommandInfo, terminal: Terminal | undefined): Promise<Beside> {
    return startBeside(this.options.engine, containerName(id), command, terminal, this.host);
  }

  sandbox(id: string): string | null {
    return this.entries.get(id)?.run.sandbox ?? null;
  }

  async remove(id: string): Promise<void> {
    this.entries.delete(id);
    try {
      await this.docker.getContainer(containerName(id)).remove({ force: true, v: true });
    } catch (error) {
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
    }
  }

  logs(id: string, query: LogQuery, signal: AbortSignal): ReturnType<Containerizer['logs']> {
    return containerLogs(this.options.engine.streams.getContainer(containerName(id)), query, signal);
  }

  close(): Promise<void> {
    this.closing.abort();
    for (const entry of this.entries.values()) entry.cancelKill?.();
    return Promise.resolve();
  }

  /** Creates and starts, or adopts what exists: an answer that was lost, or an earlier life of this agent, may have made it already. */
  private async bringUp(entry: Entry): Promise<void> {
    try {
      if (entry.killed) return await this.killUnstarted(entry);
      const forbidden = await volumeProblem(entry.run.task, this.options.volumeRoots);
      if (forbidden !== null) return this.notCreated(entry, forbidden);
      const adopted = await createOrFind(entry.run, this.options, this.closing.signal, (message) =>
        this.host.onReport({ id: entry.run.id, state: 'TASK_STARTING', message }),
      );
      if (adopted && wasStarted(adopted.State)) return await this.adopt(entry);
      await this.docker.getContainer(entry.name).start();
      entry.started = true;
      this.host.onReport({ id: entry.run.id, state: 'TASK_RUNNING' });
      if (entry.killed) this.killAgain(entry);
    } catch (error) {
      await this.launchFailed(entry, error);
    }
  }

  private async adopt(entry: Entry): Promise<void> {
    entry.started = true;
    await endLeftBeside(this.options.engine, entry.name);
    await this.inspect(entry.run.id);
    if (entry.killed) this.killAgain(entry);
  }

  /** Killed before we started it; an earlier life, or a start whose answer was lost, may have done so all the same. */
  private async killUnstarted(entry: Entry): Promise<void> {
    const container = this.docker.getContainer(entry.name);
    try {
      if (wasStarted((await container.inspect()).State)) return await this.adopt(entry);
      await container.remove({ force: true });
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
    this.over(entry, { state: 'TASK_KILLED', message: 'killed before it started', exit: 137 });
  }

  /** The engine refused: the task has failed. It did not answer: the task is tried again, for it may exist already. */
  private async launchFailed(entry: Entry, error: unknown): Promise<void> {
    if (this.closing.signal.aborted) return;
    if (statusOf(error) === undefined && !(error instanceof Error && error.name === 'PullError')) {
      this.host.log('the engine did not answer; trying again', {
        container: entry.run.id,
        error: sentence(error),
      });
      setTimeout(() => this.starts.add(() => this.bringUp(entry)), RETRY_MS).unref();
      return;
    }
    this.notCreated(entry, sentence(error));
    await this.docker
      .getContainer(entry.name)
      .remove({ force: true })
      .catch(() => undefined);
  }

  private killAgain(entry: Entry): void {
    const graceMs = Math.max(0, (entry.killAtMs ?? 0) - performance.now());
    delete entry.killAtMs;
    entry.killed = false;
    this.kill(entry.run.id, graceMs);
  }

  private async signal(entry: Entry, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (entry.over) return;
    try {
      await this.docker.getContainer(entry.name).kill({ signal });
    } catch (error) {
      // Gone, or not running: what a kill wants. Anything else is tried again.
      if (statusOf(error) === 404 || statusOf(error) === 409 || statusOf(error) === 304)
        return void this.inspect(entry.run.id);
      this.host.log('a kill was not answered', {
        container: entry.run.id,
        signal,
        error: sentence(error),
      });
      setTimeout(() => void this.signal(entry, signal), RETRY_MS).unref();
    }
  }

  /** What became of a container, from the engine itself. */
  private async inspect(id: string): Promise<void> {
    const entry = this.entries.get(id);
    if (!entry || entry.over || entry.ending) return;
    try {
      const { State, NetworkSettings } = await this.docker.getContainer(entry.name).inspect();
      if (State.Running) {
        const ip = Object.values(NetworkSettings.Networks)[0]?.IPAddress;
        return this.host.onReport({
          id,
          state: 'TASK_RUNNING',
          pid: State.Pid,
          ...(ip ? { ip } : {}),
        });
      }
      const outcome = outcomeOf(State, entry.killed);
      if (outcome) await this.ended(entry, outcome);
    } catch (error) {
      if (statusOf(error) === 404)
        return this.over(entry, {
          state: entry.killed ? 'TASK_KILLED' : 'TASK_LOST',
          message: 'the container was removed',
          exit: 137,
        });
      this.host.log('the engine did not answer', { container: id, error: sentence(error) });
      setTimeout(() => void this.inspect(id), RETRY_MS).unref();
    }
  }

  /** A failure is told with the task's last words; whatever else at once. */
  private async ended(entry: Entry, outcome: Outcome): Promise<void> {
    if (entry.over || entry.ending) return;
    const { state, message, reason } = outcome;
    if (state !== 'TASK_FAILED' || message === undefined || reason !== undefined)
      return this.over(entry, outcome);
    entry.ending = new AbortController();
    const container = this.options.engine.streams.getContainer(entry.name);
    const words = await lastWordsOfContainer(container, entry.ending.signal);
    this.over(entry, { ...outcome, message: withLastWords(message, words) });
  }

  /** After each listing: a started container that is not among the running ones is looked at. */
  private compare(runningIds: ReadonlySet<string>): void {
    for (const [id, entry] of this.entries)
      if (entry.started && !entry.over && !runningIds.has(id)) void this.inspect(id);
  }

  private notCreated(entry: Entry, message: string): void {
    this.over(entry, { state: 'TASK_FAILED', message, reason: 'REASON_CONTAINER_LAUNCH_FAILED' });
  }

  private over(entry: Entry, end: Omit<ContainerReport, 'id'>): void {
    // Closed: the next life of the agent finds it and tells it.
    if (entry.over || this.closing.signal.aborted) return;
    entry.over = true;
    entry.cancelKill?.();
    this.host.onReport({ id: entry.run.id, ...end });
  }
}
