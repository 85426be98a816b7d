import type { TaskInfo } from '../../../shared/mesos/v1.ts';
import type { AgentClock } from '../agent.ts';
import type { Containerizer, ContainerizerHost } from '../containerizer.ts';

/** How simulated tasks behave: how long they take to start, and how often they fail instead. */
export interface Behaviour {
  startMs(task: TaskInfo): number;
  /** Milliseconds of running before the task ends, and how; null: it runs for ever. */
  end(task: TaskInfo): { readonly afterMs: number; readonly exit: number } | null;
  stopMs(task: TaskInfo): number;
}

/** Runs nothing: tasks start, end and fail by a behaviour, in the time of a clock. Thousands of them in one process. */
export class SimulatedContainerizer implements Containerizer {
  readonly name = 'simulated' as const;
  private readonly behaviour: Behaviour;
  private readonly clock: AgentClock;
  private readonly host: ContainerizerHost;
  /** task → what takes back its next event. */
  private readonly tasks = new Map<string, { readonly info: TaskInfo; cancel: () => void; killed: boolean }>();

  constructor(behaviour: Behaviour, clock: AgentClock, host: ContainerizerHost) {
    this.behaviour = behaviour;
    this.clock = clock;
    this.host = host;
  }

  /** Containers outlive an agent; these do as long as the object does. */
  recover(): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set(this.tasks.keys()));
  }

  launch(info: TaskInfo): void {
    const taskId = info.task_id.value;
    if (this.tasks.has(taskId)) return;
    const task = { info, cancel: this.after(this.behaviour.startMs(info), () => this.started(taskId)), killed: false };
    this.tasks.set(taskId, task);
  }

  kill(taskId: string): void {
    const task = this.tasks.get(taskId);
    if (!task || task.killed) return;
    task.killed = true;
    task.cancel();
    task.cancel = this.after(this.behaviour.stopMs(task.info), () => this.ended(taskId, 'TASK_KILLED', 'exit 143'));
  }

  exec(): Promise<string | null> {
    return Promise.resolve(null);
  }

  sandbox(): string | null {
    return null;
  }

  remove(taskId: string): Promise<void> {
    this.tasks.delete(taskId);
    return Promise.resolve();
  }

  async *logs(taskId: string): ReturnType<Containerizer['logs']> {
    yield { stream: 'stdout', at: null, text: `${taskId} is simulated; it writes nothing` };
  }

  close(): Promise<void> {
    for (const task of this.tasks.values()) task.cancel();
    return Promise.resolve();
  }

  private started(taskId: string): void {
    const task = this.tasks.get(taskId);
    if (!task) return;
    this.host.onReport({ taskId, state: 'TASK_RUNNING', container: 'simulated', ...(task.info.health_check ? { healthy: true } : {}) });
    const end = this.behaviour.end(task.info);
    if (end) task.cancel = this.after(end.afterMs, () => this.ended(taskId, end.exit === 0 ? 'TASK_FINISHED' : 'TASK_FAILED', `exit ${end.exit}`));
  }

  private ended(taskId: string, state: 'TASK_FINISHED' | 'TASK_FAILED' | 'TASK_KILLED', message: string): void {
    this.tasks.delete(taskId);
    this.host.onReport({ taskId, state, message });
  }

  private after(ms: number, run: () => void): () => void {
    return this.clock.at(this.clock.now() + ms, run);
  }
}
