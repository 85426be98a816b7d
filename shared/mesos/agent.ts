/**
 * Agent ↔ master, in the manner of Mesos's internal agent messages (RegisterSlave, ReregisterSlave, RunTask, KillTask,
 * StatusUpdate, StatusUpdateAcknowledgement, Ping/Pong). Over HTTP: POST SUBSCRIBE to `/dawn/v1/agent` answers with a RecordIO stream of
 * `AgentEvent`s; every other call is POSTed to the same path with the stream id in `Mesos-Stream-Id`.
 */
import type {
  Attribute,
  ExecutorInfo,
  FrameworkInfo,
  Id,
  KillPolicy,
  MesosResource,
  TaskInfo,
  TaskState,
  TaskStatus,
} from './v1.ts';

export interface AgentInfo {
  /** Absent at the first registration; the master assigns `<masterId>-S<n>` and the agent keeps it on disk. */
  readonly id?: Id;
  readonly hostname: string;
  /** Where the agent's own HTTP endpoint (logs, sandbox files) answers. */
  readonly port: number;
  readonly ip: string;
  readonly resources: readonly MesosResource[];
  readonly attributes: readonly Attribute[];
  /** docker | process | simulated: for people, not for decisions. */
  readonly containerizer: string;
  readonly version: string;
}

/** A task that an agent holds at (re-)registration: latest state, terminal ones too while their update is unacknowledged. */
export interface AgentTask {
  readonly framework_id: Id;
  readonly task: TaskInfo;
  /** Latest status known to the agent. */
  readonly status: TaskStatus;
}

export type AgentCall =
  | {
      readonly type: 'SUBSCRIBE';
      readonly subscribe: {
        readonly agent_info: AgentInfo;
        /** Empty at first registration. */
        readonly tasks: readonly AgentTask[];
        /** Frameworks' own executors that run there. */
        readonly executors?: readonly { readonly framework_id: Id; readonly executor: ExecutorInfo }[];
        /** New at every start of the agent process. */
        readonly boot_id: string;
      };
    }
  | { readonly type: 'PONG'; readonly agent_id: Id }
  /** `status.uuid` is set; the agent repeats it (10 s, doubling to 10 min; at once after re-subscription) until acknowledged. */
  | {
      readonly type: 'UPDATE';
      readonly agent_id: Id;
      readonly update: {
        readonly framework_id: Id;
        readonly status: TaskStatus;
        /** The task's newest state, where `status` is an earlier one that still waits to be acknowledged. */
        readonly latest_state?: TaskState;
      };
    }
  /** From an executor to its framework. */
  | {
      readonly type: 'FRAMEWORK_MESSAGE';
      readonly agent_id: Id;
      readonly framework_message: FrameworkMessage;
    }
  /** `status`: the raw word of wait(2). */
  | {
      readonly type: 'EXITED_EXECUTOR';
      readonly agent_id: Id;
      readonly exited_executor: {
        readonly framework_id: Id;
        readonly executor_id: Id;
        readonly status: number;
      };
    }
  /** The agent is going away for good after ending its tasks. */
  | { readonly type: 'UNREGISTER'; readonly agent_id: Id };

export type AgentEvent =
  | {
      readonly type: 'SUBSCRIBED';
      readonly subscribed: {
        readonly agent_id: Id;
        readonly cluster_id: string;
        readonly ping_timeout_seconds: number;
      };
    }
  | { readonly type: 'PING' }
  | {
      readonly type: 'RUN_TASK';
      readonly run_task: {
        readonly framework_id: Id;
        readonly framework?: FrameworkInfo;
        /** With `executor` instead of `command`: for that executor, which is started when it is not there. */
        readonly task: TaskInfo;
        /** When the master launched it: tells a launch that is told twice from one of an id that is used again. */
        readonly launched_at_ms?: number;
      };
    }
  /** All of the tasks or none. */
  | {
      readonly type: 'RUN_TASK_GROUP';
      readonly run_task_group: {
        readonly framework_id: Id;
        readonly framework?: FrameworkInfo;
        readonly executor: ExecutorInfo;
        readonly task_group: { readonly tasks: readonly TaskInfo[] };
        readonly launched_at_ms?: number;
      };
    }
  | {
      readonly type: 'SHUTDOWN_EXECUTOR';
      readonly shutdown_executor: { readonly framework_id: Id; readonly executor_id: Id };
    }
  /** Ends all tasks and executors of a framework. */
  | { readonly type: 'SHUTDOWN_FRAMEWORK'; readonly shutdown_framework: { readonly framework_id: Id } }
  | { readonly type: 'FRAMEWORK_MESSAGE'; readonly framework_message: FrameworkMessage }
  /** Dynamic reservations and persistent volumes as they are from now on, for agents that keep volumes. The master's registry has them as well. */
  | {
      readonly type: 'CHECKPOINT_RESOURCES';
      readonly checkpoint_resources: { readonly resources: readonly MesosResource[] };
    }
  /** Ends all tasks, each in its own grace or `max_grace_ms` if that is shorter. */
  | {
      readonly type: 'DRAIN';
      readonly drain: { readonly max_grace_ms?: number; readonly mark_gone?: boolean };
    }
  /** Its machine is down or it is marked gone: it ends its tasks and itself. */
  | { readonly type: 'SHUTDOWN'; readonly shutdown: { readonly message: string } }
  | {
      readonly type: 'KILL_TASK';
      readonly kill_task: {
        readonly framework_id: Id;
        readonly task_id: Id;
        readonly kill_policy?: KillPolicy;
        /** When the master asked: a launch from before it that comes later is not run. */
        readonly asked_at_ms?: number;
      };
    }
  | {
      readonly type: 'ACKNOWLEDGE';
      readonly acknowledge: { readonly framework_id: Id; readonly task_id: Id; readonly uuid: string };
    }
  /** Refused (unknown cluster, incompatible resources, duplicate); the agent exits with the message, containers stay. */
  | { readonly type: 'ERROR'; readonly error: { readonly message: string } };

export interface FrameworkMessage {
  readonly framework_id: Id;
  readonly executor_id: Id;
  /** Base64. */
  readonly data: string;
}

export const AGENT_PATH = '/dawn/v1/agent';
