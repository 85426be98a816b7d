import { TERMINAL_TASK_STATES, type TaskStatus } from '../../shared/mesos/v1.ts';
import type { MasterLink } from './master-link.ts';
import type { AgentClock } from './parts.ts';
import { type AgentState, type HeldTask, type NewTask, keyOf, taskKey } from './state.ts';
import { type Word, statusOf } from './status-of.ts';
import { StatusSender } from './status-sender.ts';

interface Listener {
  /** The master has it: whoever reported it need not repeat it. */
  onAcknowledged(held: HeldTask, uuid: string): void;
  /** It is over and the master knows. */
  onForgotten(held: HeldTask): void;
}

/** What is said of tasks: on disk first, then to the master until it has acknowledged it. */
export class Statuses {
  private readonly state: AgentState;
  private readonly link: MasterLink;
  private readonly clock: AgentClock;
  private readonly listener: Listener;
  private readonly sender: StatusSender;

  constructor(state: AgentState, link: MasterLink, clock: AgentClock, listener: Listener) {
    this.state = state;
    this.link = link;
    this.clock = clock;
    this.listener = listener;
    this.sender = new StatusSender(state, link, clock);
  }

  up(): void {
    this.sender.up();
  }

  down(): void {
    this.sender.down();
  }

  close(): void {
    this.sender.close();
  }

  /** A task that the agent answers for from now on, and what is said of it first. */
  hold(task: Omit<NewTask, 'status'>, executorId: string, word: Word): HeldTask {
    const id = task.task.task_id.value;
    const status = this.make(id, executorId, word);
    this.state.addTask({ ...task, status }, [status]);
    const key = taskKey(task.framework, id);
    this.sender.send(key);
    return this.state.tasks.get(key)!;
  }

  /** Says something of a task of a command or of a group. */
  say(held: HeldTask, executorId: string | undefined, word: Word): void {
    const status = this.make(held.task.task_id.value, executorId, word);
    const isLost = status.state === 'TASK_DROPPED' && !this.knowsPartitions(held.framework);
    this.record(held, isLost ? { ...status, state: 'TASK_LOST' } : status);
  }

  /** A status that is whole, as executors send them. Of a task that is over nothing more is said. */
  record(held: HeldTask, status: TaskStatus): void {
    if (isOver(held)) return;
    const key = keyOf(held);
    this.state.addStatus(key, status);
    this.sender.send(key);
  }

  acknowledged(key: string, uuid: string): void {
    const held = this.state.tasks.get(key);
    if (!held || !this.sender.acknowledge(key, uuid)) return;
    this.listener.onAcknowledged(held, uuid);
    if (!isOver(held) || held.pending.length > 0) return;
    this.state.forget(key);
    this.listener.onForgotten(held);
  }

  /** Says something of a task that is not held here: once, without a uuid, so that it need not be acknowledged. */
  tell(framework: string, taskId: string, word: Word): void {
    const { agentId } = this.state;
    if (agentId === undefined) return;
    const { uuid: _uuid, ...status } = this.make(taskId, undefined, word);
    this.link.send({
      type: 'UPDATE',
      agent_id: { value: agentId },
      update: { framework_id: { value: framework }, status },
    });
  }

  /** Others know of TASK_LOST alone. */
  private knowsPartitions(framework: string): boolean {
    const capabilities = this.state.frameworks.get(framework)?.capabilities ?? [];
    return capabilities.some(({ type }) => type === 'PARTITION_AWARE');
  }

  private make(taskId: string, executorId: string | undefined, word: Word): TaskStatus {
    return statusOf(word, {
      taskId,
      executorId,
      agentId: this.state.agentId,
      nowMs: this.clock.now(),
    });
  }
}

export function isOver(held: HeldTask): boolean {
  return TERMINAL_TASK_STATES.has(held.status.state);
}
