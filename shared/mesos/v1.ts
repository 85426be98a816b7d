/**
 * The part of Mesos's v1 scheduler API that both cores speak (mesos.v1 and mesos.v1.scheduler), field names as on the
 * wire in JSON. In one process these objects travel as values; over HTTP they are encoded as they stand.
 */
export interface Id {
  readonly value: string;
}

export type TaskState =
  | 'TASK_STAGING'
  | 'TASK_STARTING'
  | 'TASK_RUNNING'
  | 'TASK_KILLING'
  | 'TASK_FINISHED'
  | 'TASK_FAILED'
  | 'TASK_KILLED'
  | 'TASK_ERROR'
  | 'TASK_LOST'
  | 'TASK_DROPPED'
  | 'TASK_UNREACHABLE'
  | 'TASK_GONE'
  | 'TASK_GONE_BY_OPERATOR'
  | 'TASK_UNKNOWN';

export const TERMINAL_TASK_STATES: ReadonlySet<TaskState> = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
]);

export interface MesosResource {
  readonly name: string;
  readonly type: 'SCALAR' | 'RANGES' | 'SET';
  readonly scalar?: { readonly value: number };
  readonly ranges?: { readonly range: readonly { readonly begin: number; readonly end: number }[] };
  readonly set?: { readonly item: readonly string[] };
  readonly role?: string;
  readonly allocation_info?: { readonly role: string };
}

export interface Attribute {
  readonly name: string;
  readonly type: 'SCALAR' | 'RANGES' | 'SET' | 'TEXT';
  readonly scalar?: { readonly value: number };
  readonly ranges?: { readonly range: readonly { readonly begin: number; readonly end: number }[] };
  readonly set?: { readonly item: readonly string[] };
  readonly text?: { readonly value: string };
}

export interface Labels {
  readonly labels: readonly { readonly key: string; readonly value?: string }[];
}

export interface DurationInfo {
  readonly nanoseconds: number;
}

export interface CommandInfo {
  /** Default true: `value` is run by `/bin/sh -c`. False: `value` is the executable (or absent: the image's entrypoint) with `arguments`. */
  readonly shell?: boolean;
  readonly value?: string;
  readonly arguments?: readonly string[];
  readonly user?: string;
  readonly environment?: { readonly variables: readonly { readonly name: string; readonly value: string }[] };
}

export interface Volume {
  readonly container_path: string;
  readonly host_path?: string;
  readonly mode: 'RW' | 'RO';
}

export interface PortMapping {
  readonly host_port: number;
  readonly container_port: number;
  readonly protocol?: string;
}

export interface ContainerInfo {
  readonly type: 'DOCKER' | 'MESOS';
  readonly volumes?: readonly Volume[];
  readonly hostname?: string;
  readonly docker?: {
    readonly image: string;
    readonly network?: 'HOST' | 'BRIDGE' | 'NONE' | 'USER';
    readonly port_mappings?: readonly PortMapping[];
    readonly privileged?: boolean;
    readonly parameters?: readonly { readonly key: string; readonly value: string }[];
    readonly force_pull_image?: boolean;
  };
}

export interface HealthCheck {
  readonly type: 'COMMAND' | 'HTTP' | 'TCP';
  readonly command?: CommandInfo;
  readonly http?: {
    readonly port: number;
    readonly path?: string;
    readonly scheme?: string;
    readonly statuses?: readonly number[];
  };
  readonly tcp?: { readonly port: number };
  readonly delay_seconds?: number;
  readonly interval_seconds?: number;
  readonly timeout_seconds?: number;
  readonly consecutive_failures?: number;
  readonly grace_period_seconds?: number;
}

export interface KillPolicy {
  readonly grace_period?: DurationInfo;
}

export interface TaskInfo {
  readonly name: string;
  readonly task_id: Id;
  readonly agent_id: Id;
  readonly resources: readonly MesosResource[];
  readonly command?: CommandInfo;
  readonly container?: ContainerInfo;
  readonly health_check?: HealthCheck;
  readonly kill_policy?: KillPolicy;
  readonly labels?: Labels;
  readonly discovery?: {
    readonly visibility: 'FRAMEWORK' | 'CLUSTER' | 'EXTERNAL';
    readonly name?: string;
    readonly environment?: string;
    readonly location?: string;
    readonly ports?: {
      readonly ports: readonly {
        readonly number: number;
        readonly name?: string;
        readonly protocol?: string;
      }[];
    };
  };
  readonly data?: string;
}

export interface TaskStatus {
  readonly task_id: Id;
  readonly state: TaskState;
  readonly message?: string;
  readonly source?: 'SOURCE_MASTER' | 'SOURCE_AGENT' | 'SOURCE_EXECUTOR';
  readonly reason?: string;
  readonly agent_id?: Id;
  readonly executor_id?: Id;
  /** Seconds since the epoch. */
  readonly timestamp?: number;
  /** Base64 of 16 bytes; absent on updates that the master made, which must not be acknowledged. */
  readonly uuid?: string;
  readonly healthy?: boolean;
  readonly data?: string;
  readonly labels?: Labels;
  readonly container_status?: {
    readonly container_id?: Id;
    readonly network_infos?: readonly {
      readonly ip_addresses: readonly { readonly protocol?: string; readonly ip_address: string }[];
    }[];
    readonly executor_pid?: number;
  };
  readonly unreachable_time?: { readonly nanoseconds: number };
}

export interface Offer {
  readonly id: Id;
  readonly framework_id: Id;
  readonly agent_id: Id;
  readonly hostname: string;
  readonly resources: readonly MesosResource[];
  readonly attributes?: readonly Attribute[];
  readonly allocation_info?: { readonly role: string };
  readonly url?: {
    readonly scheme: string;
    readonly address: { readonly hostname?: string; readonly ip?: string; readonly port: number };
    readonly path?: string;
  };
  readonly unavailability?: {
    readonly start: { readonly nanoseconds: number };
    readonly duration?: DurationInfo;
  };
}

export interface Operation {
  readonly type: 'LAUNCH';
  readonly launch: { readonly task_infos: readonly TaskInfo[] };
}

export interface Filters {
  readonly refuse_seconds?: number;
}

export interface FrameworkInfo {
  readonly user: string;
  readonly name: string;
  readonly id?: Id;
  readonly failover_timeout?: number;
  readonly checkpoint?: boolean;
  readonly roles?: readonly string[];
  readonly hostname?: string;
  readonly principal?: string;
  readonly webui_url?: string;
  readonly capabilities?: readonly { readonly type: string }[];
}

/** mesos.v1.scheduler.Call. `framework_id` is absent only on the first SUBSCRIBE. */
export type Call = { readonly framework_id?: Id } & (
  | {
      readonly type: 'SUBSCRIBE';
      readonly subscribe: {
        readonly framework_info: FrameworkInfo;
        readonly suppressed_roles?: readonly string[];
      };
    }
  | { readonly type: 'TEARDOWN' }
  | {
      readonly type: 'ACCEPT';
      readonly accept: {
        readonly offer_ids: readonly Id[];
        readonly operations: readonly Operation[];
        readonly filters?: Filters;
      };
    }
  | {
      readonly type: 'DECLINE';
      readonly decline: { readonly offer_ids: readonly Id[]; readonly filters?: Filters };
    }
  | { readonly type: 'REVIVE'; readonly revive?: { readonly roles?: readonly string[] } }
  | { readonly type: 'SUPPRESS'; readonly suppress?: { readonly roles?: readonly string[] } }
  | {
      readonly type: 'KILL';
      readonly kill: { readonly task_id: Id; readonly agent_id?: Id; readonly kill_policy?: KillPolicy };
    }
  | {
      readonly type: 'ACKNOWLEDGE';
      readonly acknowledge: { readonly agent_id: Id; readonly task_id: Id; readonly uuid: string };
    }
  | {
      readonly type: 'RECONCILE';
      readonly reconcile: { readonly tasks: readonly { readonly task_id: Id; readonly agent_id?: Id }[] };
    }
);

/** mesos.v1.scheduler.Event. */
export type Event =
  | {
      readonly type: 'SUBSCRIBED';
      readonly subscribed: { readonly framework_id: Id; readonly heartbeat_interval_seconds?: number };
    }
  | { readonly type: 'OFFERS'; readonly offers: { readonly offers: readonly Offer[] } }
  | { readonly type: 'RESCIND'; readonly rescind: { readonly offer_id: Id } }
  | { readonly type: 'UPDATE'; readonly update: { readonly status: TaskStatus } }
  | {
      readonly type: 'FAILURE';
      readonly failure: { readonly agent_id?: Id; readonly executor_id?: Id; readonly status?: number };
    }
  | { readonly type: 'ERROR'; readonly error: { readonly message: string } }
  | { readonly type: 'HEARTBEAT' };
