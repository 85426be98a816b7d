import { randomUUID } from 'node:crypto';
import type {
  CommandInfo,
  ExecutorInfo,
  FrameworkInfo,
  MesosResource,
  TaskInfo,
  TaskStatus,
} from '../../shared/mesos/v1.ts';

/** A task that the agent answers for, with the updates that nobody has acknowledged yet, oldest first. */
export interface HeldTask {
  readonly framework: string;
  readonly task: TaskInfo;
  /** Its own container; of a task that a framework's executor runs, the executor's. */
  readonly container: string;
  /** When the agent got it. */
  readonly sinceMs: number;
  /** When the master launched it, as it says. */
  readonly launchedAtMs?: number | undefined;
  /** Tasks of one group share it. */
  readonly group?: string;
  /** Latest status. */
  status: TaskStatus;
  /** What was said of it, the newest of those that followed each other with one state, as Mesos shows them. */
  readonly statuses: TaskStatus[];
  readonly pending: TaskStatus[];
}

/** A task as it comes to be held. */
export type NewTask = Omit<HeldTask, 'pending' | 'statuses'>;

/** An executor of a framework: its own, or the default one, which is a part of the agent. It is held until it has exited. */
export interface HeldExecutor {
  readonly framework: string;
  readonly info: ExecutorInfo;
  readonly container: string;
}

/** A container that was started through the API and belongs to no task. It is held until somebody removes it. */
export interface HeldAlone {
  readonly id: string;
  readonly command: CommandInfo;
  readonly container?: TaskInfo['container'];
  readonly resources: readonly MesosResource[];
  readonly limits?: TaskInfo['limits'];
  /** How it ended; absent: it did not. */
  readonly end?: AloneEnd;
}

export interface AloneEnd extends Pick<TaskStatus, 'message' | 'reason'> {
  /** The word of wait(2). */
  readonly exit_status: number;
}

/** What an agent must not forget. Each method returns when it is on disk. */
export interface AgentState {
  /** Made at the first start; labels containers, so that an agent knows its own. */
  readonly key: string;
  agentId: string | undefined;
  /** Of its own endpoint in its last life: executors come back to where they knew it. */
  port: number | undefined;
  /** By `taskKey`. */
  readonly tasks: Map<string, HeldTask>;
  /** By `taskKey`, with the executor's id. */
  readonly executors: Map<string, HeldExecutor>;
  /** By id. */
  readonly alone: Map<string, HeldAlone>;
  readonly frameworks: Map<string, FrameworkInfo>;
  /** Tasks that are over and acknowledged, oldest first, while their containers are kept. */
  readonly ended: HeldTask[];
  setAgentId(id: string): void;
  setPort(port: number): void;
  addFramework(info: FrameworkInfo): void;
  /** @param pending its first status goes to the master, unless the task waits for an executor */
  addTask(task: NewTask, pending: readonly TaskStatus[]): void;
  addStatus(key: string, status: TaskStatus): void;
  acknowledge(key: string, uuid: string): void;
  /** It goes among the ended ones. */
  forget(key: string): void;
  /** Nothing of the oldest ended task is kept any more. */
  dropEnded(): void;
  addExecutor(executor: HeldExecutor): void;
  removeExecutor(key: string): void;
  setAlone(container: HeldAlone): void;
  removeAlone(id: string): void;
  close(): void;
}

/** Ids of tasks and of executors are a framework's own. */
export function taskKey(framework: string, id: string): string {
  return `${framework}/${id}`;
}

export function keyOf({ framework, task }: HeldTask): string {
  return taskKey(framework, task.task_id.value);
}

/** The executor of a command has the id of its task. */
export function executorIdOf(task: TaskInfo): string {
  return task.executor?.executor_id.value ?? task.task_id.value;
}

export type Entry =
  | { readonly k: 'key'; readonly key: string }
  | { readonly k: 'id'; readonly id: string }
  | { readonly k: 'port'; readonly port: number }
  | { readonly k: 'framework'; readonly info: FrameworkInfo }
  | { readonly k: 'task'; readonly task: HeldTask }
  | { readonly k: 'status'; readonly task: string; readonly status: TaskStatus }
  | { readonly k: 'ack'; readonly task: string; readonly uuid: string }
  | { readonly k: 'forget'; readonly task: string }
  | { readonly k: 'ended'; readonly task: HeldTask }
  | { readonly k: 'drop' }
  | { readonly k: 'executor'; readonly executor: HeldExecutor }
  | { readonly k: 'exited'; readonly executor: string }
  | { readonly k: 'alone'; readonly container: HeldAlone }
  | { readonly k: 'removed'; readonly id: string };

/** In memory only: simulated agents. */
export function memoryState(): AgentState {
  return makeState(
    randomUUID(),
    () => undefined,
    () => undefined,
    () => undefined,
  );
}

/** @param append before an entry is in the state @param applied after it */
export function makeState(
  key: string,
  append: (entry: Entry) => void,
  applied: () => void,
  close: () => void,
): AgentState {
  const act = (entry: Entry): void => {
    append(entry);
    replay(state, entry);
    applied();
  };
  const state: AgentState = {
    key,
    agentId: undefined,
    port: undefined,
    tasks: new Map(),
    executors: new Map(),
    alone: new Map(),
    frameworks: new Map(),
    ended: [],
    setAgentId: (id) => act({ k: 'id', id }),
    setPort: (port) => {
      if (state.port !== port) act({ k: 'port', port });
    },
    addFramework: (info) => {
      const known = state.frameworks.get(info.id?.value ?? '');
      if (JSON.stringify(known) !== JSON.stringify(info)) act({ k: 'framework', info });
    },
    addTask: (task, pending) =>
      act({ k: 'task', task: { ...task, statuses: [...pending], pending: [...pending] } }),
    addStatus: (task, status) => act({ k: 'status', task, status }),
    acknowledge: (task, uuid) => act({ k: 'ack', task, uuid }),
    forget: (task) => act({ k: 'forget', task }),
    dropEnded: () => act({ k: 'drop' }),
    addExecutor: (executor) => act({ k: 'executor', executor }),
    removeExecutor: (executor) => act({ k: 'exited', executor }),
    setAlone: (container) => act({ k: 'alone', container }),
    removeAlone: (id) => act({ k: 'removed', id }),
    close,
  };
  return state;
}

export function replay(state: AgentState, entry: Entry): void {
  switch (entry.k) {
    case 'key':
      return;
    case 'id':
      state.agentId = entry.id;
      return;
    case 'port':
      state.port = entry.port;
      return;
    case 'framework':
      state.frameworks.set(entry.info.id?.value ?? '', entry.info);
      return;
    case 'task':
      state.tasks.set(keyOf(entry.task), copyOf(entry.task));
      return;
    case 'status': {
      const held = state.tasks.get(entry.task);
      if (!held) return;
      held.status = entry.status;
      if (held.statuses.at(-1)?.state === entry.status.state) held.statuses.pop();
      held.statuses.push(entry.status);
      held.pending.push(entry.status);
      return;
    }
    case 'ack': {
      const held = state.tasks.get(entry.task);
      if (held?.pending[0]?.uuid === entry.uuid) held.pending.shift();
      return;
    }
    case 'forget': {
      const held = state.tasks.get(entry.task);
      if (held) state.ended.push(held);
      state.tasks.delete(entry.task);
      return;
    }
    case 'ended':
      state.ended.push(copyOf(entry.task));
      return;
    case 'drop':
      state.ended.shift();
      return;
    case 'executor':
      state.executors.set(
        taskKey(entry.executor.framework, entry.executor.info.executor_id.value),
        entry.executor,
      );
      return;
    case 'exited':
      state.executors.delete(entry.executor);
      return;
    case 'alone':
      state.alone.set(entry.container.id, entry.container);
      return;
    case 'removed':
      state.alone.delete(entry.id);
      return;
  }
}

/** A copy. Agents did not write statuses down before they showed them. */
function copyOf(task: HeldTask): HeldTask {
  const { statuses = [task.status] } = task as Partial<Pick<HeldTask, 'statuses'>>;
  return { ...task, statuses: [...statuses], pending: [...task.pending] };
}
