import type { Core } from '../../server/core.ts';
import type { Connection } from '../../server/master/facts.ts';
import type { AgentCall, AgentEvent, AgentInfo, AgentTask } from '../../shared/mesos/agent.ts';
import type { TaskInfo, TaskStatus } from '../../shared/mesos/v1.ts';
import { TERMINAL_TASK_STATES } from '../../shared/mesos/v1.ts';
import { at, type Exchange, type JsonObject } from './recorded.ts';

/** What the recorded agent said of a task: which status, when, in the time of the recording. */
export interface Line {
  readonly atMs: number;
  readonly status: TaskStatus;
}

/** Every update with a uuid came from an agent: by task, in order, each once. */
export function linesOf(exchanges: readonly Exchange[]): Map<string, Line[]> {
  const lines = new Map<string, Line[]>();
  const seen = new Set<string>();
  for (const { events = [], atMs } of exchanges) {
    for (const { t, event } of events) {
      const status = at(event, 'update', 'status') as unknown as (TaskStatus & JsonObject) | undefined;
      if (!status?.uuid || seen.has(status.uuid)) continue;
      seen.add(status.uuid);
      const id = status.task_id.value;
      lines.set(id, [...(lines.get(id) ?? []), { atMs: atMs + t * 1000, status }]);
    }
  }
  return lines;
}

interface Running {
  readonly info: TaskInfo;
  readonly framework: string;
  readonly lines: Line[];
  readonly grouped: boolean;
  killed: boolean;
  /** Said, and not acknowledged yet. */
  inFlight: TaskStatus | null;
  latest: TaskStatus;
}

/** Plays an agent of a recording: says of each task what was said, no sooner than then, and each thing when the one before was acknowledged. */
export class ScriptedAgent {
  id = '';
  private core: Core;
  private readonly info: AgentInfo;
  private readonly script: ReadonlyMap<string, readonly Line[]>;
  private readonly tasks = new Map<string, Running>();
  private connection: Connection | null = null;
  private lives = 0;
  private nowMs = 0;
  private hung = false;
  private readonly executors = new Set<string>();

  constructor(core: Core, info: AgentInfo, script: ReadonlyMap<string, readonly Line[]>) {
    this.core = core;
    this.info = info;
    this.script = script;
  }

  /** Registers, or comes back with what it has. */
  start(): void {
    this.hung = false;
    const connection = `scripted/${this.info.hostname}/${this.info.port}/${(this.lives += 1)}` as Connection;
    this.connection = connection;
    this.core.agents.open(connection, { send: (event) => this.hear(event), close: () => this.leave() });
    const tasks = [...this.tasks.values()].map(({ info, framework, latest }): AgentTask => ({
      framework_id: { value: framework },
      task: info,
      status: latest,
    }));
    const known = this.id === '' ? {} : { id: { value: this.id } };
    this.core.agents.call(connection, {
      type: 'SUBSCRIBE',
      subscribe: { agent_info: { ...this.info, ...known }, tasks, boot_id: String(connection) },
    });
    for (const task of this.tasks.values()) if (task.inFlight) this.say(task, task.inFlight);
  }

  /** Does not answer, though its stream stands. */
  hang(): void {
    this.hung = true;
  }

  /** Its stream breaks. */
  leave(): void {
    if (this.connection) this.core.agents.closed(this.connection);
    this.connection = null;
  }

  /** Its master is gone, and another one there, of which it does not know yet. */
  outlive(core: Core): void {
    this.core = core;
    this.connection = null;
  }

  unregister(): void {
    if (this.connection)
      this.core.agents.call(this.connection, { type: 'UNREGISTER', agent_id: { value: this.id } });
  }

  /** Says what is due by then, in the time of the recording. */
  play(nowMs: number): void {
    this.nowMs = nowMs;
    if (!this.connection || this.hung) return;
    for (const task of this.tasks.values()) {
      const [next] = task.lines;
      if (!next || task.inFlight || next.atMs > nowMs) continue;
      if (next.status.state === 'TASK_KILLED' && !task.killed && !this.ownKill(task)) continue;
      if (next.status.state === 'TASK_KILLING' && !task.killed && !this.ownKill(task)) continue;
      task.lines.shift();
      const status = { ...next.status, agent_id: { value: this.id } };
      task.inFlight = status;
      task.latest = status;
      this.say(task, status);
    }
  }

  /** Killed by its own executor: for its health, its time, or because another of its group failed. */
  private ownKill({ latest, grouped }: Running): boolean {
    return grouped || latest.healthy === false || latest.state === 'TASK_KILLING';
  }

  private hear(event: AgentEvent): void {
    switch (event.type) {
      case 'SUBSCRIBED':
        this.id = event.subscribed.agent_id.value;
        break;
      case 'PING':
        if (this.connection && !this.hung)
          this.core.agents.call(this.connection, { type: 'PONG', agent_id: { value: this.id } });
        break;
      case 'RUN_TASK':
        this.run(event.run_task.task, event.run_task.framework_id.value);
        break;
      case 'RUN_TASK_GROUP': {
        const { task_group, framework_id, executor } = event.run_task_group;
        for (const task of task_group.tasks) this.run({ ...task, executor }, framework_id.value, true);
        break;
      }
      case 'KILL_TASK': {
        const task = this.tasks.get(event.kill_task.task_id.value);
        if (task) this.kill(task);
        break;
      }
      case 'DRAIN':
        for (const task of this.tasks.values()) this.kill(task);
        break;
      case 'SHUTDOWN_EXECUTOR': {
        const { executor_id } = event.shutdown_executor;
        for (const task of this.tasks.values())
          if ((task.info.executor?.executor_id ?? task.info.task_id).value === executor_id.value)
            this.kill(task);
        break;
      }
      case 'ACKNOWLEDGE': {
        const { task_id, uuid } = event.acknowledge;
        const task = this.tasks.get(task_id.value);
        if (task?.inFlight?.uuid !== uuid) break;
        const { state } = task.inFlight;
        task.inFlight = null;
        if (TERMINAL_TASK_STATES.has(state)) this.tasks.delete(task_id.value);
        break;
      }
      case 'ERROR':
        throw new Error(event.error.message);
    }
  }

  private run(info: TaskInfo, framework: string, grouped = false): void {
    if (info.executor) this.executors.add(info.executor.executor_id.value);
    const id = info.task_id.value;
    const latest: TaskStatus = { task_id: info.task_id, state: 'TASK_STAGING' };
    const lines = [...(this.script.get(id) ?? [])];
    this.tasks.set(id, { info, framework, lines, grouped, killed: false, inFlight: null, latest });
  }

  private kill(task: Running): void {
    task.killed = true;
    // Nobody was left to hear how it ended: that was not recorded, but it ended.
    if (task.lines.length > 0 || TERMINAL_TASK_STATES.has(task.latest.state)) return;
    const uuid = Buffer.from(`end of ${task.info.task_id.value}`.padEnd(16).slice(0, 16));
    const ended = { ...task.latest, state: 'TASK_KILLED', uuid: uuid.toString('base64') } as const;
    task.lines.push({ atMs: 0, status: ended });
  }

  hasRun(executor: string): boolean {
    return this.executors.has(executor);
  }

  /** What comes of itself: from executors, or of them. */
  tell(call: Extract<AgentCall, { type: 'FRAMEWORK_MESSAGE' | 'EXITED_EXECUTOR' }>): void {
    if (this.connection) this.core.agents.call(this.connection, call);
  }

  private say(task: Running, status: TaskStatus): void {
    if (!this.connection) return;
    const framework_id = { value: task.framework };
    // Said one after another as they are acknowledged; but made when they were.
    const made = task.lines.filter((line) => (line.status.timestamp ?? Infinity) * 1000 <= this.nowMs);
    const latest_state = made.at(-1)?.status.state ?? task.latest.state;
    const update = { framework_id, status, latest_state };
    this.core.agents.call(this.connection, { type: 'UPDATE', agent_id: { value: this.id }, update });
  }
}
