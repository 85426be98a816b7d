/**
 * Updates without placement and without a master: a test says what becomes of each task. Smaller than the whole core, so that a rule of updates can be
 * tested alone. After every step the invariants are asked.
 */
import { expect } from 'vitest';
import { seededRandom } from '../../server/random.ts';
import { loadWorld, saveWorld } from '../../server/scheduler/checkpoint.ts';
import type { Env } from '../../server/scheduler/facts.ts';
import { LIMITS } from '../../server/scheduler/facts.ts';
import { check } from '../../server/scheduler/invariants.ts';
import { handleCommand } from '../../server/scheduler/job/commands.ts';
import type { TaskRow, UpdateRow } from '../../server/scheduler/rows.ts';
import { moveTask } from '../../server/scheduler/task/move.ts';
import { fireTimers } from '../../server/scheduler/task/timers.ts';
import { Tx } from '../../server/scheduler/tx.ts';
import { advanceUpdates } from '../../server/scheduler/update/advance.ts';
import type { World } from '../../server/scheduler/world.ts';
import { emptyWorld } from '../../server/scheduler/world.ts';
import type { Command, CommandDone } from '../../shared/command.ts';
import type { Result } from '../../shared/errors.ts';
import type { AgentId, InstanceRange, JobKey } from '../../shared/ids.ts';
import type { Job } from '../../shared/job/config.ts';
import type { TaskStatus } from '../../shared/task-states.ts';
import type { UpdateCommand } from '../../shared/update-states.ts';

export class UpdateDriver {
  world: World = emptyWorld();
  now = 1_000_000;
  readonly key: JobKey;
  private readonly random = seededRandom(1);

  constructor(key: string) {
    this.key = key as JobKey;
  }

  /** What happens in `what`, then the end of a turn. */
  turn<Value>(what: (tx: Tx) => Value): Value {
    const env: Env = { now: this.now, random: this.random, limits: LIMITS };
    const tx = new Tx(this.world, env);
    const value = what(tx);
    advanceUpdates(tx);
    expect(check(this.world)).toEqual([]);
    return value;
  }

  command(command: Command): Result<CommandDone> {
    return this.turn((tx) => handleCommand(tx, command, { user: 'ann', from: 'test' }));
  }

  submit(job: Job, only?: readonly InstanceRange[]): Result<CommandDone> {
    return this.command({ kind: 'job.submit', job, ...(only ? { only } : {}) });
  }

  steer(command: UpdateCommand, message?: string): Result<CommandDone> {
    return this.command({
      kind: 'update.command',
      command,
      key: this.key,
      ...(message === undefined ? {} : { message }),
    });
  }

  /** The active task of an instance reports a status; a pending one is placed for it. */
  report(instance: number, to: TaskStatus, message?: string): void {
    this.turn((tx) => {
      const task = this.task(instance);
      if (task.status === 'PENDING') place(tx, task);
      moveTask(tx, task.id, to, { message });
    });
  }

  /** Old tasks die when asked to, new ones run at once, except those of `stuck` instances, which stay as they are. */
  obey(stuck: readonly number[] = []): void {
    for (let turns = 0; turns < 1000; turns++) {
      const next = this.active().find(
        (task) => !stuck.includes(task.instance) && (task.status === 'KILLING' || task.status === 'PENDING'),
      );
      if (!next) return;
      this.report(next.instance, next.status === 'KILLING' ? 'KILLED' : 'RUNNING');
    }
    throw new Error('the tasks do not come to rest');
  }

  /** Second after second, with everything done that is asked for. */
  pass(seconds: number, stuck: readonly number[] = []): void {
    for (let second = 0; second < seconds; second++) {
      this.obey(stuck);
      this.now += 1000;
      this.turn(fireTimers);
    }
    this.obey(stuck);
  }

  restart(): void {
    this.world = loadWorld(saveWorld(this.world));
    this.turn(() => undefined);
  }

  active(): TaskRow[] {
    const ids = [...(this.world.activeByJob.get(this.key)?.values() ?? [])];
    return ids.flatMap((id) => this.world.tasks.get(id) ?? []).sort((a, b) => a.instance - b.instance);
  }

  task(instance: number): TaskRow {
    const task = this.active().find((each) => each.instance === instance);
    if (!task) throw new Error(`instance ${instance} has no active task`);
    return task;
  }

  update(): UpdateRow {
    const update = [...this.world.updates.values()].at(-1);
    if (!update) throw new Error('there was no update');
    return update;
  }
}

function place(tx: Tx, { id }: TaskRow): void {
  const placed = { agent: 'agent-1' as AgentId, host: 'host-1', ports: {} };
  tx.write({ w: 'task', id, from: 'PENDING', to: 'ASSIGNED', atMs: tx.now, placed });
}
