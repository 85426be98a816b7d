/**
 * Agent ↔ master, in the manner of Mesos's internal agent messages (RegisterSlave, ReregisterSlave, RunTask, KillTask,
 * StatusUpdate, StatusUpdateAcknowledgement, Ping/Pong). Over HTTP: POST SUBSCRIBE to `/dawn/v1/agent` answers with a RecordIO stream of
 * `AgentEvent`s; every other call is POSTed to the same path with the stream id in `Mesos-Stream-Id`.
 */
import type { Attribute, Id, KillPolicy, MesosResource, TaskInfo, TaskState, TaskStatus } from './v1.ts';

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
  | { readonly type: 'RUN_TASK'; readonly run_task: { readonly framework_id: Id; readonly task: TaskInfo } }
  | {
      readonly type: 'KILL_TASK';
      readonly kill_task: {
        readonly framework_id: Id;
        readonly task_id: Id;
        readonly kill_policy?: KillPolicy;
      };
    }
  | {
      readonly type: 'ACKNOWLEDGE';
      readonly acknowledge: { readonly framework_id: Id; readonly task_id: Id; readonly uuid: string };
    }
  /** Refused (unknown cluster, incompatible resources, duplicate); the agent exits with the message, containers stay. */
  | { readonly type: 'ERROR'; readonly error: { readonly message: string } };

export const AGENT_PATH = '/dawn/v1/agent';
