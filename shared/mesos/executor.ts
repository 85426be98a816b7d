/** Agent ↔ executor: mesos.v1.executor, as executors of frameworks speak it with the agent at `POST /api/v1/executor`. */
import type { AgentInfo } from './agent.ts';
import type { ExecutorInfo, FrameworkInfo, Id, KillPolicy, TaskInfo, TaskStatus } from './v1.ts';

export type ExecutorCall = { readonly executor_id: Id; readonly framework_id: Id } & (
  | {
      readonly type: 'SUBSCRIBE';
      readonly subscribe: {
        /** Tasks of which no update was acknowledged yet: what an executor that returns knows of. */
        readonly unacknowledged_tasks?: readonly TaskInfo[];
        readonly unacknowledged_updates?: readonly { readonly status: TaskStatus }[];
      };
    }
  | { readonly type: 'UPDATE'; readonly update: { readonly status: TaskStatus } }
  /** `data`: base64. */
  | { readonly type: 'MESSAGE'; readonly message: { readonly data: string } }
  | { readonly type: 'HEARTBEAT' }
  | { readonly type: 'UNKNOWN' }
);

export type ExecutorEvent =
  | {
      readonly type: 'SUBSCRIBED';
      readonly subscribed: {
        readonly executor_info: ExecutorInfo;
        readonly framework_info: FrameworkInfo;
        /** mesos.v1.AgentInfo */
        readonly agent_info: Pick<AgentInfo, 'id' | 'hostname' | 'port' | 'resources' | 'attributes'>;
        readonly container_id: Id;
      };
    }
  | { readonly type: 'LAUNCH'; readonly launch: { readonly task: TaskInfo } }
  | { readonly type: 'KILL'; readonly kill: { readonly task_id: Id; readonly kill_policy?: KillPolicy } }
  | { readonly type: 'ACKNOWLEDGED'; readonly acknowledged: { readonly task_id: Id; readonly uuid: string } }
  | { readonly type: 'MESSAGE'; readonly message: { readonly data: string } }
  | { readonly type: 'SHUTDOWN' }
  | { readonly type: 'ERROR'; readonly error: { readonly message: string } }
  | { readonly type: 'HEARTBEAT' };
