/**
 * A job as the server keeps it: validated, all defaults filled in, short forms resolved (shared/job/schema.ts reads what people
 * write and produces this). Field meanings and defaults are Aurora's (Job, Task, UpdateConfig, HealthCheckConfig).
 */
import type { JobKey } from '../ids.ts';

export type Tier = 'preferred' | 'preemptible' | 'revocable';

/** Value constraint: the agent's attribute must (not) have one of the values. Limit: at most n tasks of the job per attribute value. */
export type Constraint =
  | {
      readonly kind: 'value';
      readonly attribute: string;
      readonly negated: boolean;
      readonly values: readonly string[];
    }
  | { readonly kind: 'limit'; readonly attribute: string; readonly limit: number };

export interface Process {
  readonly name: string;
  readonly cmdline: string;
  /** 0 = unlimited (bounded by 100 runs). Default 1. */
  readonly maxFailures: number;
  readonly daemon: boolean;
  readonly ephemeral: boolean;
  readonly final: boolean;
  readonly minDurationSecs: number;
}

/** What runs: a shell line, an argv, the image's own command, or Thermos-like processes with an order. */
export type Command =
  | { readonly kind: 'shell'; readonly line: string }
  | { readonly kind: 'argv'; readonly argv: readonly string[] }
  | { readonly kind: 'image' }
  | {
      readonly kind: 'processes';
      readonly processes: readonly Process[];
      /** Each list: names in the order in which they must succeed. */
      readonly order: readonly (readonly string[])[];
      /** Failed processes before the task fails; 0 = unlimited. */
      readonly maxFailures: number;
    };

export interface DockerContainer {
  readonly kind: 'docker';
  readonly image: string;
  readonly network: 'bridge' | 'host' | 'none';
  readonly volumes: readonly {
    readonly hostPath: string;
    readonly containerPath: string;
    readonly mode: 'RO' | 'RW';
  }[];
  readonly forcePull: boolean;
  /** Container port by port name, bridge networking; a name not listed keeps the host port inside too. */
  readonly containerPorts: Readonly<Record<string, number>>;
  readonly user: string | null;
}

export type Container = DockerContainer | { readonly kind: 'none' };

export interface HealthCheckConfig {
  readonly check:
    | {
        readonly kind: 'http';
        readonly port: string;
        readonly endpoint: string;
        readonly expectedCodes: readonly number[];
      }
    | { readonly kind: 'tcp'; readonly port: string }
    | { readonly kind: 'shell'; readonly command: string };
  readonly initialIntervalSecs: number;
  readonly intervalSecs: number;
  readonly timeoutSecs: number;
  /** The task fails at one failure more than this. */
  readonly maxConsecutiveFailures: number;
  readonly minConsecutiveSuccesses: number;
}

/** Before SIGTERM: POST these paths on the port, Aurora's HttpLifecycleConfig. */
export interface HttpLifecycle {
  readonly port: string;
  readonly gracefulShutdownEndpoint: string;
  readonly shutdownEndpoint: string;
  readonly gracefulShutdownWaitSecs: number;
  readonly shutdownWaitSecs: number;
}

/**
 * Everything that a change of which restarts tasks. Instance count and update settings are not part of it (as in Aurora).
 * Two configs are the same iff their canonical JSON is (shared/job/config-id.ts).
 */
export interface TaskConfig {
  readonly isService: boolean;
  readonly tier: Tier;
  readonly priority: number;
  /** Failures before the task is given up; -1 = never. Services ignore it. */
  readonly maxTaskFailures: number;
  readonly cpu: number;
  readonly ramMb: number;
  readonly diskMb: number;
  readonly gpus: number;
  /** Names of the host ports a task wants, sorted. */
  readonly ports: readonly string[];
  readonly constraints: readonly Constraint[];
  readonly container: Container;
  readonly command: Command;
  readonly env: Readonly<Record<string, string>>;
  readonly healthCheck: HealthCheckConfig | null;
  readonly httpLifecycle: HttpLifecycle | null;
  /** SIGTERM to SIGKILL. Aurora's finalization_wait, default 30. */
  readonly killGraceSecs: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly contact: string | null;
}

export type UpdateStrategy =
  | { readonly kind: 'queue'; readonly groupSize: number }
  | { readonly kind: 'batch'; readonly groupSize: number; readonly autopauseAfterBatch: boolean };

/** Aurora's JobUpdateSettings. */
export interface UpdateSettings {
  readonly strategy: UpdateStrategy;
  /** How long an instance must stay RUNNING to count as updated. Default 45. */
  readonly watchSecs: number;
  readonly maxPerInstanceFailures: number;
  readonly maxFailedInstances: number;
  readonly rollbackOnFailure: boolean;
}

export interface Job {
  readonly key: JobKey;
  readonly instances: number;
  readonly task: TaskConfig;
  readonly update: UpdateSettings;
}

/** max_tasks_per_job of Aurora. The server may be started with another. */
export const INSTANCES_MAX_DEFAULT = 4000;
