import type { Replies } from '../../../shared/api/operations.ts';
import type { ClusterView, HostView } from '../../../shared/api/views.ts';
import type { AgentId } from '../../../shared/ids.ts';
import type { AgentView } from '../../scheduler/capacity.ts';
import type { TaskRow } from '../../scheduler/rows.ts';

export interface LogRequest {
  readonly stream: 'stdout' | 'stderr' | 'both';
  /** Lines from the end to begin with. */
  readonly tail: number;
  /** Goes on until the signal aborts. */
  readonly follow: boolean;
}

/** The machines and what they keep of tasks, as the console shows them, wherever the master of them is. */
export interface Fleet {
  /** Resolves when what is told below is as of now, or as near to it as the master lets us come within a second. */
  refresh(): Promise<void>;
  /** Those that something could be placed on now, or once they are empty: what plans and explanations rest on. */
  agents(): AgentView[];
  hosts(): HostView[];
  /** Of the agents that are connected now. */
  fullness(): Pick<ClusterView, 'agents' | 'cpus' | 'ramMb'>;
  hostname(agent: AgentId): string | undefined;
  /** Lines of a task as NDJSON of `{stream, at, text}`. Resolves when the agent has answered. @throws DawnError not_found, unavailable */
  logs(task: TaskRow, wanted: LogRequest, signal: AbortSignal): Promise<AsyncIterable<Buffer>>;
  /** A directory or a file of a task's sandbox. @throws DawnError not_found, unavailable */
  files(task: TaskRow, path: string, signal: AbortSignal): Promise<Replies['task.files']>;
}
