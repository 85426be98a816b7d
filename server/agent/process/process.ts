import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandInfo } from '../../../shared/mesos/v1.ts';
import { argvOf } from '../argv.ts';
import type {
  Beside,
  ContainerReport,
  Containerizer,
  ContainerizerHost,
  Exited,
  LogQuery,
  Run,
  Terminal,
  Usage,
} from '../containerizer.ts';
import { howCommandEnded } from '../how-it-ended.ts';
import { withLastWords } from '../last-words.ts';
import { SANDBOXES } from '../sandboxes.ts';
import { startBeside } from './beside.ts';
import type { Entry } from './entry.ts';
import { execLine } from './exec.ts';
import { fileLogs } from './file-logs.ts';
import { isSameProcess, startTimeOf } from './identity.ts';
import { lastWordsOfFiles } from './last-words.ts';
import { environment, processProblem } from './launch.ts';
import { usageOfSessions } from './usage.ts';
import { exitCodeOf, startProcess } from './start.ts';
import { type Identity, NoSuchUser, identityOf } from './user.ts';

/** How often a process that is not our child (adopted after a restart) is looked at. */
const POLL_MS = 500;

/**
 * Runs tasks as processes of this machine, each in a process group and a directory of its own. No limits of memory and CPU: it is meant for trying things out where no
 * engine is, and for machines that run one trusted thing.
 */
export class ProcessContainerizer implements Containerizer {
  readonly name = 'process' as const;
  private readonly root: string;
  private readonly host: ContainerizerHost;
  private readonly switchUser: boolean;
  private readonly entries = new Map<string, Entry>();
  private closed = false;

  /** @param switchUser processes belong to the users that tasks name, which takes an agent of root */
  constructor(workDir: string, host: ContainerizerHost, switchUser: boolean = false) {
    this.root = join(workDir, SANDBOXES);
    this.host = host;
    this.switchUser = switchUser;
    mkdirSync(this.root, { recursive: true, mode: 0o700 });
  }

  recover(): Promise<ReadonlySet<string>> {
    return Promise.resolve(
      new Set(readdirSync(this.root).filter((id) => existsSync(join(this.root, id, 'pid')))),
    );
  }

  launch(run: Run): void {
    const { id, task } = run;
    if (this.entries.has(id)) return;
    const entry: Entry = { run, pid: 0, startTime: undefined, killed: false, over: false };
    this.entries.set(id, entry);
    const wrong = processProblem(task);
    if (wrong !== null) return this.notStarted(entry, wrong);
    try {
      if (existsSync(join(this.root, id, 'pid'))) this.adopt(entry);
      else this.start(entry);
    } catch (error) {
      if (error instanceof NoSuchUser) this.nobodys(entry, error);
      else this.notStarted(entry, `cannot be started: ${(error as Error).message}`);
    }
  }

  kill(id: string, graceMs: number): void {
    const entry = this.entries.get(id);
    if (!entry || entry.over) return;
    const atMs = performance.now() + graceMs;
    if (entry.killAtMs !== undefined && entry.killAtMs <= atMs) return;
    clearTimeout(entry.killTimer);
    if (!entry.killed && graceMs > 0) this.signal(entry, 'SIGTERM');
    entry.killed = true;
    entry.killAtMs = atMs;
    entry.killTimer = setTimeout(() => {
      this.signal(entry, 'SIGKILL');
      this.pollUntilGone(entry);
    }, graceMs);
  }

  async exec(id: string, command: CommandInfo, timeoutMs: number): Promise<Exited> {
    const entry = this.entries.get(id);
    if (!entry) return { wrong: 'the task does not run' };
    const cwd = join(this.root, id, 'sandbox');
    const place = { cwd, env: environment(entry.run, cwd), ...this.identityOf(entry.run) };
    return execLine(command.value ?? '', place, timeoutMs);
  }

  async beside(id: string, command: CommandInfo, terminal: Terminal | undefined): Promise<Beside> {
    const entry = this.entries.get(id);
    if (!entry || entry.over) throw new Error('the task does not run');
    if (terminal)
      throw new Error('processes have no terminals here: leave tty_info out, or run the task in Docker');
    const cwd = join(this.root, id, 'sandbox');
    const { task, user } = entry.run;
    const run = { ...entry.run, task: { ...task, command }, user: task.command?.user ?? user };
    return startBeside(argvOf(command), { cwd, env: environment(run, cwd), ...this.identityOf(run) });
  }

  async usage(ids: readonly string[]): Promise<ReadonlyMap<string, Usage>> {
    // Each is started as the leader of a session.
    const pids = ids.flatMap((id) => this.entries.get(id)?.pid ?? []).filter((pid) => pid > 0);
    const used = await usageOfSessions(new Set(pids));
    return new Map(
      ids.flatMap((id) => {
        const usage = used.get(this.entries.get(id)?.pid ?? 0);
        return usage ? [[id, usage]] : [];
      }),
    );
  }

  sandbox(id: string): string | null {
    const path = join(this.root, id, 'sandbox');
    return existsSync(path) ? path : null;
  }

  remove(id: string): Promise<void> {
    this.entries.delete(id);
    rmSync(join(this.root, id), { recursive: true, force: true });
    return Promise.resolve();
  }

  logs(id: string, query: LogQuery, signal: AbortSignal): ReturnType<Containerizer['logs']> {
    const sandbox = join(this.root, id, 'sandbox');
    return fileLogs(sandbox, query, signal, () => this.entries.get(id)?.over !== false);
  }

  close(): Promise<void> {
    this.closed = true;
    for (const entry of this.entries.values()) {
      clearTimeout(entry.killTimer);
      clearInterval(entry.poll);
    }
    return Promise.resolve();
  }

  private start(entry: Entry): void {
    const { id } = entry.run;
    const directory = join(this.root, id);
    const child = startProcess(entry.run, directory, this.identityOf(entry.run));
    child.once('error', (error) => this.notStarted(entry, `cannot be started: ${error.message}`));
    if (child.pid === undefined) return;
    entry.pid = child.pid;
    entry.startTime = startTimeOf(child.pid);
    writeFileSync(join(directory, 'pid'), `${child.pid} ${entry.startTime ?? ''}\n`);
    child.once('exit', () => this.ended(entry));
    child.unref();
    this.host.onReport({ id, state: 'TASK_RUNNING', pid: child.pid });
  }

  /** It was started by an earlier life of this agent. */
  private adopt(entry: Entry): void {
    const { id } = entry.run;
    const [pid, startTime] = readFileSync(join(this.root, id, 'pid'), 'utf8')
      .trim()
      .split(' ');
    entry.pid = Number(pid);
    entry.startTime = startTime;
    if (!isSameProcess(entry.pid, startTime)) return this.ended(entry);
    this.host.onReport({ id, state: 'TASK_RUNNING', pid: entry.pid });
    this.pollUntilGone(entry);
  }

  private pollUntilGone(entry: Entry): void {
    clearInterval(entry.poll);
    entry.poll = setInterval(() => {
      if (!isSameProcess(entry.pid, entry.startTime)) this.ended(entry);
    }, POLL_MS);
  }

  private ended(entry: Entry): void {
    const directory = join(this.root, entry.run.id);
    const code = exitCodeOf(directory);
    if (entry.killed)
      return this.over(entry, {
        state: 'TASK_KILLED',
        ...(code === undefined ? { exit: 137 } : { message: howCommandEnded(code), exit: code }),
      });
    if (code === undefined)
      return this.over(entry, {
        state: 'TASK_FAILED',
        message: 'it ended without an exit code; somebody killed it',
        exit: 137,
      });
    const message = howCommandEnded(code);
    if (code === 0) return this.over(entry, { state: 'TASK_FINISHED', message, exit: 0 });
    const words = lastWordsOfFiles(join(directory, 'sandbox'));
    this.over(entry, { state: 'TASK_FAILED', message: withLastWords(message, words), exit: code });
  }

  private signal(entry: Entry, signal: NodeJS.Signals): void {
    if (entry.pid <= 0 || !isSameProcess(entry.pid, entry.startTime)) return;
    try {
      process.kill(-entry.pid, signal);
    } catch (error) {
      this.host.log('a signal did not arrive', {
        container: entry.run.id,
        signal,
        error: String(error),
      });
    }
  }

  private identityOf(run: Run): Identity | undefined {
    return this.switchUser ? identityOf(run) : undefined;
  }

  /** In the words of Mesos, which finds out when it makes the sandbox. */
  private nobodys(entry: Entry, { user, message }: NoSuchUser): void {
    const sandbox = join(this.root, entry.run.id, 'sandbox');
    this.over(entry, {
      state: 'TASK_DROPPED',
      source: 'SOURCE_AGENT',
      reason: 'REASON_EXECUTOR_TERMINATED',
      message: `Failed to create executor directory '${sandbox}': Failed to chown directory to '${user}': ${message}`,
    });
  }

  private notStarted(entry: Entry, message: string): void {
    this.over(entry, {
      state: 'TASK_FAILED',
      source: 'SOURCE_AGENT',
      reason: 'REASON_CONTAINER_LAUNCH_FAILED',
      message: `Failed to launch container: ${message}`,
    });
  }

  private over(entry: Entry, end: Omit<ContainerReport, 'id'>): void {
    // Closed: the next life of the agent finds it and tells it.
    if (entry.over || this.closed) return;
    entry.over = true;
    clearTimeout(entry.killTimer);
    clearInterval(entry.poll);
    this.host.onReport({ id: entry.run.id, ...end });
  }
}
