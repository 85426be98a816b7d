import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { TaskInfo, TaskStatus } from '../../shared/mesos/v1.ts';

/** A task that the agent answers for, with the updates that nobody has acknowledged yet, oldest first. */
export interface HeldTask {
  readonly framework: string;
  readonly task: TaskInfo;
  /** Latest status. */
  status: TaskStatus;
  readonly pending: TaskStatus[];
}

/** What an agent must not forget. Each method returns when it is on disk. */
export interface AgentState {
  /** Made at the first start; labels containers, so that an agent knows its own. */
  readonly key: string;
  agentId: string | undefined;
  readonly tasks: Map<string, HeldTask>;
  setAgentId(id: string): void;
  addTask(framework: string, task: TaskInfo, status: TaskStatus): void;
  addStatus(taskId: string, status: TaskStatus): void;
  acknowledge(taskId: string, uuid: string): void;
  forget(taskId: string): void;
  close(): void;
}

type Entry =
  | { readonly k: 'key'; readonly key: string }
  | { readonly k: 'id'; readonly id: string }
  | {
      readonly k: 'task';
      readonly framework: string;
      readonly task: TaskInfo;
      readonly status: TaskStatus;
      readonly pending: readonly TaskStatus[];
    }
  | { readonly k: 'status'; readonly task: string; readonly status: TaskStatus }
  | { readonly k: 'ack'; readonly task: string; readonly uuid: string }
  | { readonly k: 'forget'; readonly task: string };

/** Entries after which the file is written anew. */
const ENTRIES_MAX = 20_000;

/** In memory only: simulated agents. */
export function memoryState(): AgentState {
  return makeState(
    randomUUID(),
    () => undefined,
    () => undefined,
    () => undefined,
  );
}

/** In an append-only file of JSON lines, synced at each entry. A torn last line is a write that never finished, and is dropped. */
export function openState(workDir: string, entriesMax: number = ENTRIES_MAX): AgentState {
  mkdirSync(workDir, { recursive: true, mode: 0o700 });
  const file = join(workDir, 'agent.jsonl');
  const entries = readEntries(file);
  const key = entries.find((entry) => entry.k === 'key')?.key ?? randomUUID();
  let fd = -1;
  let written = 0;
  const append = (entry: Entry): void => {
    writeSync(fd, `${JSON.stringify(entry)}\n`);
    fdatasyncSync(fd);
    written += 1;
  };
  // Only when an entry is in the state as well: what is written anew is the state.
  const applied = (): void => {
    if (written > entriesMax + state.tasks.size) rewrite();
  };
  const state = makeState(key, append, applied, () => closeSync(fd));
  const rewrite = (): void => {
    if (fd >= 0) closeSync(fd);
    fd = writeAnew(file, snapshot(state));
    written = state.tasks.size;
  };
  for (const entry of entries) replay(state, entry);
  rewrite();
  return state;
}

function makeState(
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
    tasks: new Map(),
    setAgentId: (id) => act({ k: 'id', id }),
    addTask: (framework, task, status) => act({ k: 'task', framework, task, status, pending: [status] }),
    addStatus: (task, status) => act({ k: 'status', task, status }),
    acknowledge: (task, uuid) => act({ k: 'ack', task, uuid }),
    forget: (task) => act({ k: 'forget', task }),
    close,
  };
  return state;
}

function replay(state: AgentState, entry: Entry): void {
  switch (entry.k) {
    case 'key':
      return;
    case 'id':
      state.agentId = entry.id;
      return;
    case 'task':
      state.tasks.set(entry.task.task_id.value, {
        framework: entry.framework,
        task: entry.task,
        status: entry.status,
        pending: [...entry.pending],
      });
      return;
    case 'status': {
      const held = state.tasks.get(entry.task);
      if (!held) return;
      held.status = entry.status;
      held.pending.push(entry.status);
      return;
    }
    case 'ack': {
      const held = state.tasks.get(entry.task);
      if (held?.pending[0]?.uuid === entry.uuid) held.pending.shift();
      return;
    }
    case 'forget':
      state.tasks.delete(entry.task);
      return;
  }
}

function snapshot(state: AgentState): Entry[] {
  return [
    { k: 'key', key: state.key },
    ...(state.agentId === undefined ? [] : [{ k: 'id' as const, id: state.agentId }]),
    ...[...state.tasks.values()].map(({ framework, task, status, pending }) => ({
      k: 'task' as const,
      framework,
      task,
      status,
      pending,
    })),
  ];
}

function writeAnew(file: string, entries: readonly Entry[]): number {
  const fresh = `${file}.new`;
  const fd = openSync(fresh, 'w', 0o600);
  writeSync(fd, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  fdatasyncSync(fd);
  renameSync(fresh, file);
  return fd;
}

function readEntries(file: string): Entry[] {
  if (!existsSync(file)) return [];
  const entries: Entry[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    try {
      entries.push(JSON.parse(line) as Entry);
    } catch {
      break;
    }
  }
  return entries;
}
