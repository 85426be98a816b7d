/** What an agent runs tasks with. Three of them: docker, process, simulated. */
import type { TaskInfo, TaskState } from '../../shared/mesos/v1.ts';
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

/** A container found at start that carries our label: state as found, to be matched with the agent's own records. */
export interface FoundTask {
  readonly taskId: string;
  readonly container: string;
  readonly state: 'running' | 'exited' | 'created';
  readonly exitCode?: number;
  readonly oomKilled?: boolean;
}

export interface LogQuery {
  readonly stream: 'stdout' | 'stderr' | 'both';
  /** Last n lines to begin with. */
  readonly tail: number;
  readonly follow: boolean;
}

export interface Containerizer {
  readonly name: 'docker' | 'process' | 'simulated';
  /** Finds what an earlier life of this agent left; called once before anything else. */
  recover(known: readonly TaskInfo[]): Promise<FoundTask[]>;
  /** Starts a task, or takes it over when its container exists already. Reports come through `onReport`; never throws for a task's fault. */
  launch(task: TaskInfo): void;
  /** Ends a task: SIGTERM, after the grace SIGKILL. Repeating it is harmless; a shorter grace shortens. */
  kill(taskId: string, graceMs: number): void;
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
