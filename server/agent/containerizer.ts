/** What an agent runs tasks with. Three of them: docker, process, simulated. */
import type { CommandInfo, TaskInfo, TaskState } from '../../shared/mesos/v1.ts';
import type { LogLine } from '../../shared/api/views.ts';

/** One container to run: of a task, of an executor. */
export interface Run {
  /** The container's id, a UUID as Mesos's: its name for ever, on every machine. */
  readonly id: string;
  /** What runs in it; of an executor, its command in the clothes of a task. */
  readonly task: TaskInfo;
  /** `MESOS_*`, for what runs in it. */
  readonly env?: Readonly<Record<string, string>>;
  /** It must reach this machine's own addresses: an executor speaks with the agent. */
  readonly hostNetwork?: boolean;
  /** Where the sandbox lies on this machine, when something was put into it beforehand; the container has it as `MESOS_SANDBOX`. */
  readonly sandbox?: string;
  /** Persistent volumes: a directory of this machine, and where the container has it (below the sandbox unless absolute). */
  readonly volumes?: readonly Mount[];
}

export interface Mount {
  readonly from: string;
  readonly to: string;
  readonly readOnly: boolean;
}

/** What happened to a container. The agent turns these into durable status updates. */
export interface ContainerReport {
  /** Of the container. */
  readonly id: string;
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
  /** Exit code; of what a signal ended 128 and the signal, as a shell has it. */
  readonly exit?: number;
  readonly pid?: number;
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
  /** Ids of the containers that an earlier life of this agent left; called once before anything else. */
  recover(): Promise<ReadonlySet<string>>;
  /** Starts a container, or takes it over when it exists already. Reports come through `onReport`; never throws for a task's fault. */
  launch(run: Run): void;
  /** Ends a container: SIGTERM, after the grace SIGKILL. Repeating it is harmless; a shorter grace shortens. */
  kill(id: string, graceMs: number): void;
  /** Runs a health check's command in the container. Resolves to null when it exits 0, else to what was wrong. */
  exec(id: string, command: CommandInfo, timeoutMs: number): Promise<string | null>;
  /** The directory that people may read, if the container has one on this machine. */
  sandbox(id: string): string | null;
  /** Container and sandbox are no longer wanted. */
  remove(id: string): Promise<void>;
  logs(id: string, query: LogQuery, signal: AbortSignal): AsyncIterable<Omit<LogLine, 'task' | 'instance'>>;
  close(): Promise<void>;
}

export interface ContainerizerHost {
  onReport(report: ContainerReport): void;
  log(message: string, detail?: Record<string, unknown>): void;
}
