/** What an agent runs tasks with. Three of them: docker, process, simulated. */
import type { Readable, Writable } from 'node:stream';
import type {
  CheckStatusInfo,
  CommandInfo,
  MesosResource,
  TaskInfo,
  TaskState,
} from '../../shared/mesos/v1.ts';
import type { LogLine } from '../../shared/api/views.ts';
import type { PortRange } from '../../shared/resources.ts';

/** One container to run: of a task, of an executor. */
export interface Run {
  /** The container's id, a UUID as Mesos's: its name for ever, on every machine. */
  readonly id: string;
  /** What runs in it; of an executor, its command in the clothes of a task. */
  readonly task: TaskInfo;
  /** Of its framework; whom it belongs to unless its command says otherwise. */
  readonly user?: string | undefined;
  /** `MESOS_*`, for what runs in it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whose network it shares. Absent: nobody's. */
  readonly pod?: Pod | undefined;
  /** It must reach this machine's own addresses: an executor speaks with the agent. */
  readonly hostNetwork?: boolean;
  /** Where the sandbox lies on this machine; the container has it as `MESOS_SANDBOX`. Absent in tests alone. */
  readonly sandbox?: string;
  /** Persistent volumes: a directory of this machine, and where the container has it (below the sandbox unless absolute). */
  readonly volumes?: readonly Mount[];
}

/** Tasks of one default executor, which share a network: they find each other at 127.0.0.1. */
export interface Pod {
  /** The container of the executor. */
  readonly id: string;
  /** Of all of them, open to the machine. */
  readonly ports: readonly PortRange[];
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
    | 'TASK_DROPPED'
    | 'TASK_GONE'
  >;
  readonly message?: string;
  readonly reason?: string;
  /** The executor, unless the agent says it: that there is no container. */
  readonly source?: 'SOURCE_AGENT';
  readonly healthy?: boolean;
  readonly check_status?: CheckStatusInfo;
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

/** A command that runs in a container beside what the container is for. */
export interface Beside {
  readonly stdin: Writable;
  /** Of `Chunk`s, read no faster than they are wanted. With a terminal all of them are STDOUT. */
  readonly output: Readable;
  /** Exit code, as a shell has it; undefined: it was killed, or nobody knows. Never rejects. */
  readonly ended: Promise<number | undefined>;
  /** To all of its processes. @param signal its number */
  signal(signal: number): void;
  /** Of its terminal, if it has one. */
  resize(window: WindowSize): void;
}

/** How the command of a check ended. */
export interface Exited {
  /** Absent: it did not, in time. */
  readonly exit?: number;
  /** A sentence; null when it exited 0. */
  readonly wrong: string | null;
}

export interface Chunk {
  readonly stream: 'STDOUT' | 'STDERR';
  readonly data: Buffer;
}

/** What a container uses: fields of mesos.v1.ResourceStatistics. */
export type Usage = Readonly<Record<string, number>>;

export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

export interface Terminal {
  readonly window_size?: WindowSize;
}

export interface Containerizer {
  readonly name: 'docker' | 'process' | 'simulated';
  /** Ids of the containers that an earlier life of this agent left; called once before anything else. */
  recover(): Promise<ReadonlySet<string>>;
  /** Starts a container, or takes it over when it exists already. Reports come through `onReport`; never throws for a task's fault. */
  launch(run: Run): void;
  /** What a container may take from now on. Absent: nothing is limited. */
  resize?(id: string, resources: readonly MesosResource[]): void;
  /** Ends a container: SIGTERM, after the grace SIGKILL. Repeating it is harmless; a shorter grace shortens. */
  kill(id: string, graceMs: number): void;
  /** Runs the command of a check in the container. */
  exec(id: string, command: CommandInfo, timeoutMs: number): Promise<Exited>;
  /** Starts a command in a container that runs. It ends with the container, and with the agent. @throws Error (rejects) with a sentence */
  beside(id: string, command: CommandInfo, terminal: Terminal | undefined): Promise<Beside>;
  /** What containers use at this moment, as far as that is known soon. Absent: nothing really runs. */
  usage?(ids: readonly string[]): Promise<ReadonlyMap<string, Usage>>;
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
