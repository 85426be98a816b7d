/** What the scheduler knows for certain: rows that the journal can rebuild. Times are milliseconds since the epoch. */
import type {
  AgentId,
  ConfigId,
  FrameworkId,
  InstanceRange,
  JobKey,
  TaskId,
  UpdateId,
} from '../../shared/ids.ts';
import type { TaskConfig, UpdateSettings } from '../../shared/job/config.ts';
import type { Attribute } from '../../shared/mesos/v1.ts';
import type { TaskStatus } from '../../shared/task-states.ts';
import type { InstanceAction, UpdateStatus } from '../../shared/update-states.ts';

/** What is wanted of a job. Lives while it wants instances or has tasks to show. */
export interface JobRow {
  readonly key: JobKey;
  /** What new instances run. */
  readonly config: ConfigId;
  /** How many instances are wanted; 0 after a kill of the whole job. */
  readonly instances: number;
  readonly update: UpdateSettings;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  readonly changedBy: string;
}

export interface TaskEvent {
  readonly atMs: number;
  readonly status: TaskStatus;
  readonly message?: string;
}

/** One attempt at an instance. `apply` alone changes it. */
export interface TaskRow {
  readonly id: TaskId;
  readonly job: JobKey;
  readonly instance: number;
  readonly config: ConfigId;
  readonly createdAtMs: number;
  readonly ancestor: TaskId | null;
  status: TaskStatus;
  /** Failures of this instance so far, carried along ancestors. */
  failures: number;
  events: TaskEvent[];
  /** Where it was placed; kept after it ended. */
  agent: AgentId | null;
  host: string | null;
  ports: Readonly<Record<string, number>>;
  /** When to look at it again: end of throttling, transient timeout, next kill retry. */
  wakeAtMs: number | null;
  /** Kills sent while KILLING, for the back-off. */
  killAttempts: number;
  /** From status updates: container id, address, health. */
  container: string | null;
  ip: string | null;
  healthy: boolean | null;
}

export interface UpdateEvent {
  readonly atMs: number;
  readonly status: UpdateStatus;
  readonly user: string | null;
  readonly message: string | null;
}

export interface InstanceEvent {
  readonly instance: number;
  readonly atMs: number;
  readonly action: InstanceAction;
  readonly message: string | null;
}

/** A config and the instances that have it (Aurora's InstanceTaskConfig). */
export interface ConfigGroup {
  readonly config: ConfigId;
  readonly ranges: readonly InstanceRange[];
}

/** Where one instance is in an update. Absent = not begun in this direction. */
export interface InstanceStep {
  readonly state: 'working' | 'succeeded' | 'failed';
  /** Failures of the new task seen in this direction. */
  readonly failures: number;
  /** Last task whose end was counted, so that a repeated look counts once. */
  readonly countedTask: TaskId | null;
  /** End of its watch, when it is watched. */
  readonly wakeAtMs: number | null;
}

export interface UpdateRow {
  readonly id: UpdateId;
  readonly job: JobKey;
  /** `restart`: same config, every task older than the update is replaced. */
  readonly kind: 'update' | 'restart';
  readonly user: string;
  readonly message: string | null;
  readonly createdAtMs: number;
  readonly settings: UpdateSettings;
  /** What is replaced or removed (unchanged instances are not in it). */
  readonly initial: readonly ConfigGroup[];
  /** What is added or changed; null for a pure removal. */
  readonly desired: ConfigGroup | null;
  /** The job row to put back by a rollback; null when the update created the job. */
  readonly previousJob: JobRow | null;
  status: UpdateStatus;
  changedAtMs: number;
  events: UpdateEvent[];
  instanceEvents: InstanceEvent[];
  steps: Map<number, InstanceStep>;
}

/** An agent as its offers described it. Needed after it stopped offering, for limit constraints of what runs there. */
export interface HostRow {
  readonly agent: AgentId;
  readonly host: string;
  readonly attributes: readonly Attribute[];
  readonly seenAtMs: number;
}

/**
 * A change of the world. The journal is a list of these; `apply` is the only function that knows what they do.
 * Compact on purpose: ten thousand new instances are one `tasks-new`.
 */
export type Write =
  | { readonly w: 'config'; readonly id: ConfigId; readonly config: TaskConfig }
  | { readonly w: 'config-gone'; readonly id: ConfigId }
  | { readonly w: 'job'; readonly row: JobRow }
  | { readonly w: 'job-gone'; readonly key: JobKey }
  /** INIT → PENDING for each instance; ids are `taskId(job, instance, nonce)`. */
  | {
      readonly w: 'tasks-new';
      readonly job: JobKey;
      readonly config: ConfigId;
      readonly ranges: readonly InstanceRange[];
      readonly nonce: string;
      readonly atMs: number;
      readonly message?: string;
    }
  /** The replacement of an ended task, PENDING or THROTTLED until `wakeAtMs`. */
  | {
      readonly w: 'task-next';
      readonly ancestor: TaskId;
      readonly id: TaskId;
      readonly status: 'PENDING' | 'THROTTLED';
      readonly atMs: number;
      readonly message: string;
      readonly wakeAtMs: number | null;
    }
  /** A transition of the table. `wakeAtMs` is replaced (null when absent). */
  | {
      readonly w: 'task';
      readonly id: TaskId;
      readonly from: TaskStatus;
      readonly to: TaskStatus;
      readonly atMs: number;
      readonly message?: string;
      readonly wakeAtMs?: number;
      readonly failures?: number;
      readonly placed?: {
        readonly agent: AgentId;
        readonly host: string;
        readonly ports: Readonly<Record<string, number>>;
      };
      readonly container?: string;
      readonly ip?: string;
      readonly healthy?: boolean;
    }
  /** Only the clock or the facts about a container changed. */
  | {
      readonly w: 'task-note';
      readonly id: TaskId;
      readonly wakeAtMs?: number;
      readonly killAttempts?: number;
      readonly container?: string;
      readonly ip?: string;
      readonly healthy?: boolean;
    }
  | { readonly w: 'tasks-gone'; readonly ids: readonly TaskId[] }
  | {
      readonly w: 'update';
      readonly row: Omit<UpdateRow, 'events' | 'instanceEvents' | 'steps' | 'changedAtMs'>;
    }
  /** A change of direction (ROLLING_BACK) forgets the steps. */
  | {
      readonly w: 'update-status';
      readonly id: UpdateId;
      readonly from: UpdateStatus;
      readonly to: UpdateStatus;
      readonly atMs: number;
      readonly user: string | null;
      readonly message: string | null;
    }
  | {
      readonly w: 'update-step';
      readonly id: UpdateId;
      readonly instance: number;
      readonly step: InstanceStep;
    }
  | { readonly w: 'update-instance'; readonly id: UpdateId; readonly event: InstanceEvent }
  | { readonly w: 'update-gone'; readonly id: UpdateId }
  | { readonly w: 'host'; readonly row: HostRow }
  | { readonly w: 'host-gone'; readonly agent: AgentId }
  /** Null: the master has removed us, and the next subscription is a new framework's. */
  | { readonly w: 'framework'; readonly id: FrameworkId | null };
