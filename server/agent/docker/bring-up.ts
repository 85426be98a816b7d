import type Docker from 'dockerode';
import type { MesosResource } from '../../../shared/mesos/v1.ts';
import type { ContainerizerHost } from '../containerizer.ts';
import { endLeftBeside } from './beside.ts';
import { type DockerOptions, createOrFind } from './create.ts';
import { type Ends, where } from './ends.ts';
import { sentence, statusOf } from './engine.ts';
import type { Entry } from './entry.ts';
import type { Kills } from './kills.ts';
import { copyLogs } from './log-copy.ts';
import { limitsOf } from './limits.ts';
import { wasStarted } from './outcome.ts';
import { Pods, isRefusal } from './pod.ts';
import { launchFailure, whyRefused } from './refuse.ts';
import { StartQueue } from './start-queue.ts';

/** Containers started at a time: past a few times the cores the engine only queues (docker start is bound by CPU). */
const STARTS_MAX = 8;
const RETRY_MS = 2_000;

interface Parts {
  readonly options: DockerOptions;
  readonly host: ContainerizerHost;
  readonly closing: AbortSignal;
  readonly ends: Ends;
  readonly kills: Kills;
}

/** Brings containers up, one after the other: made, found, or refused. */
export class BringUp {
  private readonly parts: Parts;
  private readonly docker: Docker;
  private readonly pods: Pods;
  private readonly queue = new StartQueue(STARTS_MAX);

  constructor(parts: Parts) {
    this.parts = parts;
    this.docker = parts.options.engine.calls;
    this.pods = new Pods(parts.options, parts.closing);
  }

  add(entry: Entry): void {
    this.queue.add(() => this.bringUp(entry));
  }

  /** What a container may take has changed; one that has not started yet has it as soon as it does. */
  resize(entry: Entry, resources: readonly MesosResource[]): void {
    entry.resources = resources;
    if (entry.started && !entry.over) void this.grow(entry, resources);
  }

  /** Creates and starts, or adopts what exists: an answer that was lost, or an earlier life of this agent, may have made it already. */
  private async bringUp(entry: Entry): Promise<void> {
    const { options, host, closing, ends } = this.parts;
    try {
      if (entry.killed) return await this.killUnstarted(entry);
      const { run } = entry;
      const refusal = await whyRefused(run, options);
      const onProgress = (message: string): void =>
        host.onReport({ id: run.id, state: 'TASK_STARTING', message });
      if (!refusal && run.pod) await this.pods.bringUp(run.pod, onProgress);
      // What an earlier life of the agent did not refuse runs on.
      const adopted = refusal
        ? await this.find(entry)
        : await createOrFind(run, options, { signal: closing, onProgress });
      if (adopted && wasStarted(adopted.State)) return await this.adopt(entry);
      if (refusal) return ends.over(entry, refusal);
      await this.docker.getContainer(entry.name).start();
      this.copyLogs(entry);
      await this.started(entry);
    } catch (error) {
      await this.launchFailed(entry, error);
    }
  }

  private async adopt(entry: Entry): Promise<void> {
    const { options, ends, kills } = this.parts;
    entry.started = true;
    this.copyLogs(entry);
    await endLeftBeside(options.engine, entry.name);
    await ends.inspect(entry);
    kills.started(entry);
  }

  /** It runs, or has run: where is asked first, so that this is told once, and before its end. */
  private async started(entry: Entry): Promise<void> {
    const { host, ends, kills } = this.parts;
    const { id } = entry.run;
    const { State, NetworkSettings } = await this.docker.getContainer(entry.name).inspect();
    host.onReport({ id, state: 'TASK_RUNNING', ...where(State, NetworkSettings) });
    entry.started = true;
    if (entry.resources) void this.grow(entry, entry.resources);
    if (!State.Running || entry.exited === true) void ends.inspect(entry);
    kills.started(entry);
  }

  private async grow({ name, run }: Entry, resources: readonly MesosResource[]): Promise<void> {
    try {
      await this.docker.getContainer(name).update(limitsOf({ resources }, this.parts.options));
    } catch (error) {
      this.parts.host.log('a container has not grown', { container: run.id, error: sentence(error) });
    }
  }

  private copyLogs(entry: Entry): void {
    const { options, closing, host } = this.parts;
    const { id, sandbox } = entry.run;
    if (sandbox === undefined || entry.copied) return;
    const { calls, streams } = options.engine;
    entry.copied = copyLogs({
      calls: calls.getContainer(entry.name),
      streams: streams.getContainer(entry.name),
      sandbox,
      signal: closing,
      log: (message, detail) => host.log(message, { container: id, ...detail }),
    });
  }

  /** Undefined: there is none. */
  private async find({ name }: Entry): Promise<Docker.ContainerInspectInfo | undefined> {
    try {
      return await this.docker.getContainer(name).inspect();
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  /** Killed before we started it; an earlier life, or a start whose answer was lost, may have done so all the same. */
  private async killUnstarted(entry: Entry): Promise<void> {
    const found = await this.find(entry);
    if (found && wasStarted(found.State)) return await this.adopt(entry);
    if (found) await this.docker.getContainer(entry.name).remove({ force: true });
    this.parts.ends.over(entry, { state: 'TASK_KILLED', message: 'killed before it started', exit: 137 });
  }

  /** The engine refused: the task has failed. It did not answer: the task is tried again, for it may exist already. */
  private async launchFailed(entry: Entry, error: unknown): Promise<void> {
    const { host, closing, ends } = this.parts;
    if (closing.aborted) return;
    if (!isRefusal(error)) {
      const container = entry.run.id;
      host.log('the engine did not answer; trying again', { container, error: sentence(error) });
      setTimeout(() => this.add(entry), RETRY_MS).unref();
      return;
    }
    ends.over(entry, launchFailure(sentence(error)));
    await this.docker
      .getContainer(entry.name)
      .remove({ force: true })
      .catch(() => undefined);
  }
}
