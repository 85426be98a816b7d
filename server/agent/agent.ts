import { randomUUID } from 'node:crypto';
import type { AgentCall, AgentEvent, AgentInfo } from '../../shared/mesos/agent.ts';
import type { KillPolicy, TaskInfo, TaskStatus } from '../../shared/mesos/v1.ts';
import { TERMINAL_TASK_STATES } from '../../shared/mesos/v1.ts';
import type { Containerizer, ContainerizerHost, TaskReport } from './containerizer.ts';
import { EndedTasks } from './ended.ts';
import type { HealthWatch } from './health.ts';
import { watchHealth } from './health.ts';
import { shutDownByHttp } from './lifecycle.ts';
import type { MasterLink } from './master-link.ts';
import { isOver, untilOver } from './over.ts';
import type { AgentState, HeldTask } from './state.ts';
import { statusOf } from './status-of.ts';
import { StatusSender } from './status-sender.ts';

const GRACE_MS_DEFAULT = 5_000;

export interface AgentParts {
  readonly info: Omit<AgentInfo, 'id'>;
  readonly state: AgentState;
  readonly link: MasterLink;
  containerizer(host: ContainerizerHost): Containerizer;
  readonly clock: AgentClock;
  log(message: string, detail?: Readonly<Record<string, unknown>>): void;
  /** The master refused us for good. */
  refused(message: string): void;
}

export interface AgentClock {
  now(): number;
  at(atMs: number, run: () => void): () => void;
}

/** One agent: runs what the master says, tells it what became of it until it is acknowledged, and forgets nothing over its own restarts. */
export class Agent {
  readonly containerizer: Containerizer;
  private readonly parts: AgentParts;
  private readonly sender: StatusSender;
  private readonly bootId = randomUUID();
  private readonly health = new Map<string, HealthWatch>();
  private readonly killing = new Set<string>();
  private readonly ended: EndedTasks;

  constructor(parts: AgentParts) {
    this.parts = parts;
    this.containerizer = parts.containerizer({
      onReport: (report) => this.report(report),
      log: (message, detail) => parts.log(message, detail),
    });
    this.ended = new EndedTasks(this.containerizer, parts.log);
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

  get taskCount(): number {
    return [...this.parts.state.tasks.values()].filter((held) => !isOver(held)).length;
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
      case 'KILL_TASK':
        return this.killOrAnswer(
          event.kill_task.framework_id.value,
          event.kill_task.task_id.value,
          event.kill_task.kill_policy,
        );
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
    if (state.tasks.has(id)) return;
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
    const { state, link } = this.parts;
    const held = state.tasks.get(id);
    if (held && !isOver(held)) return this.kill(id, policy ?? held.task.kill_policy);
    // Nothing of that name runs here: say so, once, without a uuid, so that it need not be acknowledged.
    if (held || state.agentId === undefined) return;
    const { uuid: _uuid, ...status } = this.status(id, {
      taskId: id,
      state: 'TASK_KILLED',
      message: 'the agent does not run this task',
    });
    link.send({
      type: 'UPDATE',
      agent_id: { value: state.agentId },
      update: { framework_id: { value: framework }, status },
    });
  }

  private kill(id: string, policy: KillPolicy | undefined): void {
    const graceMs = policy?.grace_period ? policy.grace_period.nanoseconds / 1e6 : GRACE_MS_DEFAULT;
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
    const watch = watchHealth(task, this.containerizer, {
      onHealthy: (message) =>
        this.report({
          taskId: id,
          state: 'TASK_RUNNING',
          healthy: true,
          reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED',
          message,
        }),
      onUnhealthy: (message) =>
        this.report({
          taskId: id,
          state: 'TASK_RUNNING',
          healthy: false,
          reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED',
          message,
        }),
      onFailed: (message) => {
        this.unhealthy.set(id, message);
        this.kill(id, task.kill_policy);
      },
    });
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
