import { existsSync } from 'node:fs';
import type Docker from 'dockerode';
import type { CommandInfo, MesosResource } from '../../../shared/mesos/v1.ts';
import type {
  Beside,
  Containerizer,
  ContainerizerHost,
  Exited,
  LogQuery,
  Run,
  Terminal,
  Usage,
} from '../containerizer.ts';
import { atMost } from './at-most.ts';
import { sandboxPath } from '../sandboxes.ts';
import { startBeside } from './beside.ts';
import { BringUp } from './bring-up.ts';
import type { DockerOptions } from './create.ts';
import { Ends } from './ends.ts';
import { statusOf } from './engine.ts';
import type { Entry } from './entry.ts';
import { execInContainer } from './exec.ts';
import { Kills } from './kills.ts';
import { containerLogs } from './logs.ts';
import { containerName } from './spec.ts';
import { usageOfContainer } from './usage.ts';
import { listContainers, watchEngine } from './watch.ts';

/** How long it may take until it is noted how far output was copied. */
const CLOSE_MS = 2_000;

/** Runs tasks as containers of a Docker engine. */
export class DockerContainerizer implements Containerizer {
  readonly name = 'docker' as const;
  private readonly options: DockerOptions;
  private readonly host: ContainerizerHost;
  private readonly docker: Docker;
  private readonly entries = new Map<string, Entry>();
  private readonly closing = new AbortController();
  private readonly ends: Ends;
  private readonly kills: Kills;
  private readonly bringUp: BringUp;

  constructor(options: DockerOptions, host: ContainerizerHost) {
    this.options = options;
    this.host = host;
    this.docker = options.engine.calls;
    const closing = this.closing.signal;
    const ends = (this.ends = new Ends(options, host, closing));
    const kills = (this.kills = new Kills(this.docker, host, (entry) => void ends.inspect(entry)));
    this.bringUp = new BringUp({ options, host, closing, ends, kills });
    watchEngine(options.engine, options.agentKey, closing, {
      onExit: (id) => this.exited(id),
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
    this.bringUp.add(entry);
  }

  resize(id: string, resources: readonly MesosResource[]): void {
    const entry = this.entries.get(id);
    if (entry) this.bringUp.resize(entry, resources);
  }

  kill(id: string, graceMs: number): void {
    const entry = this.entries.get(id);
    if (entry) this.kills.kill(entry, graceMs);
  }

  exec(id: string, command: CommandInfo, timeoutMs: number): Promise<Exited> {
    return execInContainer(this.options.engine, containerName(id), command, timeoutMs);
  }

  beside(id: string, command: CommandInfo, terminal: Terminal | undefined): Promise<Beside> {
    return startBeside(this.options.engine, containerName(id), command, terminal, this.host);
  }

  async usage(ids: readonly string[]): Promise<ReadonlyMap<string, Usage>> {
    const known = ids.filter((id) => this.entries.get(id)?.started === true);
    const { engine } = this.options;
    const used = await Promise.all(
      known.map(async (id) => [id, await usageOfContainer(engine, containerName(id))] as const),
    );
    return new Map(used.flatMap(([id, usage]) => (usage ? [[id, usage]] : [])));
  }

  sandbox(id: string): string | null {
    const known = this.entries.get(id)?.run.sandbox;
    if (known !== undefined) return known;
    // Of a task that ended in an earlier life of the agent.
    const path = sandboxPath(this.options.workDir, id);
    return existsSync(path) ? path : null;
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

  async close(): Promise<void> {
    this.closing.abort();
    for (const entry of this.entries.values()) entry.cancelKill?.();
    await atMost(Promise.all([...this.entries.values()].map(({ copied }) => copied)), CLOSE_MS);
  }

  private exited(id: string): void {
    const entry = this.entries.get(id);
    if (entry?.started === true) void this.ends.inspect(entry);
    else if (entry) entry.exited = true;
  }

  /** After each listing: a started container that is not among the running ones is looked at. */
  private compare(runningIds: ReadonlySet<string>): void {
    for (const [id, entry] of this.entries)
      if (entry.started && !entry.over && !runningIds.has(id)) void this.ends.inspect(entry);
  }
}
