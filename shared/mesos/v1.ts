/**
 * mesos.v1: what schedulers, masters, agents and executors speak of, as far as Dawn reads it; field names as on the wire in JSON. In one process these objects travel as
 * values; over HTTP they are encoded as they stand. Who says what to whom is in `scheduler.ts`, `agent.ts`, `executor.ts` and `operator.ts`.
 */
export interface Id {
  readonly value: string;
}

export const TASK_STATES = [
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_UNREACHABLE',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
  'TASK_UNKNOWN',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

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
  readonly ranges?: { readonly range?: readonly { readonly begin: number; readonly end: number }[] };
  readonly set?: { readonly item?: readonly string[] };
  /** Before reservation refinement: whom it is reserved for (`*`: nobody); with `reservation`, dynamically. */
  readonly role?: string;
  readonly reservation?: Omit<ReservationInfo, 'role' | 'type'>;
  /** A stack: each refines the one before it. Empty or absent: unreserved. */
  readonly reservations?: readonly ReservationInfo[];
  readonly disk?: DiskInfo;
  readonly revocable?: object;
  readonly shared?: object;
  readonly provider_id?: Id;
  readonly allocation_info?: { readonly role?: string };
}

export interface ReservationInfo {
  readonly type?: 'STATIC' | 'DYNAMIC';
  readonly role?: string;
  readonly principal?: string;
  readonly labels?: Labels;
}

export interface DiskInfo {
  readonly persistence?: { readonly id: string; readonly principal?: string };
  readonly volume?: Volume;
  readonly source?: { readonly type: string; readonly [field: string]: unknown };
}

export interface Attribute {
  readonly name: string;
  readonly type: 'SCALAR' | 'RANGES' | 'SET' | 'TEXT';
  readonly scalar?: { readonly value: number };
  readonly ranges?: { readonly range?: readonly { readonly begin: number; readonly end: number }[] };
  readonly set?: { readonly item?: readonly string[] };
  readonly text?: { readonly value: string };
}

export interface Labels {
  readonly labels?: readonly { readonly key: string; readonly value?: string }[];
}

export interface DurationInfo {
  readonly nanoseconds: number;
}

/** Something that the agent puts into the sandbox before the command starts. */
export interface CommandUri {
  readonly value: string;
  /** Made executable, and not extracted. */
  readonly executable?: boolean;
  /** Default true: archives are extracted. */
  readonly extract?: boolean;
  /** Fetched once for all tasks of one user. */
  readonly cache?: boolean;
  /** A path below the sandbox; default: the last part of `value`. */
  readonly output_file?: string;
}

export interface CommandInfo {
  /** Default true: `value` is run by `/bin/sh -c`. False: `value` is the executable (or absent: the image's entrypoint) with `arguments`. */
  readonly shell?: boolean;
  readonly value?: string;
  readonly arguments?: readonly string[];
  readonly user?: string;
  readonly uris?: readonly CommandUri[];
  readonly environment?: {
    readonly variables?: readonly { readonly name: string; readonly value?: string }[];
  };
}

export interface Volume {
  readonly container_path: string;
  /** Below the sandbox unless absolute. */
  readonly host_path?: string;
  readonly image?: object;
  readonly source?: {
    readonly type?: 'HOST_PATH' | 'SANDBOX_PATH' | 'DOCKER_VOLUME' | 'SECRET' | 'CSI_VOLUME';
    readonly host_path?: { readonly path: string };
    readonly sandbox_path?: { readonly type?: 'SELF' | 'PARENT'; readonly path: string };
    readonly docker_volume?: { readonly driver?: string; readonly name: string };
  };
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
  readonly network_infos?: readonly { readonly name?: string }[];
  readonly linux_info?: { readonly share_cgroups?: boolean };
  /** Of containers of type MESOS. */
  readonly mesos?: { readonly image?: { readonly type?: string } };
  readonly docker?: {
    readonly image: string;
    /** Default HOST. */
    readonly network?: 'HOST' | 'BRIDGE' | 'NONE' | 'USER';
    readonly port_mappings?: readonly PortMapping[];
    readonly privileged?: boolean;
    readonly parameters?: readonly { readonly key: string; readonly value: string }[];
    readonly force_pull_image?: boolean;
  };
}

export interface HealthCheck {
  readonly type?: 'COMMAND' | 'HTTP' | 'TCP';
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

export interface CheckInfo {
  readonly type?: 'COMMAND' | 'HTTP' | 'TCP';
  readonly command?: { readonly command: CommandInfo };
  readonly http?: { readonly port: number; readonly path?: string };
  readonly tcp?: { readonly port: number };
  readonly delay_seconds?: number;
  readonly interval_seconds?: number;
  readonly timeout_seconds?: number;
}

/** The field of the check's type is always there, and empty while nothing is known. */
export interface CheckStatusInfo {
  readonly type?: 'COMMAND' | 'HTTP' | 'TCP';
  readonly command?: { readonly exit_code?: number };
  readonly http?: { readonly status_code?: number };
  readonly tcp?: { readonly succeeded?: boolean };
}

export interface KillPolicy {
  readonly grace_period?: DurationInfo;
}

export interface ExecutorInfo {
  readonly executor_id: Id;
  /** DEFAULT: the agent's own, for task groups; CUSTOM: `command` says how to start it. */
  readonly type?: 'DEFAULT' | 'CUSTOM';
  readonly framework_id?: Id;
  readonly command?: CommandInfo;
  readonly container?: ContainerInfo;
  readonly resources?: readonly MesosResource[];
  readonly name?: string;
  readonly source?: string;
  readonly data?: string;
  readonly labels?: Labels;
  readonly shutdown_grace_period?: DurationInfo;
}

export interface TaskInfo {
  readonly name: string;
  readonly task_id: Id;
  readonly agent_id: Id;
  readonly resources: readonly MesosResource[];
  readonly command?: CommandInfo;
  readonly executor?: ExecutorInfo;
  readonly container?: ContainerInfo;
  readonly health_check?: HealthCheck;
  readonly kill_policy?: KillPolicy;
  /** Told of in `check_status`; never ends the task. */
  readonly check?: CheckInfo;
  readonly max_completion_time?: DurationInfo;
  /** Of cpus and mem: more than is requested. Between master and agent JSON has no word for infinity, and it is null there. */
  readonly limits?: Readonly<Record<string, { readonly value: number | null }>>;
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
  readonly check_status?: CheckStatusInfo;
  readonly data?: string;
  readonly labels?: Labels;
  readonly container_status?: {
    readonly container_id?: Id & { readonly parent?: Id };
    readonly network_infos?: readonly {
      readonly ip_addresses: readonly { readonly protocol?: string; readonly ip_address: string }[];
    }[];
    readonly executor_pid?: number;
  };
  readonly unreachable_time?: { readonly nanoseconds: number };
}

export interface Unavailability {
  readonly start: { readonly nanoseconds: number };
  /** Absent: for ever. */
  readonly duration?: { readonly nanoseconds: number };
}

export interface Offer {
  readonly id: Id;
  readonly framework_id: Id;
  readonly agent_id: Id;
  readonly hostname: string;
  readonly resources: readonly MesosResource[];
  readonly attributes?: readonly Attribute[];
  readonly executor_ids?: readonly Id[];
  readonly allocation_info?: { readonly role: string };
  readonly url?: {
    readonly scheme: string;
    readonly address: { readonly hostname?: string; readonly ip?: string; readonly port: number };
    readonly path?: string;
  };
  readonly unavailability?: Unavailability;
}

/** Resources are asked back: all of the agent's. */
export interface InverseOffer {
  readonly id: Id;
  readonly url?: Offer['url'];
  readonly framework_id: Id;
  readonly agent_id: Id;
  readonly unavailability: Unavailability;
}

/** mesos.v1.Offer.Operation. With an `id` its outcome is told (UPDATE_OPERATION_STATUS). */
export type Operation = { readonly id?: Id } & (
  | { readonly type: 'LAUNCH'; readonly launch: { readonly task_infos?: readonly TaskInfo[] } }
  | {
      readonly type: 'LAUNCH_GROUP';
      readonly launch_group: {
        readonly executor: ExecutorInfo;
        readonly task_group: { readonly tasks?: readonly TaskInfo[] };
      };
    }
  | ResourceOperation
);

/** Those that change the kind of resources and nothing else. */
export type ResourceOperation =
  | { readonly type: 'RESERVE'; readonly reserve: { readonly resources?: readonly MesosResource[] } }
  | { readonly type: 'UNRESERVE'; readonly unreserve: { readonly resources?: readonly MesosResource[] } }
  | { readonly type: 'CREATE'; readonly create: { readonly volumes?: readonly MesosResource[] } }
  | { readonly type: 'DESTROY'; readonly destroy: { readonly volumes?: readonly MesosResource[] } }
  | {
      readonly type: 'GROW_VOLUME';
      readonly grow_volume: { readonly volume: MesosResource; readonly addition: MesosResource };
    }
  | {
      readonly type: 'SHRINK_VOLUME';
      readonly shrink_volume: {
        readonly volume: MesosResource;
        readonly subtract: { readonly value: number };
      };
    };

export type OperationState =
  | 'OPERATION_FINISHED'
  | 'OPERATION_ERROR'
  | 'OPERATION_DROPPED'
  | 'OPERATION_UNREACHABLE'
  | 'OPERATION_GONE_BY_OPERATOR'
  | 'OPERATION_RECOVERING'
  | 'OPERATION_UNKNOWN';

export interface OperationStatus {
  readonly operation_id?: Id;
  readonly state: OperationState;
  readonly message?: string;
  readonly converted_resources?: readonly MesosResource[];
  /** A message here, plain base64 in the acknowledgement. */
  readonly uuid?: Id;
  readonly agent_id?: Id;
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
  /** One role, of a framework without MULTI_ROLE; `*` where it is absent. */
  readonly role?: string;
  /** Those of a framework with MULTI_ROLE. */
  readonly roles?: readonly string[];
  readonly hostname?: string;
  readonly principal?: string;
  readonly webui_url?: string;
  readonly labels?: Labels;
  readonly capabilities?: readonly { readonly type: string }[];
  /** By role. */
  readonly offer_filters?: Readonly<Record<string, OfferFilters>>;
}

/** What an offer must hold at least to be worth making: any one of the quantities. */
export interface OfferFilters {
  readonly min_allocatable_resources?: {
    readonly quantities?: readonly {
      readonly quantities?: Readonly<Record<string, { readonly value: number }>>;
    }[];
  };
}

export interface MasterInfo {
  readonly id: string;
  /** IPv4 in network byte order, read as a little-endian number: 127.0.0.1 is 16777343. */
  readonly ip: number;
  readonly port: number;
  readonly pid: string;
  readonly hostname: string;
  readonly version: string;
  readonly address: { readonly hostname: string; readonly ip: string; readonly port: number };
  readonly capabilities: readonly { readonly type: string }[];
}
