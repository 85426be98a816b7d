import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { CommandInfo, TaskInfo } from '../../../shared/mesos/v1.ts';
import type { Containerizer, ContainerizerHost, LogQuery } from '../containerizer.ts';
import { withLastWords } from '../last-words.ts';
import { execLine } from './exec.ts';
import { fileLogs } from './file-logs.ts';
import { isSameProcess, startTimeOf } from './identity.ts';
import { lastWordsOfFiles } from './last-words.ts';
import { SUPERVISOR, argvOf, environment, isPlainName } from './launch.ts';

/** How often a process that is not our child (adopted after a restart) is looked at. */
const POLL_MS = 500;

interface Entry {
  readonly task: TaskInfo;
  pid: number;
  startTime: string | undefined;
  killed: boolean;
  over: boolean;
  killTimer?: NodeJS.Timeout;
  killAtMs?: number;
  poll?: NodeJS.Timeout;
}

/**
 * Runs tasks as processes of this machine, each in a process group and a directory of its own. No limits of memory and CPU: it is meant for trying things out where no
 * engine is, and for machines that run one trusted thing.
 */
export class ProcessContainerizer implements Containerizer {
  readonly name = 'process' as const;
  private readonly root: string;
  private readonly host: ContainerizerHost;
  private readonly entries = new Map<string, Entry>();
  private closed = false;

  constructor(workDir: string, host: ContainerizerHost) {
    this.root = join(workDir, 'tasks');
    this.host = host;
    mkdirSync(this.root, { recursive: true, mode: 0o700 });
  }

  recover(): Promise<ReadonlySet<string>> {
    return Promise.resolve(
      new Set(readdirSync(this.root).filter((id) => existsSync(join(this.root, id, 'pid')))),
    );
  }

  launch(task: TaskInfo): void {
    const id = task.task_id.value;
    if (this.entries.has(id)) return;
    const entry: Entry = { task, pid: 0, startTime: undefined, killed: false, over: false };
    this.entries.set(id, entry);
    if (task.container?.docker)
      return this.over(
        entry,
        'TASK_FAILED',
        `this agent runs processes, not images (${task.container.docker.image})`,
        'REASON_CONTAINER_LAUNCH_FAILED',
      );
    try {
      if (existsSync(join(this.root, id, 'pid'))) this.adopt(entry);
      else this.start(entry);
    } catch (error) {
      this.over(
        entry,
        'TASK_FAILED',
        `cannot be started: ${(error as Error).message}`,
        'REASON_CONTAINER_LAUNCH_FAILED',
      );
    }
  }

  kill(taskId: string, graceMs: number): void {
    const entry = this.entries.get(taskId);
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

  exec(taskId: string, command: CommandInfo, timeoutMs: number): Promise<string | null> {
    const entry = this.entries.get(taskId);
    if (!entry) return Promise.resolve('the task does not run');
    const cwd = join(this.root, taskId, 'sandbox');
    const env = environment(entry.task, this.root);
    return execLine(command.value ?? '', { cwd, env }, timeoutMs);
  }

  sandbox(taskId: string): string | null {
    const path = join(this.root, taskId, 'sandbox');
    return isPlainName(taskId) && existsSync(path) ? path : null;
  }

  remove(taskId: string): Promise<void> {
    this.entries.delete(taskId);
    if (isPlainName(taskId)) rmSync(join(this.root, taskId), { recursive: true, force: true });
    return Promise.resolve();
  }

  logs(taskId: string, query: LogQuery, signal: AbortSignal): ReturnType<Containerizer['logs']> {
    if (!isPlainName(taskId)) throw new Error(`there is no task ${taskId} here`);
    return fileLogs(join(this.root, taskId), query, signal, () => this.entries.get(taskId)?.over !== false);
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
    const directory = join(this.root, entry.task.task_id.value);
    const sandbox = join(directory, 'sandbox');
    mkdirSync(sandbox, { recursive: true, mode: 0o700 });
    const [out, err] = [
      openSync(join(directory, 'stdout'), 'a', 0o600),
      openSync(join(directory, 'stderr'), 'a', 0o600),
    ];
    const child = spawn('/bin/sh', ['-c', SUPERVISOR, 'sh', join(directory, 'exit'), ...argvOf(entry.task)], {
      cwd: sandbox,
      env: environment(entry.task, this.root),
      detached: true,
      stdio: ['ignore', out, err],
    });
    closeSync(out);
    closeSync(err);
    child.once('error', (error) =>
      this.over(
        entry,
        'TASK_FAILED',
        `cannot be started: ${error.message}`,
        'REASON_CONTAINER_LAUNCH_FAILED',
      ),
    );
    if (child.pid === undefined) return;
    entry.pid = child.pid;
    entry.startTime = startTimeOf(child.pid);
    writeFileSync(join(directory, 'pid'), `${child.pid} ${entry.startTime ?? ''}\n`);
    child.once('exit', () => this.ended(entry));
    child.unref();
    this.host.onReport({
      taskId: entry.task.task_id.value,
      state: 'TASK_RUNNING',
      container: `pid ${child.pid}`,
    });
  }

  /** It was started by an earlier life of this agent. */
  private adopt(entry: Entry): void {
    const id = entry.task.task_id.value;
    const [pid, startTime] = readFileSync(join(this.root, id, 'pid'), 'utf8')
      .trim()
      .split(' ');
    entry.pid = Number(pid);
    entry.startTime = startTime;
    if (!isSameProcess(entry.pid, startTime)) return this.ended(entry);
    this.host.onReport({ taskId: id, state: 'TASK_RUNNING', container: `pid ${entry.pid}` });
    this.pollUntilGone(entry);
  }

  private pollUntilGone(entry: Entry): void {
    clearInterval(entry.poll);
    entry.poll = setInterval(() => {
      if (!isSameProcess(entry.pid, entry.startTime)) this.ended(entry);
    }, POLL_MS);
  }

  private ended(entry: Entry): void {
    const directory = join(this.root, entry.task.task_id.value);
    const file = join(directory, 'exit');
    const code = existsSync(file) ? Number(readFileSync(file, 'utf8').trim()) : undefined;
    if (entry.killed) return this.over(entry, 'TASK_KILLED', code === undefined ? undefined : `exit ${code}`);
    if (code === undefined)
      return this.over(entry, 'TASK_FAILED', 'it ended without an exit code; somebody killed it');
    if (code === 0) return this.over(entry, 'TASK_FINISHED', undefined);
    this.over(entry, 'TASK_FAILED', withLastWords(`exit ${code}`, lastWordsOfFiles(directory)));
  }

  private signal(entry: Entry, signal: NodeJS.Signals): void {
    if (entry.pid <= 0 || !isSameProcess(entry.pid, entry.startTime)) return;
    try {
      process.kill(-entry.pid, signal);
    } catch (error) {
      this.host.log('a signal did not arrive', {
        task: entry.task.task_id.value,
        signal,
        error: String(error),
      });
    }
  }

  private over(
    entry: Entry,
    state: 'TASK_FINISHED' | 'TASK_FAILED' | 'TASK_KILLED',
    message: string | undefined,
    reason?: string,
  ): void {
    // Closed: the next life of the agent finds it and tells it.
    if (entry.over || this.closed) return;
    entry.over = true;
    clearTimeout(entry.killTimer);
    clearInterval(entry.poll);
    const taskId = entry.task.task_id.value;
    this.host.onReport({
      taskId,
      state,
      ...(message === undefined ? {} : { message }),
      ...(reason === undefined ? {} : { reason }),
    });
  }
}
