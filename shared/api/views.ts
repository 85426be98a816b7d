/**
 * What the server shows: rows for screens, commands and scripts. Field names are stable within a major version; times are RFC 3339 UTC strings
 * (`…At`), sizes are MiB, cpus are cores, enums are upper-case words, absent values are null.
 */
import type { Refusal } from '../errors.ts';
import type { Job, TaskConfig, UpdateSettings } from '../job/config.ts';
import type { TaskStatus } from '../task-states.ts';
import type { InstanceAction, UpdateStatus } from '../update-states.ts';

/** How a job is, in one word. Worst first wins: FAILING, DEGRADED, PENDING, UPDATING, ROLLING_BACK, PAUSED, HEALTHY, FINISHED, STOPPED. */
export type JobHealth =
  | 'FAILING'
  | 'DEGRADED'
  | 'PENDING'
  | 'ROLLING_BACK'
  | 'UPDATING'
  | 'PAUSED'
  | 'STARTING'
  | 'HEALTHY'
  | 'FINISHED'
  | 'STOPPED';

export interface JobRowView {
  readonly key: string;
  readonly kind: 'service' | 'adhoc';
  readonly tier: string;
  readonly health: JobHealth;
  readonly instances: number;
  readonly running: number;
  readonly pending: number;
  readonly starting: number;
  /** Tasks that failed or were lost and are still kept. */
  readonly failed: number;
  readonly finished: number;
  /** Restarts of its present instances (length of their ancestor chains). */
  readonly restarts: number;
  readonly cpus: number;
  readonly ramMb: number;
  readonly changedAt: string;
  readonly update: UpdateProgress | null;
}

export interface UpdateProgress {
  readonly id: string;
  readonly status: UpdateStatus;
  readonly done: number;
  readonly total: number;
}

export interface TaskView {
  readonly id: string;
  readonly job: string;
  readonly instance: number;
  readonly status: TaskStatus;
  readonly since: string;
  readonly createdAt: string;
  readonly host: string | null;
  readonly agent: string | null;
  readonly ports: Readonly<Record<string, number>>;
  readonly container: string | null;
  readonly ip: string | null;
  readonly healthy: boolean | null;
  readonly failures: number;
  readonly ancestor: string | null;
  /** Config version within the job: 1 is the oldest known, the highest is the wanted one. */
  readonly configId: string;
  readonly onWantedConfig: boolean;
  readonly cpus: number;
  readonly ramMb: number;
  readonly lastMessage: string | null;
  readonly events: readonly {
    readonly at: string;
    readonly status: TaskStatus;
    readonly message: string | null;
  }[];
}

export interface JobView {
  readonly row: JobRowView;
  readonly config: TaskConfig;
  readonly updateSettings: UpdateSettings;
  /** Active tasks by instance, then ended ones, newest first (at most `ended` of the query, default 20). */
  readonly active: readonly TaskView[];
  readonly ended: readonly TaskView[];
  readonly update: UpdateView | null;
}

export type InstanceMark = 'OLD' | 'WORKING' | 'DONE' | 'FAILED' | 'ROLLED_BACK';

export interface UpdateView {
  readonly id: string;
  readonly job: string;
  readonly kind: 'update' | 'restart';
  readonly status: UpdateStatus;
  readonly user: string;
  readonly message: string | null;
  readonly createdAt: string;
  readonly changedAt: string;
  readonly settings: UpdateSettings;
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  /** One per instance in scope, ascending. */
  readonly instances: readonly {
    readonly instance: number;
    readonly mark: InstanceMark;
    readonly status: TaskStatus | null;
    readonly host: string | null;
    readonly since: string | null;
    /** `watching 31 s of 45 s`, `killing the old task`, `waiting for a host`… */
    readonly step: string;
  }[];
  readonly events: readonly {
    readonly at: string;
    readonly status: UpdateStatus;
    readonly user: string | null;
    readonly message: string | null;
  }[];
  readonly instanceEvents: readonly {
    readonly at: string;
    readonly instance: number;
    readonly action: InstanceAction;
    readonly message: string | null;
  }[];
  readonly diff: readonly ConfigChange[];
  /** What it is waiting for, in a sentence; null when it is over. */
  readonly waitingFor: string | null;
}

/** One field of a config that differs. `from`/`to` undefined: absent on that side. */
export interface ConfigChange {
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

export interface HostView {
  readonly agent: string;
  readonly host: string;
  readonly state: 'UP' | 'DISCONNECTED' | 'UNREACHABLE';
  readonly containerizer: string | null;
  readonly since: string;
  readonly tasks: number;
  readonly cpus: { readonly total: number; readonly used: number };
  readonly ramMb: { readonly total: number; readonly used: number };
  readonly diskMb: { readonly total: number; readonly used: number };
  readonly attributes: Readonly<Record<string, string>>;
  /** Offers of it that some framework has now; null where its master does not tell. */
  readonly offers: number | null;
}

/** The tests an agent must pass, in the order in which they are made (Aurora's SchedulingFilterImpl). */
export type VetoKind =
  | 'dedicated'
  | 'maintenance'
  | 'constraint'
  | 'limit'
  | 'cpu'
  | 'ram'
  | 'disk'
  | 'gpu'
  | 'ports';

export interface WhyView {
  readonly job: string;
  readonly instances: readonly number[];
  readonly pendingSince: string;
  readonly wants: {
    readonly cpus: number;
    readonly ramMb: number;
    readonly diskMb: number;
    readonly gpus: number;
    readonly ports: number;
  };
  readonly agents: number;
  /** Each agent counted at its first failing test, most frequent first. `detail` says what is needed and the best that was found. */
  readonly vetoes: readonly {
    readonly kind: VetoKind;
    readonly subject: string;
    readonly agents: number;
    readonly detail: string;
  }[];
  readonly nearest: readonly {
    readonly host: string;
    readonly cpusFree: number;
    readonly ramMbFree: number;
    readonly diskMbFree: number;
    readonly missing: string;
  }[];
  /** Computed remedies, best first. */
  readonly remedies: readonly string[];
  /** One sentence for a status line. */
  readonly summary: string;
}

/** Answer of `why` for a job or a task, pending or not. */
export interface WhyAnswer {
  readonly key: string;
  readonly summary: string;
  readonly pending: readonly WhyView[];
  /** Throttled, starting, waiting for an update: one sentence each. */
  readonly notes: readonly string[];
}

export interface PlanView {
  readonly action: 'create' | 'update' | 'scale' | 'kill' | 'restart' | 'update-command' | 'none';
  readonly key: string;
  readonly summary: string;
  readonly add: readonly number[];
  readonly remove: readonly number[];
  readonly change: readonly number[];
  readonly unchanged: readonly number[];
  readonly diff: readonly ConfigChange[];
  /** Where each new or changed instance would go if it were placed now; host null = it would stay pending. */
  readonly placements: readonly { readonly instance: number; readonly host: string | null }[];
  readonly pending: readonly WhyView[];
  readonly warnings: readonly string[];
  /** Would be refused, and why; the rest is empty then. */
  readonly refused: Refusal | null;
  /** Changes when the world that the plan looked at changes; `ifPlan` of submit refuses then. */
  readonly planId: string;
}

export interface EventView {
  /** Journal sequence; resume with `since`. */
  readonly seq: number;
  readonly at: string;
  readonly kind: 'command' | 'job' | 'task' | 'update' | 'host' | 'agent';
  readonly job: string | null;
  readonly subject: string;
  /** `RUNNING`, `ROLLED_BACK`, `job.scale`… */
  readonly what: string;
  readonly message: string | null;
  readonly user: string | null;
  readonly from: string | null;
}

export interface HistoryView {
  readonly key: string;
  /** Newest first: commands, job changes, updates with their instance failures, ended tasks. */
  readonly events: readonly EventView[];
}

export interface LogLine {
  readonly task: string;
  readonly instance: number;
  readonly stream: 'stdout' | 'stderr';
  /** Null where the containerizer keeps no times. */
  readonly at: string | null;
  /** Control characters are still in it; whoever prints it strips them. */
  readonly text: string;
}

export interface ClusterView {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly epoch: number;
  readonly seq: number;
  readonly framework: string | null;
  readonly agents: { readonly up: number; readonly total: number };
  readonly jobs: number;
  readonly tasks: Readonly<Record<string, number>>;
  readonly cpus: { readonly total: number; readonly used: number };
  readonly ramMb: { readonly total: number; readonly used: number };
  readonly updates: number;
  readonly store: string;
}

/** A job that has been submitted, back in the form a job file takes (for `edit`). */
export type SubmittedJob = Job;
