import { randomUUID } from 'node:crypto';
import type { AgentCall, AgentEvent } from '../../shared/mesos/agent.ts';
import type { KillPolicy, TaskInfo, TaskStatus } from '../../shared/mesos/v1.ts';
import { TERMINAL_TASK_STATES } from '../../shared/mesos/v1.ts';
import type { Containerizer, TaskReport } from './containerizer.ts';
import { EndedTasks } from './ended.ts';
import type { HealthWatch } from './health.ts';
import { watchHealth } from './health.ts';
import { healthReports } from './health-reports.ts';
import { graceMsOf, shutDownByHttp } from './lifecycle.ts';
import { isOver, untilOver } from './over.ts';
import type { AgentParts } from './parts.ts';
import { whyRefused } from './refusals.ts';
import { Refuser } from './refuser.ts';
import type { HeldTask } from './state.ts';
import { statusOf } from './status-of.ts';
import { StatusSender } from './status-sender.ts';

type TaskGroup = Extract<AgentEvent, { type: 'RUN_TASK_GROUP' }>['run_task_group'];

/** One agent: runs what the master says, tells it what became of it until it is acknowledged, and forgets nothing over its own restarts. */
export class Agent {
  readonly containerizer: Containerizer;
  private readonly parts: AgentParts;
  private readonly sender: StatusSender;
  private readonly bootId = randomUUID();
  private readonly health = new Map<string, HealthWatch>();
  private readonly killing = new Set<string>();
  private readonly ended: EndedTasks;
  private readonly refuser: Refuser;

  constructor(parts: AgentParts) {
    this.parts = parts;
    this.containerizer = parts.containerizer({
      onReport: (report) => this.report(report),
      log: (message, detail) => parts.log(message, detail),
    });
    this.ended = new EndedTasks(this.containerizer, parts.log);
    this.refuser = new Refuser(parts.state, parts.link, (report) => this.status(report.taskId, report));
    this.sender = new StatusSender(parts.state, parts.link, parts.clock, (id) => this.acknowledged(id));
  }

  /** Takes over what an earlier life left running, then registers. */
  async start(): Promise<void> {
    const { state, clock } = this.parts;
    const live = [...state.tasks.values()].filter((held) => !isOver(held));
    const found = await this.containerizer.recover(live.map((held) => held.task));
    for (const held of live) this.takeOver(held, found.has(held.task.task_id.value));
    // Ended and acknowledged in an earlier life, which did not come to removing them.
    for (const id of found) if (!state.tasks.has(id)) this.ended.add(id, clock.now());
    this.parts.link.start(() => this.subscribeCall(), {
      onEvent: (event) => this.handle(event),
      onDown: () => this.sender.down(),
    });
  }

  /** With `killTasks`, ends everything first and unregisters; without, containers go on running for the next life. */
  async close({ killTasks }: { readonly killTasks: boolean }): Promise<void> {
    const { state, link } = this.parts;
    if (killTasks) {
      const ids = [...state.tasks.keys()].filter((id) => !isOver(state.tasks.get(id)!));
      for (const id of ids) this.kill(id, { grace_period: { nanoseconds: 2e9 } });
      await untilOver(state, ids);
      for (const id of this.ended.ids) await this.containerizer.remove(id);
      for (const id of state.tasks.keys()) await this.containerizer.remove(id);
      if (state.agentId !== undefined) link.send({ type: 'UNREGISTER', agent_id: { value: state.agentId } });
    }
    for (const watch of this.health.values()) watch.stop();
    this.sender.close();
    await link.close();
    await this.containerizer.close();
    state.close();
  }

  private subscribeCall(): AgentCall {
    const { info, state } = this.parts;
    const id = state.agentId === undefined ? {} : { id: { value: state.agentId } };
    const tasks = [...state.tasks.values()].map(({ framework, task, status }) => ({
      framework_id: { value: framework },
      task,
      status,
    }));
    return { type: 'SUBSCRIBE', subscribe: { agent_info: { ...info, ...id }, tasks, boot_id: this.bootId } };
  }

  private handle(event: AgentEvent): void {
    const { state, link } = this.parts;
    switch (event.type) {
      case 'SUBSCRIBED': {
        const id = event.subscribed.agent_id.value;
        if (state.agentId !== id) state.setAgentId(id);
        this.parts.log('registered', { agent: id });
        return this.sender.up();
      }
      case 'PING':
        if (state.agentId !== undefined) link.send({ type: 'PONG', agent_id: { value: state.agentId } });
        return;
      case 'RUN_TASK':
        return this.run(event.run_task.framework_id.value, event.run_task.task);
      case 'RUN_TASK_GROUP':
        return this.refuseGroup(event.run_task_group);
      case 'KILL_TASK':
        return this.killOrAnswer(
          event.kill_task.framework_id.value,
          event.kill_task.task_id.value,
          event.kill_task.kill_policy,
        );
      case 'SHUTDOWN_EXECUTOR':
        // The executor of a command is the task itself.
        return this.killHeld((id) => id === event.shutdown_executor.executor_id.value);
      case 'DRAIN':
        return this.killHeld(() => true, event.drain.max_grace_ms);
      case 'SHUTDOWN':
        return this.shutDown(event.shutdown.message);
      // Tasks are killed one by one; there are neither executors nor volumes.
      case 'SHUTDOWN_FRAMEWORK':
      case 'FRAMEWORK_MESSAGE':
      case 'CHECKPOINT_RESOURCES':
        return;
      case 'ACKNOWLEDGE':
        return this.sender.acknowledge(event.acknowledge.task_id.value, event.acknowledge.uuid);
      case 'ERROR':
        return this.parts.refused(event.error.message);
    }
  }

  /** The intent is on disk before the container is made, so that a crash in between leaves no container that nobody knows. */
  private run(framework: string, task: TaskInfo): void {
    const { state } = this.parts;
    const id = task.task_id.value;
    const held = state.tasks.get(id);
    if (held?.framework === framework) return;
    const refused = held ? 'a task of this id, of another framework, is on this agent' : whyRefused(task);
    if (refused !== null) return this.refuser.refuse(framework, task, refused);
    state.addTask(framework, task, this.status(id, { taskId: id, state: 'TASK_STARTING' }));
    this.sender.send(id);
    this.containerizer.launch(task);
  }

  private takeOver(held: HeldTask, found: boolean): void {
    const id = held.task.task_id.value;
    if (found || held.status.state === 'TASK_STARTING') this.containerizer.launch(held.task);
    else
      this.report({
        taskId: id,
        state: 'TASK_LOST',
        reason: 'REASON_AGENT_RESTARTED',
        message: 'its container was gone when the agent came back',
      });
  }

  private killOrAnswer(framework: string, id: string, policy: KillPolicy | undefined): void {
    const known = this.parts.state.tasks.get(id);
    const held = known?.framework === framework ? known : undefined;
    if (held && !isOver(held)) return this.kill(id, policy ?? held.task.kill_policy);
    if (!held)
      this.refuser.tell(framework, {
        taskId: id,
        state: 'TASK_KILLED',
        message: 'the agent does not run this task',
      });
  }

  private refuseGroup({ framework_id, task_group }: TaskGroup): void {
    for (const task of task_group.tasks)
      this.refuser.refuse(framework_id.value, task, whyRefused(task) ?? 'this agent runs no task groups');
  }

  /** Its machine goes down, or it is gone for the master: nothing is left running. */
  private shutDown(message: string): void {
    const { state } = this.parts;
    this.killHeld(() => true);
    void untilOver(state, [...state.tasks.keys()]).then(() => this.parts.refused(message));
  }

  private killHeld(wanted: (id: string) => boolean, graceMsMax = Infinity): void {
    for (const [id, held] of this.parts.state.tasks) {
      if (isOver(held) || !wanted(id)) continue;
      const graceMs = Math.min(graceMsOf(held.task.kill_policy), graceMsMax);
      this.kill(id, { grace_period: { nanoseconds: graceMs * 1e6 } });
    }
  }

  private kill(id: string, policy: KillPolicy | undefined): void {
    const graceMs = graceMsOf(policy);
    const task = this.parts.state.tasks.get(id)?.task;
    const first = !this.killing.has(id);
    this.killing.add(id);
    this.health.get(id)?.stop();
    const asked = first && task ? shutDownByHttp(task, () => !this.killing.has(id)) : undefined;
    if (asked) void asked.then(() => this.containerizer.kill(id, graceMs));
    else this.containerizer.kill(id, graceMs);
  }

  private report(report: TaskReport): void {
    const { state } = this.parts;
    const held = state.tasks.get(report.taskId);
    if (!held || isOver(held)) return;
    const repeated = held.status.state === report.state && held.status.healthy === report.healthy;
    if (repeated && held.status.container_status?.container_id?.value === report.container) return;
    state.addStatus(report.taskId, this.status(report.taskId, report));
    if (TERMINAL_TASK_STATES.has(report.state)) {
      this.health.get(report.taskId)?.stop();
      this.health.delete(report.taskId);
      this.killing.delete(report.taskId);
    } else if (report.state === 'TASK_RUNNING' && report.healthy === undefined) this.watch(held.task);
    this.sender.send(report.taskId);
  }

  private watch(task: TaskInfo): void {
    const id = task.task_id.value;
    if (!task.health_check || this.health.has(id)) return;
    const watch = watchHealth(
      task,
      this.containerizer,
      healthReports(
        task,
        (report) => this.report(report),
        (message) => {
          this.unhealthy.set(id, message);
          this.kill(id, task.kill_policy);
        },
      ),
    );
    this.health.set(id, watch);
  }

  /** Tasks that are being ended for their health, and what the check said. */
  private readonly unhealthy = new Map<string, string>();

  private status(id: string, report: TaskReport): TaskStatus {
    const { state, clock } = this.parts;
    const sick = TERMINAL_TASK_STATES.has(report.state) ? this.unhealthy.get(id) : undefined;
    if (sick !== undefined) this.unhealthy.delete(id);
    const before = state.tasks.get(id)?.status.container_status;
    return statusOf({ report, sick, before, agentId: state.agentId, nowMs: clock.now() });
  }

  /** The end of a task is known to whom it concerns: only what its logs need is kept, for a while. */
  private acknowledged(id: string): void {
    const { state, clock } = this.parts;
    const held = state.tasks.get(id);
    if (!held || !isOver(held) || held.pending.length > 0) return;
    state.forget(id);
    this.ended.add(id, clock.now());
  }
}
