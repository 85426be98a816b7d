/**
 * The scheduling core against a pretend master: `decide` is called directly, agents are counters, messages wait in `inbox` until a test delivers them, in
 * whatever order it likes. After every fact the invariants are asked, and the writes so far, replayed from their JSON, must give the same world.
 */
import { expect } from 'vitest';
import type { Command, CommandDone } from '../../shared/command.ts';
import type { Result } from '../../shared/errors.ts';
import type { AgentId, JobKey, TaskId } from '../../shared/ids.ts';
import type { Job } from '../../shared/job/config.ts';
import type { Call, Event } from '../../shared/mesos/scheduler.ts';
import type { TaskInfo, TaskState, TaskStatus } from '../../shared/mesos/v1.ts';
import { seededRandom } from '../../server/random.ts';
import type { AgentView } from '../../server/scheduler/capacity.ts';
import { loadWorld, saveWorld } from '../../server/scheduler/checkpoint.ts';
import { decide } from '../../server/scheduler/decide.ts';
import type { Env, Fact, Limits } from '../../server/scheduler/facts.ts';
import { LIMITS } from '../../server/scheduler/facts.ts';
import { check } from '../../server/scheduler/invariants.ts';
import type { TaskRow, UpdateRow, Write } from '../../server/scheduler/rows.ts';
import { rearm } from '../../server/scheduler/task/rearm.ts';
import { Tx } from '../../server/scheduler/tx.ts';
import type { World } from '../../server/scheduler/world.ts';
import { nextWake } from '../../server/scheduler/wake.ts';
import { apply, emptyWorld } from '../../server/scheduler/world.ts';
import type { AgentShape } from './pretend-master.ts';
import { PretendMaster } from './pretend-master.ts';

const ACTOR = { user: 'ann', from: 'test' } as const;

export class SchedulerHarness {
  world: World = emptyWorld();
  now = 1_000_000;
  readonly calls: Call[] = [];
  readonly writes: Write[] = [];
  readonly limits: Limits;
  readonly master = new PretendMaster();
  /** What a launched task reports by itself, and what a killed one does; empty: it keeps silent. */
  onLaunch: (info: TaskInfo) => readonly TaskState[] = () => ['TASK_RUNNING'];
  onKill: (id: TaskId) => readonly TaskState[] = () => ['TASK_KILLED'];
  /** Everything that the writes alone tell; compared with the living world after each fact. */
  private replayed: World = emptyWorld();
  private readonly random: Env['random'];

  constructor(options: { readonly seed?: number; readonly limits?: Partial<Limits> } = {}) {
    this.random = seededRandom(options.seed ?? 1);
    this.limits = { ...LIMITS, ...options.limits };
    this.start();
  }

  get env(): Env {
    return { now: this.now, random: this.random, limits: this.limits };
  }

  /** One turn of the engine: the fact, then the settling that ends a turn. Returns the answer and what this turn called. */
  step(fact: Fact): { readonly reply: Result<CommandDone> | null; readonly calls: readonly Call[] } {
    const outcome = decide(this.world, fact, this.env);
    const settled = decide(this.world, { kind: 'settle' }, this.env);
    const calls = [...outcome.calls, ...settled.calls];
    this.keep([...outcome.writes, ...settled.writes]);
    this.calls.push(...calls);
    for (const call of calls) this.master.receive(call, this);
    return { reply: outcome.reply, calls };
  }

  private keep(writes: readonly Write[]): void {
    for (const write of writes) apply(this.replayed, JSON.parse(JSON.stringify(write)) as Write);
    this.writes.push(...writes);
    expect(check(this.world)).toEqual([]);
    expect(saveWorld(this.replayed)).toEqual(saveWorld(this.world));
  }

  // Operators ------------------------------------------------------------------------------------------------------------------

  command(command: Command): Result<CommandDone> {
    const { reply } = this.step({ kind: 'command', command, actor: ACTOR });
    if (!reply) throw new Error('a command was not answered');
    return reply;
  }

  submit(job: Job, only?: readonly (readonly [number, number])[]): Result<CommandDone> {
    return this.command({ kind: 'job.submit', job, ...(only ? { only } : {}) });
  }

  /** Submits and lets everything come to rest. */
  run(job: Job): void {
    expect(this.submit(job).ok).toBe(true);
    this.deliverAll();
  }

  // Time and messages ------------------------------------------------------------------------------------------------------------

  agent(host: string, shape: AgentShape = {}): void {
    this.master.addAgent(host, shape);
    this.deliverAll();
  }

  /** Delivers one waiting message, the oldest unless told otherwise. */
  deliver(at = 0): void {
    const [event] = this.master.inbox.splice(at, 1);
    if (event) this.event(event);
  }

  deliverAll(): void {
    for (let turns = 0; this.master.inbox.length > 0; turns++) {
      if (turns > 100_000) throw new Error('the messages do not come to an end');
      this.deliver();
    }
  }

  event(event: Event): readonly Call[] {
    const { calls } = this.step({ kind: 'event', event });
    const status = event.type === 'UPDATE' ? event.update.status : undefined;
    if (status?.uuid !== undefined) {
      const acknowledged = calls.filter((call) => call.type === 'ACKNOWLEDGE');
      expect(acknowledged.map((call) => call.acknowledge.uuid)).toEqual([status.uuid]);
    }
    return calls;
  }

  /** A status update of a task, at once. */
  report(id: TaskId, state: TaskState, more: Partial<TaskStatus> = {}): readonly Call[] {
    return this.event(this.master.statusOf(id, state, more));
  }

  /** Lets time pass, stopping wherever a timer is due. Waiting messages come first, later ones at once. */
  advance(seconds: number): void {
    const endMs = this.now + seconds * 1000;
    this.deliverAll();
    for (let wakes = 0; ; wakes++) {
      if (wakes > 10_000) throw new Error('the timers do not come to an end');
      const wakeMs = nextWake(this.world);
      const due = wakeMs !== undefined && wakeMs <= endMs;
      this.now = due ? Math.max(this.now, wakeMs) : endMs;
      this.step({ kind: 'time' });
      this.deliverAll();
      if (!due) return;
    }
  }

  /** The scheduler ends and starts again from what it saved; the master offers anew. */
  restart(): void {
    const text = JSON.stringify(saveWorld(this.world));
    this.world = loadWorld(JSON.parse(text) as ReturnType<typeof saveWorld>);
    this.replayed = loadWorld(JSON.parse(text) as ReturnType<typeof saveWorld>);
    this.start();
  }

  /** As server/core.ts starts a scheduler: timers first, then the link. */
  private start(): void {
    const tx = new Tx(this.world, this.env);
    rearm(tx);
    this.keep(tx.writes);
    this.step({ kind: 'link', up: true });
    this.event({ type: 'SUBSCRIBED', subscribed: { framework_id: { value: 'framework-1' } } });
    this.master.offerAll();
  }

  /** The agents as plans and explanations want to know them. */
  views(): AgentView[] {
    return [...this.master.agents.values()].map((agent) => ({
      agent: agent.host as AgentId,
      host: agent.host,
      attributes: agent.attributes,
      free: agent.free,
      total: agent.total,
      unavailableAtMs: agent.unavailableAtMs ?? Infinity,
    }));
  }

  // What there is ----------------------------------------------------------------------------------------------------------------

  /** The active task of an instance. */
  task(key: JobKey, instance = 0): TaskRow {
    const id = this.world.activeByJob.get(key)?.get(instance);
    const task = id === undefined ? undefined : this.world.tasks.get(id);
    if (!task) throw new Error(`${key}/${instance} has no active task`);
    return task;
  }

  /** Active instances with what they run, `0 RUNNING v1`, ascending; the version is the job's shell line. */
  instances(key: JobKey): string[] {
    return [...(this.world.activeByJob.get(key)?.keys() ?? [])]
      .sort((a, b) => a - b)
      .map((instance) => {
        const { status, config } = this.task(key, instance);
        const command = this.world.configs.get(config)?.command;
        return `${instance} ${status} ${command?.kind === 'shell' ? command.line : ''}`;
      });
  }

  /** The newest update of a job. */
  update(key: JobKey): UpdateRow {
    const update = this.world.updates.get(this.world.updatesByJob.get(key)?.at(-1) ?? ('' as never));
    if (!update) throw new Error(`${key} was never updated`);
    return update;
  }

  killsOf(id: TaskId): number {
    return this.calls.filter((call) => call.type === 'KILL' && call.kill.task_id.value === id).length;
  }
}
