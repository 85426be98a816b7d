/** What an agent runs tasks with. Three of them: docker, process, simulated. */
import type { CommandInfo, TaskInfo, TaskState } from '../../shared/mesos/v1.ts';
import type { LogLine } from '../../shared/api/views.ts';

/** What happened to a task in its container. The agent turns these into durable status updates. */
export interface TaskReport {
  readonly taskId: string;
  readonly state: Extract<
    TaskState,
    | 'TASK_STARTING'
    | 'TASK_RUNNING'
    | 'TASK_FINISHED'
    | 'TASK_FAILED'
    | 'TASK_KILLED'
    | 'TASK_LOST'
    | 'TASK_GONE'
  >;
  readonly message?: string;
  readonly reason?: string;
  readonly healthy?: boolean;
  readonly container?: string;
  readonly ip?: string;
}

export interface LogQuery {
  readonly stream: 'stdout' | 'stderr' | 'both';
  /** Last n lines to begin with. */
  readonly tail: number;
  readonly follow: boolean;
}

export interface Containerizer {
  readonly name: 'docker' | 'process' | 'simulated';
  /** Task ids of which an earlier life of this agent left a container; called once before anything else. */
  recover(known: readonly TaskInfo[]): Promise<ReadonlySet<string>>;
  /** Starts a task, or takes it over when its container exists already. Reports come through `onReport`; never throws for a task's fault. */
  launch(task: TaskInfo): void;
  /** Ends a task: SIGTERM, after the grace SIGKILL. Repeating it is harmless; a shorter grace shortens. */
  kill(taskId: string, graceMs: number): void;
  /** Runs a health check's command where the task runs. Resolves to null when it exits 0, else to what was wrong. */
  exec(taskId: string, command: CommandInfo, timeoutMs: number): Promise<string | null>;
  /** The directory of the task that people may read, if it has one on this machine. */
  sandbox(taskId: string): string | null;
  /** Container and sandbox of an ended task are no longer wanted. */
  remove(taskId: string): Promise<void>;
  logs(
    taskId: string,
    query: LogQuery,
    signal: AbortSignal,
  ): AsyncIterable<Omit<LogLine, 'task' | 'instance'>>;
  close(): Promise<void>;
}

export interface ContainerizerHost {
  onReport(report: TaskReport): void;
  log(message: string, detail?: Record<string, unknown>): void;
}
