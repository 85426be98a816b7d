import { randomUUID } from 'node:crypto';
import type { AgentEvent } from '../../shared/mesos/agent.ts';
import { TERMINAL_TASK_STATES, type KillPolicy, type TaskInfo } from '../../shared/mesos/v1.ts';
import type { ContainerReport, Containerizer } from './containerizer.ts';
import { EndedTasks } from './ended.ts';
import { Executors } from './executors/executors.ts';
import { TaskGroups } from './groups.ts';
import { AloneContainers } from './nested/alone.ts';
import { NestedContainers } from './nested/nested.ts';
import { LaunchGuard } from './launch-guard.ts';
import { graceMsOf } from './lifecycle.ts';
import type { AgentParts } from './parts.ts';
import { Preparation } from './prepare.ts';
import { refuseTask, whyGroupRefused, whyRefused } from './refusals.ts';
import { type HeldTask, executorIdOf, taskKey } from './state.ts';
import { Statuses, isOver } from './statuses.ts';
import { subscribeCall } from './subscribe-call.ts';
import { CommandTasks } from './tasks.ts';
import { untilExited, untilOver } from './until-over.ts';

type KillTask = Extract<AgentEvent, { type: 'KILL_TASK' }>['kill_task'];
type RunTask = Extract<AgentEvent, { type: 'RUN_TASK' }>['run_task'];
type TaskGroup = Extract<AgentEvent, { type: 'RUN_TASK_GROUP' }>['run_task_group'];

/** One agent: runs what the master says, tells it what became of it until it is acknowledged, and forgets nothing over its own restarts. */
export class Agent {
  readonly containerizer: Containerizer;
  /** Absent where nothing runs: simulated agents have no executors. */
  readonly executors: Executors | undefined;
  /** What is started through the API: in containers of tasks, and beside them. */
  readonly nested: NestedContainers;
  readonly alone: AloneContainers;
  private readonly parts: AgentParts;
  private readonly statuses: Statuses;
  private readonly preparation: Preparation | undefined;
  private readonly tasks: CommandTasks;
  private readonly groups: TaskGroups;
  private readonly ended: EndedTasks;
  private readonly guard: LaunchGuard;
  private readonly bootId = randomUUID();

  constructor(parts: AgentParts) {
    this.parts = parts;
    const { state, link, clock, machine, newId } = parts;
    this.containerizer = parts.containerizer({
      onReport: (report) => this.report(report),
      log: (message, detail) => parts.log(message, detail),
    });
    this.nested = new NestedContainers(state, this.containerizer);
    this.guard = new LaunchGuard(state);
    this.preparation = machine && new Preparation(machine.workDir, machine.fetch);
    this.ended = new EndedTasks(state, this.containerizer, this.preparation, parts.log);
    this.statuses = new Statuses(state, link, clock, {
      onAcknowledged: (held, uuid) => this.executors?.acknowledged(held, uuid),
      onForgotten: () => this.ended.trim(clock.now()),
    });
    const { statuses, containerizer } = this;
    const onExited = (container: string): void => void this.ended.remove(container);
    const shared = { state, link, clock, statuses, containerizer, newId, onExited };
    this.alone = new AloneContainers({ ...shared, preparation: this.preparation });
    this.tasks = new CommandTasks(shared, this.preparation, (held) => {
      if (held.group !== undefined) this.groups.over(held);
    });
    this.groups = new TaskGroups({ ...shared, tasks: this.tasks });
    if (machine && this.preparation)
      this.executors = new Executors({
        ...shared,
        preparation: this.preparation,
        limits: machine.limits,
        workDir: machine.workDir,
        tokenKey: machine.tokenKey,
        log: parts.log,
        info: () => parts.info,
      });
  }

  /** Takes over what an earlier life left running, then registers. */
  async start(): Promise<void> {
    const { state } = this.parts;
    const found = await this.containerizer.recover();
    const executors = [...state.executors.values()];
    for (const executor of executors)
      if (executor.info.type !== 'DEFAULT') this.executors?.takeOver(executor, found.has(executor.container));
    const owners = new Set(executors.map(({ container }) => container));
    for (const held of state.tasks.values())
      if (!isOver(held) && !owners.has(held.container)) this.tasks.takeOver(held, found.has(held.container));
    // A group that lost a task while nobody looked loses the others now.
    for (const held of state.tasks.values())
      if (held.group !== undefined && isOver(held)) this.groups.over(held);
    for (const held of state.alone.values()) this.alone.takeOver(held, found.has(held.id));
    // Nobody knows them: what an earlier life did not come to removing.
    for (const id of found) void this.ended.remove(id);
    this.parts.link.start(() => subscribeCall(this.parts, this.bootId), {
      onEvent: (event) => this.handle(event),
      onDown: () => this.statuses.down(),
    });
  }

  /** With `killTasks`, ends everything first and unregisters; without, containers go on running for the next life. */
  async close({ killTasks }: { readonly killTasks: boolean }): Promise<void> {
    const { state, link } = this.parts;
    if (killTasks) {
      await this.endAll(2_000);
      await this.ended.removeAll();
      if (state.agentId !== undefined) link.send({ type: 'UNREGISTER', agent_id: { value: state.agentId } });
    }
    await this.nested.close();
    this.tasks.close();
    this.executors?.close();
    this.statuses.close();
    await link.close();
    await this.containerizer.close();
    state.close();
  }

  private handle(event: AgentEvent): void {
    const { state, link } = this.parts;
    switch (event.type) {
      case 'SUBSCRIBED': {
        const id = event.subscribed.agent_id.value;
        if (state.agentId !== id) state.setAgentId(id);
        this.parts.log('registered', { agent: id });
        return this.statuses.up();
      }
      case 'PING':
        if (state.agentId !== undefined) link.send({ type: 'PONG', agent_id: { value: state.agentId } });
        return;
      case 'RUN_TASK':
        return this.run(event.run_task);
      case 'RUN_TASK_GROUP':
        return this.runGroup(event.run_task_group);
      case 'KILL_TASK':
        return this.killOrAnswer(event.kill_task);
      case 'SHUTDOWN_EXECUTOR': {
        const { framework_id, executor_id } = event.shutdown_executor;
        return this.shutDownExecutor(framework_id.value, executor_id.value);
      }
      case 'SHUTDOWN_FRAMEWORK':
        this.groups.shutDown(event.shutdown_framework.framework_id.value);
        return this.executors?.shutDownFramework(event.shutdown_framework.framework_id.value);
      case 'FRAMEWORK_MESSAGE':
        return this.executors?.message(event.framework_message);
      case 'CHECKPOINT_RESOURCES':
        return this.preparation?.keepVolumes(event.checkpoint_resources.resources);
      case 'DRAIN':
        return void this.killAll(event.drain.max_grace_ms);
      case 'SHUTDOWN':
        return this.shutDown(event.shutdown.message);
      case 'ACKNOWLEDGE': {
        const { framework_id, task_id, uuid } = event.acknowledge;
        return this.statuses.acknowledged(taskKey(framework_id.value, task_id.value), uuid);
      }
      case 'ERROR':
        return this.parts.refused(event.error.message);
    }
  }

  private report(report: ContainerReport): void {
    if (TERMINAL_TASK_STATES.has(report.state)) this.nested.endWith(report.id);
    if (this.tasks.report(report) || this.executors?.report(report) === true) return;
    this.alone.report(report);
  }

  private run({
    framework_id: { value: framework },
    framework: info,
    task,
    launched_at_ms: at,
  }: RunTask): void {
    const { state } = this.parts;
    if (this.guard.isStale(framework, task, at)) return;
    const { executor } = task;
    const refused = whyRefused(task, this.executors !== undefined);
    if (refused !== null) return this.refuse(framework, task, refused);
    if (info) state.addFramework(info);
    if (executor && this.executors) this.executors.run(framework, executor, task, at);
    else this.tasks.run(framework, task, at);
  }

  /** All of it or nothing. */
  private runGroup(group: TaskGroup): void {
    const { framework_id, framework, executor, task_group, launched_at_ms: at } = group;
    const { tasks } = task_group;
    const id = framework_id.value;
    if (tasks.some((task) => this.guard.isStale(id, task, at))) return;
    if (framework) this.parts.state.addFramework(framework);
    const refused = whyGroupRefused(executor, tasks);
    if (refused === null) this.groups.run(id, executor, tasks, at);
    else for (const task of tasks) this.refuse(id, task, refused);
  }

  private refuse(framework: string, task: TaskInfo, message: string): void {
    refuseTask({ ...this.parts, statuses: this.statuses }, framework, task, message);
  }

  private killOrAnswer({ framework_id, task_id, kill_policy, asked_at_ms }: KillTask): void {
    const [framework, id] = [framework_id.value, task_id.value];
    const held = this.parts.state.tasks.get(taskKey(framework, id));
    if (held && !isOver(held)) return this.kill(held, kill_policy);
    if (held) return;
    this.guard.killedUnknown(framework, id, asked_at_ms);
    const message = 'the agent does not run this task';
    this.statuses.tell(framework, id, { state: 'TASK_KILLED', message });
  }

  private kill(held: HeldTask, policy: KillPolicy | undefined): void {
    const byExecutor = held.task.executor !== undefined && held.group === undefined;
    if (byExecutor) this.executors?.kill(held, policy);
    else this.tasks.kill(held, policy);
  }

  /** The executor of a command is the task itself. */
  private shutDownExecutor(framework: string, id: string): void {
    const { state } = this.parts;
    this.groups.shutDown(framework, id);
    this.executors?.shutDown(taskKey(framework, id));
    const held = state.tasks.get(taskKey(framework, id));
    if (held && !isOver(held) && executorIdOf(held.task) === id && !held.task.executor)
      this.kill(held, undefined);
  }

  /** Its machine goes down, or it is gone for the master: nothing is left running. */
  private shutDown(message: string): void {
    void this.endAll().then(() => this.parts.refused(message));
  }

  /** Tasks first: an executor that ends takes its tasks with it, and they have failed then. */
  private async endAll(graceMsMax?: number): Promise<void> {
    const { state } = this.parts;
    await untilOver(state, this.killAll(graceMsMax));
    this.executors?.shutDownAll();
    this.alone.killAll();
    await untilExited(state);
  }

  /** @returns keys of what was running */
  private killAll(graceMsMax = Infinity): string[] {
    const keys: string[] = [];
    for (const [key, held] of this.parts.state.tasks) {
      if (isOver(held)) continue;
      keys.push(key);
      const graceMs = Math.min(graceMsOf(held.task.kill_policy), graceMsMax);
      this.kill(held, { grace_period: { nanoseconds: graceMs * 1e6 } });
    }
    return keys;
  }
}
