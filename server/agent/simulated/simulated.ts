import type { TaskInfo } from '../../../shared/mesos/v1.ts';
import { howCommandEnded } from '../how-it-ended.ts';
import type { AgentClock } from '../parts.ts';
import type {
  Beside,
  ContainerReport,
  Containerizer,
  ContainerizerHost,
  Exited,
  Run,
} from '../containerizer.ts';

/** How simulated tasks behave: how long they take to start, and how often they fail instead. */
export interface Behaviour {
  startMs(task: TaskInfo): number;
  /** Milliseconds of running before the task ends, and how; null: it runs for ever. */
  end(task: TaskInfo): { readonly afterMs: number; readonly exit: number } | null;
  stopMs(task: TaskInfo): number;
}

interface Task {
  readonly id: string;
  readonly info: TaskInfo;
  /** What an agent that comes back would find. */
  last: ContainerReport | null;
  over: boolean;
  killed: boolean;
  cancel: () => void;
}

/** Runs nothing: tasks start, end and fail by a behaviour, in the time of a clock. Thousands of them in one process; they outlive an agent as containers do. */
export class SimulatedContainerizer implements Containerizer {
  readonly name = 'simulated' as const;
  /** Changes when another life of the agent takes over. */
  host: ContainerizerHost;
  readonly tasks = new Map<string, Task>();
  private readonly behaviour: Behaviour;
  private readonly clock: AgentClock;

  constructor(behaviour: Behaviour, clock: AgentClock, host: ContainerizerHost) {
    this.behaviour = behaviour;
    this.clock = clock;
    this.host = host;
  }

  recover(): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set(this.tasks.keys()));
  }

  /** A task that exists is taken over: what is known of it is told again. */
  launch({ id, task: info }: Run): void {
    const known = this.tasks.get(id);
    if (known) {
      if (known.last) this.host.onReport(known.last);
      return;
    }
    const task: Task = { id, info, last: null, over: false, killed: false, cancel: () => undefined };
    this.tasks.set(id, task);
    task.cancel = this.after(this.behaviour.startMs(info), () => this.started(task));
  }

  kill(id: string): void {
    const task = this.tasks.get(id);
    if (!task || task.killed || task.over) return;
    task.killed = true;
    task.cancel();
    task.cancel = this.after(this.behaviour.stopMs(task.info), () => this.ended(task, 'TASK_KILLED', 143));
  }

  exec(): Promise<Exited> {
    return Promise.resolve({ wrong: null, exit: 0 });
  }

  beside(): Promise<Beside> {
    return Promise.reject(new Error('nothing really runs in simulated agents'));
  }

  sandbox(): string | null {
    return null;
  }

  remove(id: string): Promise<void> {
    this.tasks.delete(id);
    return Promise.resolve();
  }

  async *logs(id: string): ReturnType<Containerizer['logs']> {
    yield { stream: 'stdout', at: null, text: `${id} is simulated; it writes nothing` };
  }

  /** The agent is gone; what it ran goes on. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  private started(task: Task): void {
    this.tell(task, {
      id: task.id,
      state: 'TASK_RUNNING',
      ...(task.info.health_check ? { healthy: true } : {}),
    });
    const end = this.behaviour.end(task.info);
    if (end)
      task.cancel = this.after(end.afterMs, () =>
        this.ended(task, end.exit === 0 ? 'TASK_FINISHED' : 'TASK_FAILED', end.exit),
      );
  }

  private ended(task: Task, state: 'TASK_FINISHED' | 'TASK_FAILED' | 'TASK_KILLED', exit: number): void {
    task.over = true;
    this.tell(task, { id: task.id, state, exit, message: howCommandEnded(exit) });
  }

  private tell(task: Task, report: ContainerReport): void {
    task.last = report;
    this.host.onReport(report);
  }

  private after(ms: number, run: () => void): () => void {
    return this.clock.at(this.clock.now() + ms, run);
  }
}
