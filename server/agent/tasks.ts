import { TERMINAL_TASK_STATES, type KillPolicy, type TaskInfo } from '../../shared/mesos/v1.ts';
import { taskEnvironment } from './executors/environment.ts';
import type { ContainerReport, Containerizer, Run } from './containerizer.ts';
import { emptyCheckStatus } from './check.ts';
import type { HealthWatch } from './health.ts';
import { graceMsOf, shutDownByHttp } from './lifecycle.ts';
import type { AgentClock } from './parts.ts';
import { podOf } from './pod.ts';
import type { Preparation } from './prepare.ts';
import { type AgentState, type HeldTask, type NewTask, executorIdOf } from './state.ts';
import { type Word, containerStatus, repeats } from './status-of.ts';
import { type Statuses, isOver } from './statuses.ts';
import { watchTask } from './watch.ts';

interface TaskParts {
  readonly state: AgentState;
  readonly clock: AgentClock;
  readonly statuses: Statuses;
  readonly containerizer: Containerizer;
  newId(): string;
}

/** A task whose container is its own, while it is not over. */
interface Live {
  readonly held: HeldTask;
  readonly run: Run;
  readonly starting: AbortController;
  launched: boolean;
  killing: boolean;
  /** What is said of its end instead of what its container says, when the agent ended it. */
  verdict?: Word;
  watch?: HealthWatch;
  cancelDeadline?: () => void;
}

/** Tasks that are commands, alone or in a group: what Mesos's command executor and default executor do with them. */
export class CommandTasks {
  private readonly parts: TaskParts;
  private readonly preparation: Preparation | undefined;
  private readonly onOver: (held: HeldTask) => void;
  /** By container. */
  private readonly live = new Map<string, Live>();

  /** @param onOver a task is over; whoever runs it for others wants to know */
  constructor(parts: TaskParts, preparation: Preparation | undefined, onOver: (held: HeldTask) => void) {
    this.parts = parts;
    this.preparation = preparation;
    this.onOver = onOver;
  }

  /** The intent is on disk before a container is made, so that a crash in between leaves no container that nobody knows. */
  run(framework: string, task: TaskInfo, launchedAtMs?: number): void {
    this.start(this.hold({ framework, task, launchedAtMs, container: this.parts.newId() }));
  }

  /** All of a group are held before any of them starts: an end of the first concerns the last. @param parent the executor's container */
  runGroup(framework: string, tasks: readonly TaskInfo[], parent: string, launchedAtMs?: number): void {
    const { newId } = this.parts;
    const group = newId();
    const lives = tasks.map((task) =>
      this.hold({ framework, task, launchedAtMs, container: newId(), group }, parent),
    );
    for (const live of lives) if (!isOver(live.held)) this.start(live);
  }

  /** Of an earlier life of the agent. @param found its container is there */
  takeOver(held: HeldTask, found: boolean): void {
    if (found) return this.adopt(this.add(held));
    if (held.status.state === 'TASK_STARTING') return this.start(this.add(held));
    this.parts.statuses.say(held, executorIdOf(held.task), {
      state: 'TASK_LOST',
      source: 'SOURCE_AGENT',
      reason: 'REASON_AGENT_RESTARTED',
      message: 'its container was gone when the agent came back',
    });
    this.onOver(held);
  }

  kill(held: HeldTask, policy: KillPolicy | undefined = held.task.kill_policy): void {
    const live = this.live.get(held.container);
    if (!live) return;
    const { containerizer } = this.parts;
    const graceMs = graceMsOf(policy);
    const first = !live.killing;
    live.killing = true;
    live.watch?.stop();
    if (first && this.tellsKilling(held)) this.say(live, { state: 'TASK_KILLING' });
    if (!live.launched) {
      live.starting.abort();
      return this.over(live, { state: 'TASK_KILLED', message: 'killed before it started' });
    }
    const asked = first ? shutDownByHttp(held.task, () => isOver(held)) : undefined;
    if (asked) void asked.then(() => containerizer.kill(held.container, graceMs));
    else containerizer.kill(held.container, graceMs);
  }

  /** What the container of one of these tasks says; false: it is none of theirs. */
  report(report: ContainerReport): boolean {
    const live = this.live.get(report.id);
    if (!live) return false;
    const { held } = live;
    const { state, message, reason, source, check_status } = report;
    // What a check sees says nothing new of health.
    const healthy = report.healthy ?? (check_status && held.status.healthy);
    const container_status = this.containerStatus(live, report);
    const word: Word = {
      state,
      ...(state === 'TASK_LOST' ? { source: 'SOURCE_AGENT' } : source ? { source } : {}),
      ...(message === undefined ? {} : { message }),
      ...(reason === undefined ? {} : { reason }),
      ...(healthy === undefined ? {} : { healthy }),
      ...(check_status ? { check_status } : {}),
      ...(container_status ? { container_status } : {}),
    };
    if (TERMINAL_TASK_STATES.has(state)) this.over(live, word);
    else if (!live.killing || !this.tellsKilling(held)) this.say(live, word);
    if (state === 'TASK_RUNNING' && healthy === undefined && !check_status) this.watch(live);
    return true;
  }

  close(): void {
    for (const { watch, cancelDeadline } of this.live.values()) {
      watch?.stop();
      cancelDeadline?.();
    }
  }

  private hold(task: Omit<NewTask, 'status' | 'sinceMs'>, parent?: string): Live {
    const { statuses, clock } = this.parts;
    const check_status = emptyCheckStatus(task.task);
    const word: Word = {
      state: 'TASK_STARTING',
      container_status: containerStatus(task.container, { parent }),
      ...(check_status ? { check_status } : {}),
    };
    return this.add(statuses.hold({ ...task, sinceMs: clock.now() }, executorIdOf(task.task), word));
  }

  private add(held: HeldTask): Live {
    const env = taskEnvironment(held.task);
    const user = this.parts.state.frameworks.get(held.framework)?.user;
    const run: Run = { id: held.container, task: held.task, user, env };
    const live: Live = { held, run, starting: new AbortController(), launched: false, killing: false };
    this.live.set(held.container, live);
    return live;
  }

  /** Its container is there, and so is what was put into it: the task works with that. */
  private adopt(live: Live): void {
    this.limitTime(live);
    this.launch(live, this.preparation?.placed(live.run) ?? live.run);
  }

  private start(live: Live): void {
    const { preparation } = this;
    const { run, starting } = live;
    this.limitTime(live);
    try {
      const ready = preparation ? preparation.of(run, starting.signal) : run;
      if (!(ready instanceof Promise)) return this.launch(live, ready);
      void ready.then(
        (prepared) => this.launch(live, prepared),
        (error: unknown) => this.launchFailed(live, error),
      );
    } catch (error) {
      this.launchFailed(live, error);
    }
  }

  private launch(live: Live, run: Run): void {
    if (isOver(live.held)) return;
    live.launched = true;
    const { state, containerizer } = this.parts;
    containerizer.launch({ ...run, pod: podOf(state, live.held) });
  }

  private launchFailed(live: Live, error: unknown): void {
    this.over(live, {
      state: 'TASK_FAILED',
      source: 'SOURCE_AGENT',
      reason: 'REASON_CONTAINER_LAUNCH_FAILED',
      message: `Failed to launch container: ${(error as Error).message}`,
    });
  }

  /** `max_completion_time` ends a task whatever its kill policy, and it has failed then. */
  private limitTime(live: Live): void {
    const { clock, containerizer } = this.parts;
    const { max_completion_time: limit } = live.held.task;
    if (!limit) return;
    const dueMs = live.held.sinceMs + limit.nanoseconds / 1e6;
    live.cancelDeadline = clock.at(dueMs, () => {
      // A clock may wake before a time that is weeks away.
      if (clock.now() < dueMs) return this.limitTime(live);
      live.verdict ??= {
        state: 'TASK_FAILED',
        reason: 'REASON_MAX_COMPLETION_TIME_REACHED',
        message: `Command did not end within ${limit.nanoseconds / 1e9} s`,
      };
      if (live.launched) containerizer.kill(live.held.container, 0);
      else {
        live.starting.abort();
        this.over(live, live.verdict);
      }
    });
  }

  private watch(live: Live): void {
    if (live.watch || live.killing) return;
    const failed = (message: string): void => {
      // Ended for its health, a task was killed and is not healthy, as in Mesos.
      live.verdict ??= { state: 'TASK_KILLED', message, healthy: false };
      this.kill(live.held);
    };
    live.watch = watchTask(live.run, this.parts.containerizer, (report) => this.report(report), failed);
  }

  private over(live: Live, word: Word): void {
    const { held } = live;
    if (isOver(held)) return;
    live.watch?.stop();
    live.cancelDeadline?.();
    this.live.delete(held.container);
    const { container_status } = word;
    this.say(
      live,
      live.verdict ? { ...live.verdict, ...(container_status ? { container_status } : {}) } : word,
    );
    this.onOver(held);
  }

  /** What has been said already is not said again. */
  private say({ held }: Live, word: Word): void {
    const { container_status, check_status } = held.status;
    const whole = { container_status, ...(check_status ? { check_status } : {}), ...word };
    if (!repeats(held.status, whole)) this.parts.statuses.say(held, executorIdOf(held.task), whole);
  }

  private containerStatus({ held }: Live, { pid, ip }: ContainerReport): Word['container_status'] {
    if (pid === undefined && ip === undefined) return undefined;
    const parent = held.status.container_status?.container_id?.parent?.value;
    return containerStatus(held.container, { pid, ip, parent });
  }

  private tellsKilling({ framework }: HeldTask): boolean {
    const capabilities = this.parts.state.frameworks.get(framework)?.capabilities ?? [];
    return capabilities.some(({ type }) => type === 'TASK_KILLING_STATE');
  }
}
