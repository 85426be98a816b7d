import type { AgentClock } from '../../../server/agent/parts.ts';
import type {
  ContainerReport,
  Containerizer,
  ContainerizerHost,
  Run,
} from '../../../server/agent/containerizer.ts';
import type { NewTask } from '../../../server/agent/state.ts';
import type { TaskInfo, TaskState, TaskStatus } from '../../../shared/mesos/v1.ts';
import { toMesos } from '../../../shared/resources.ts';

/** A task of a shell line, or of whatever is given instead. */
export function taskInfo(id: string, line: string, more: Partial<TaskInfo> = {}): TaskInfo {
  return {
    name: 'job',
    task_id: { value: id },
    agent_id: { value: 'a-S0' },
    resources: toMesos({ cpusMilli: 250, memMb: 32, diskMb: 16, gpus: 0, ports: [] }),
    command: { value: line },
    ...more,
  };
}

/** A container of that id, with a task of the same. */
export function run(id: string, line: string, more: Partial<TaskInfo> = {}): Run {
  return { id, task: taskInfo(id, line, more) };
}

/** A task that an agent holds. */
export function heldTask(id: string, status: TaskStatus): NewTask {
  return { framework: 'f', task: taskInfo(id, 'true'), container: `c-${id}`, sinceMs: 0, status };
}

export function status(id: string, state: TaskState, uuid: string): TaskStatus {
  return { task_id: { value: id }, state, uuid };
}

/** Time that stands still until it is told to pass; timers run in their order. */
export class HandClock implements AgentClock {
  private nowMs = 0;
  private timers: { readonly atMs: number; readonly run: () => void }[] = [];

  now(): number {
    return this.nowMs;
  }

  at(atMs: number, run: () => void): () => void {
    const timer = { atMs, run };
    this.timers.push(timer);
    return () => (this.timers = this.timers.filter((each) => each !== timer));
  }

  get waiting(): number {
    return this.timers.length;
  }

  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const next = this.timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.timers = this.timers.filter((each) => each !== next);
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = endMs;
  }
}

/** Hears what a containerizer reports, and wakes whoever waits for a state. */
export class Listener implements ContainerizerHost {
  readonly reports: ContainerReport[] = [];
  readonly logged: string[] = [];
  private wake: () => void = () => undefined;

  onReport(report: ContainerReport): void {
    this.reports.push(report);
    this.wake();
  }

  log(message: string): void {
    this.logged.push(message);
  }

  of(id: string): ContainerReport[] {
    return this.reports.filter((report) => report.id === id);
  }

  /** The first report of a task in one of these states, now or later; the test's own deadline is the limit. @throws when it ends otherwise. */
  async until(id: string, ...states: ContainerReport['state'][]): Promise<ContainerReport> {
    for (;;) {
      const found = this.of(id).find(({ state }) => states.includes(state));
      if (found) return found;
      const ended = this.of(id).find(({ state }) => !['TASK_STARTING', 'TASK_RUNNING'].includes(state));
      if (ended) throw new Error(`${id} is ${ended.state}: ${ended.message ?? 'no message'}`);
      await new Promise<void>((resolve) => {
        const before = this.wake;
        this.wake = () => {
          before();
          resolve();
        };
      });
    }
  }

  over(id: string): Promise<ContainerReport> {
    return this.until(id, 'TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_LOST', 'TASK_DROPPED');
  }
}

/** All lines of a task's log there are. */
export async function logText(
  containerizer: Containerizer,
  id: string,
  stream: 'stdout' | 'stderr' | 'both' = 'both',
  tail = 100,
): Promise<string[]> {
  const lines = [];
  const query = { stream, tail, follow: false };
  for await (const { text } of containerizer.logs(id, query, new AbortController().signal)) lines.push(text);
  return lines;
}
