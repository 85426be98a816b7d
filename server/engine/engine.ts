import { refuse, type Result } from '../../shared/errors.ts';
import type { Call } from '../../shared/mesos/scheduler.ts';
import type { MasterEffect, MasterFact, MasterLimits, MasterWrite } from '../master/facts.ts';
import type { MasterWorld } from '../master/world.ts';
import { decide as decideMaster } from '../master/decide.ts';
import { nextWake as nextMasterWake } from '../master/wake.ts';
import type { Random } from '../random.ts';
import { decide as decideScheduler } from '../scheduler/decide.ts';
import type { Actor, Command, CommandDone, Fact, Limits } from '../scheduler/facts.ts';
import type { Write } from '../scheduler/rows.ts';
import type { World } from '../scheduler/world.ts';
import { nextWake as nextSchedulerWake } from '../scheduler/wake.ts';
import type { CommandRecord, Committed, Journal } from '../store/journal.ts';
import { StoreFull } from '../store/journal.ts';
import type { Clock } from './clock.ts';

/** Facts decided in one turn, so that one commit does not hold up I/O for long. */
const FACTS_PER_TURN_MAX = 5_000;

export interface EngineParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  readonly masterLimits: MasterLimits;
  /** Null where the scheduler drives a master elsewhere. */
  readonly master: MasterWorld | null;
  /** Calls of the scheduler, after the commit they rest on. */
  sendCalls(calls: readonly Call[]): void;
  /** Effects of the master, after the commit. */
  perform(effects: readonly MasterEffect[]): void;
  /** Rebuilds the scheduler's world from the journal; needed when a commit was refused for want of space. */
  reload(): World;
  /** The outcome of a commit is unknown (I/O error): the process must end and recover from what is on disk. */
  fatal(error: unknown): void;
}

type Input =
  | {
      readonly core: 'scheduler';
      readonly fact: Fact;
      readonly reply?: (result: Result<CommandDone>) => void;
    }
  | { readonly core: 'master'; readonly fact: MasterFact };

interface Turn {
  readonly writes: Write[];
  readonly masterWrites: MasterWrite[];
  readonly commands: CommandRecord[];
  readonly calls: Call[];
  readonly effects: MasterEffect[];
  readonly replies: (() => void)[];
  readonly refusals: ((result: Result<CommandDone>) => void)[];
}

/**
 * The only loop: facts queue up; a turn decides them all, commits once, and only then lets calls, effects and replies out and publishes the
 * batch. Nothing is awaited between deciding and committing, so turns never interleave.
 */
export class Engine {
  world: World;
  private readonly parts: EngineParts;
  private queue: Input[] = [];
  private scheduled = false;
  private closed = false;
  private cancelTimer: (() => void) | undefined;
  private timerAtMs: number | undefined;
  /** Registry writes of a turn whose commit found the disk full; they go with the next. */
  private owedMasterWrites: MasterWrite[] = [];
  private readonly listeners = new Set<(batch: Committed) => void>();

  constructor(world: World, parts: EngineParts) {
    this.world = world;
    this.parts = parts;
  }

  /** Queues a fact for the scheduler. */
  submit(fact: Fact): void {
    this.enqueue({ core: 'scheduler', fact });
  }

  /** Queues a fact for the master. */
  submitToMaster(fact: MasterFact): void {
    this.enqueue({ core: 'master', fact });
  }

  /** An operator's command; resolves when its outcome is durable. */
  command(command: Command, actor: Actor): Promise<Result<CommandDone>> {
    return new Promise((resolve) => {
      if (this.closed) resolve(refuse('unavailable', 'the server is stopping'));
      else this.enqueue({ core: 'scheduler', fact: { kind: 'command', command, actor }, reply: resolve });
    });
  }

  /** Called with every batch after its commit, in order. Returns the way to stop it. */
  onCommitted(listener: (batch: Committed) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Decides and commits what is queued, then stops taking facts. */
  close(): void {
    while (!this.closed && this.queue.length > 0) this.turn();
    this.closed = true;
    this.cancelTimer?.();
  }

  private enqueue(input: Input): void {
    if (this.closed) return;
    this.queue.push(input);
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.parts.clock.soon(() => {
      this.scheduled = false;
      this.turn();
    });
  }

  private turn(): void {
    if (this.closed) return;
    const now = this.parts.clock.now();
    const inputs = this.queue.splice(0, FACTS_PER_TURN_MAX);
    const turn: Turn = {
      writes: [],
      masterWrites: [],
      commands: [],
      calls: [],
      effects: [],
      replies: [],
      refusals: [],
    };
    for (const input of inputs) {
      if (input.core === 'scheduler') this.decide(turn, now, input.fact, input.reply);
      else this.decideMaster(turn, now, input.fact);
    }
    this.decide(turn, now, { kind: 'settle' });
    this.decideMaster(turn, now, { kind: 'settle' });
    const committed = this.commit(turn, now);
    if (committed) {
      this.letOut(turn);
      if (committed !== 'nothing') for (const listener of this.listeners) listener(committed);
    }
    this.armTimer();
    if (this.queue.length > 0) this.schedule();
  }

  private decide(turn: Turn, now: number, fact: Fact, reply?: (result: Result<CommandDone>) => void): void {
    const { random, limits } = this.parts;
    const outcome = decideScheduler(this.world, fact, { now, random, limits });
    append(turn.writes, outcome.writes);
    append(turn.calls, outcome.calls);
    if (fact.kind !== 'command' || !outcome.reply) return;
    const result = outcome.reply;
    turn.commands.push({
      id: random.stream('command-id').uuid(),
      atMs: now,
      actor: fact.actor,
      command: fact.command,
      refused: result.ok ? null : result.error,
    });
    if (!reply) return;
    turn.replies.push(() => reply(result));
    turn.refusals.push(reply);
  }

  private decideMaster(turn: Turn, now: number, fact: MasterFact): void {
    const { master, random, masterLimits } = this.parts;
    if (!master) return;
    const outcome = decideMaster(master, fact, { now, random, limits: masterLimits });
    append(turn.masterWrites, outcome.writes);
    append(turn.effects, outcome.effects);
  }

  /** One transaction for the whole turn. Null: the turn did not happen. */
  private commit(turn: Turn, atMs: number): Committed | 'nothing' | null {
    const { writes: scheduler, commands } = turn;
    const master = [...this.owedMasterWrites, ...turn.masterWrites];
    if (scheduler.length === 0 && master.length === 0 && commands.length === 0) return 'nothing';
    try {
      const committed = this.parts.journal.append({ atMs, commands, scheduler, master });
      this.owedMasterWrites = [];
      return committed;
    } catch (error) {
      if (error instanceof StoreFull) this.forget(turn, master);
      else {
        this.closed = true;
        this.parts.fatal(error);
      }
      return null;
    }
  }

  /**
   * The disk is full: the turn never happened for the scheduler, whose world is read back. What it was told is asked for again by
   * subscribing anew (offers, unacknowledged updates); agents keep what they run.
   */
  private forget(turn: Turn, master: MasterWrite[]): void {
    this.owedMasterWrites = master;
    this.world = this.parts.reload();
    for (const reply of turn.refusals) {
      reply(
        refuse(
          'store_full',
          'the disk of the server is full; nothing was changed',
          'free some space and try again',
        ),
      );
    }
    this.parts.perform(turn.effects);
    this.parts.clock.at(this.parts.clock.now() + 1000, () => {
      this.submit({ kind: 'link', up: false });
      this.submit({ kind: 'link', up: true });
    });
  }

  private letOut(turn: Turn): void {
    if (turn.calls.length > 0) this.parts.sendCalls(turn.calls);
    if (turn.effects.length > 0) this.parts.perform(turn.effects);
    for (const reply of turn.replies) reply();
  }

  /** One timer for everything that waits: the earlier of the two cores' next wakes. */
  private armTimer(): void {
    if (this.closed) return;
    const { clock, master } = this.parts;
    const wakes = [nextSchedulerWake(this.world), master ? nextMasterWake(master) : undefined].filter(
      (at) => at !== undefined,
    );
    const atMs = wakes.length > 0 ? Math.min(...wakes) : undefined;
    if (atMs === this.timerAtMs) return;
    this.cancelTimer?.();
    this.timerAtMs = atMs;
    if (atMs === undefined) return;
    this.cancelTimer = clock.at(atMs, () => {
      this.timerAtMs = undefined;
      this.submit({ kind: 'time' });
      this.submitToMaster({ kind: 'time' });
    });
  }
}

/** Without spreading into arguments, of which a call takes only so many. */
function append<Item>(list: Item[], more: readonly Item[]): void {
  for (const item of more) list.push(item);
}
