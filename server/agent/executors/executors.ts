import type { FrameworkMessage } from '../../../shared/mesos/agent.ts';
import type { ExecutorEvent } from '../../../shared/mesos/executor.ts';
import type { ExecutorInfo, KillPolicy, TaskInfo, TaskStatus } from '../../../shared/mesos/v1.ts';
import type { ContainerReport } from '../containerizer.ts';
import { graceMsOf } from '../lifecycle.ts';
import { type HeldExecutor, type HeldTask, keyOf, taskKey } from '../state.ts';
import { type Word, containerStatus } from '../status-of.ts';
import { isOver } from '../statuses.ts';
import type { ExecutorParts, ExecutorSink, Running } from './parts.ts';
import { Starter, terminated } from './start.ts';
import { waitStatus } from './wait-status.ts';

type Kill = Extract<ExecutorEvent, { type: 'KILL' }>;

/** Frameworks' own executors: started with their first task, given the next ones as well, spoken to over their streams until they exit. */
export class Executors {
  private readonly parts: ExecutorParts;
  private readonly starter: Starter;
  /** By `taskKey` of framework and executor. */
  private readonly running = new Map<string, Running>();
  private readonly byContainer = new Map<string, Running>();
  /** Kills of tasks whose executors are away, by `taskKey`. */
  private readonly kills = new Map<string, Kill>();

  constructor(parts: ExecutorParts) {
    this.parts = parts;
    this.starter = new Starter(parts, (executor, word) => this.end(executor, word));
  }

  /** A task waits in the state, as staging, until its executor has it. */
  run(framework: string, info: ExecutorInfo, task: TaskInfo, launchedAtMs?: number): void {
    const { state, clock } = this.parts;
    const key = taskKey(framework, info.executor_id.value);
    const known = this.running.get(key);
    const executor = known ?? this.hold(key, framework, info);
    const status: TaskStatus = { task_id: task.task_id, state: 'TASK_STAGING' };
    const container = executor.held.container;
    state.addTask({ framework, task, container, sinceMs: clock.now(), launchedAtMs, status }, []);
    if (executor.ending) return this.fail(executor, state.tasks.get(taskKey(framework, task.task_id.value))!);
    if (known) this.starter.grow(executor);
    else this.starter.start(executor);
    executor.sink?.send({ type: 'LAUNCH', launch: { task } });
  }

  /** Of an earlier life of the agent: an executor that is still there may come back, for a while. */
  takeOver(held: HeldExecutor, found: boolean): void {
    const executor = this.add(taskKey(held.framework, held.info.executor_id.value), held);
    if (!found) return this.exited(executor, undefined);
    // Adopted, so that its end is noticed.
    this.starter.adopt(executor);
    const checkpointed = this.parts.state.frameworks.get(held.framework)?.checkpoint === true;
    if (!checkpointed) return this.end(executor, terminated(executor.held));
    this.starter.awaitReturn(executor);
  }

  kill(held: HeldTask, policy: KillPolicy | undefined): void {
    const executor = this.byContainer.get(held.container);
    if (!executor) return;
    const kill: Kill = {
      type: 'KILL',
      kill: { task_id: held.task.task_id, ...(policy ? { kill_policy: policy } : {}) },
    };
    if (executor.sink) return executor.sink.send(kill);
    // Nobody has it yet. An executor that was there and is away hears of it when it comes back.
    if (held.status.state !== 'TASK_STAGING') return void this.kills.set(keyOf(held), kill);
    this.parts.statuses.say(held, executor.held.info.executor_id.value, {
      state: 'TASK_KILLED',
      source: 'SOURCE_AGENT',
      reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
      message: 'Task killed before it was delivered to the executor',
    });
    if (this.tasksOf(executor).length === 0) this.shutDown(executor.key);
  }

  message({ framework_id, executor_id, data }: FrameworkMessage): void {
    this.find(framework_id.value, executor_id.value)?.sink?.send({ type: 'MESSAGE', message: { data } });
  }

  /** Asks it to end, and ends it when it has not after a while. */
  shutDown(key: string): void {
    const executor = this.running.get(key);
    if (!executor || executor.ending) return;
    executor.ending = true;
    if (!executor.sink) return this.end(executor, terminated(executor.held));
    executor.sink.send({ type: 'SHUTDOWN' });
    const graceMs = graceMsOf({
      grace_period: executor.held.info.shutdown_grace_period ?? {
        nanoseconds: this.parts.limits.shutdownGraceMs * 1e6,
      },
    });
    this.starter.after(executor, graceMs, () => this.end(executor, terminated(executor.held)));
  }

  shutDownFramework(framework: string): void {
    for (const executor of this.running.values())
      if (executor.held.framework === framework) this.shutDown(executor.key);
  }

  shutDownAll(): void {
    for (const key of this.running.keys()) this.shutDown(key);
  }

  find(framework: string, id: string): Running | undefined {
    return this.running.get(taskKey(framework, id));
  }

  knowsFramework(framework: string): boolean {
    return [...this.running.values()].some(({ held }) => held.framework === framework);
  }

  /** Its stream begins: what it missed follows. @param known tasks that it has already */
  subscribed(executor: Running, sink: ExecutorSink, known: ReadonlySet<string>): void {
    const { state } = this.parts;
    const { held } = executor;
    executor.sink?.close();
    executor.cancelTimer?.();
    executor.sink = sink;
    sink.send({
      type: 'SUBSCRIBED',
      subscribed: {
        executor_info: held.info,
        framework_info: state.frameworks.get(held.framework)!,
        agent_info: { ...this.parts.info(), ...(state.agentId ? { id: { value: state.agentId } } : {}) },
        container_id: { value: held.container },
      },
    });
    if (executor.ending) return sink.send({ type: 'SHUTDOWN' });
    for (const task of this.tasksOf(executor)) {
      const id = task.task.task_id.value;
      if (task.status.state === 'TASK_STAGING' && !known.has(id))
        sink.send({ type: 'LAUNCH', launch: { task: task.task } });
      const kill = this.kills.get(keyOf(task));
      if (kill) sink.send(kill);
      this.kills.delete(keyOf(task));
    }
  }

  closed(executor: Running, sink: ExecutorSink): void {
    if (executor.sink !== sink) return;
    executor.sink = undefined;
    this.parts.log('an executor is disconnected', { executor: executor.key });
  }

  /** What an executor says of a task, with what the agent knows besides. An update that came twice is acknowledged, and is no news. */
  updated(executor: Running, status: TaskStatus): void {
    const { state, statuses, clock } = this.parts;
    const held = state.tasks.get(taskKey(executor.held.framework, status.task_id.value));
    const uuid = status.uuid ?? '';
    if (held?.pending.some((each) => each.uuid === uuid)) return;
    const ours = held?.container === executor.held.container;
    if (!held || !ours || isOver(held) || held.status.uuid === uuid)
      return executor.sink?.send({ type: 'ACKNOWLEDGED', acknowledged: { task_id: status.task_id, uuid } });
    const where = containerStatus(executor.held.container, { ip: executor.ip, pid: executor.pid });
    statuses.record(held, {
      timestamp: clock.now() / 1000,
      ...status,
      ...(state.agentId === undefined ? {} : { agent_id: { value: state.agentId } }),
      container_status: { ...where, ...status.container_status },
    });
  }

  acknowledged(held: HeldTask, uuid: string): void {
    this.byContainer
      .get(held.container)
      ?.sink?.send({ type: 'ACKNOWLEDGED', acknowledged: { task_id: held.task.task_id, uuid } });
  }

  /** What the container of an executor says; false: it is none of theirs. */
  report(report: ContainerReport): boolean {
    const executor = this.byContainer.get(report.id);
    if (!executor) return false;
    if (report.pid !== undefined) executor.pid = report.pid;
    if (report.ip !== undefined) executor.ip = report.ip;
    if (report.state === 'TASK_STARTING' || report.state === 'TASK_RUNNING') return true;
    if (report.reason !== undefined && report.state === 'TASK_FAILED')
      executor.verdict ??= {
        ...terminated(executor.held),
        reason: report.reason,
        message: report.message ?? 'it did not start',
      };
    this.exited(executor, report.exit);
    return true;
  }

  close(): void {
    for (const executor of this.running.values()) {
      executor.cancelTimer?.();
      executor.sink?.close();
    }
  }

  private hold(key: string, framework: string, info: ExecutorInfo): Running {
    const executor = this.add(key, { framework, info, container: this.parts.newId() });
    this.parts.state.addExecutor(executor.held);
    return executor;
  }

  private add(key: string, held: HeldExecutor): Running {
    const executor: Running = { held, key, sink: undefined, ending: false };
    this.running.set(key, executor);
    this.byContainer.set(held.container, executor);
    return executor;
  }

  private end(executor: Running, word: Word): void {
    executor.ending = true;
    executor.verdict ??= word;
    this.starter.stop(executor, () => this.exited(executor, undefined));
  }

  /** Its tasks end with it. FAILURE comes before their updates, as recorded. */
  private exited(executor: Running, exit: number | undefined): void {
    const { state, link } = this.parts;
    if (!this.running.delete(executor.key)) return;
    executor.cancelTimer?.();
    executor.sink?.close();
    const { framework, info } = executor.held;
    if (state.agentId !== undefined)
      link.send({
        type: 'EXITED_EXECUTOR',
        agent_id: { value: state.agentId },
        exited_executor: {
          framework_id: { value: framework },
          executor_id: info.executor_id,
          status: waitStatus(exit),
        },
      });
    for (const held of this.tasksOf(executor)) this.fail(executor, held);
    this.byContainer.delete(executor.held.container);
    state.removeExecutor(executor.key);
    this.parts.onExited(executor.held.container);
  }

  private fail(executor: Running, held: HeldTask): void {
    this.kills.delete(keyOf(held));
    this.parts.statuses.say(
      held,
      executor.held.info.executor_id.value,
      executor.verdict ?? terminated(executor.held),
    );
  }

  private tasksOf({ held: { container } }: Running): HeldTask[] {
    return [...this.parts.state.tasks.values()].filter(
      (held) => held.container === container && !isOver(held),
    );
  }
}
