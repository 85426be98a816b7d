import type { Actor, Command, CommandDone } from '../../../shared/command.ts';
import type { Acls } from '../../../shared/mesos/acls.ts';
import type { Result } from '../../../shared/errors.ts';
import type { PlanReport } from '../../scheduler/plan.ts';
import type { World } from '../../scheduler/world.ts';
import type { Committed, Journal } from '../../store/journal.ts';
import type { Log } from '../server.ts';
import type { Fleet } from './fleet.ts';

/** What the console API stands on. Worlds are read, never changed; commands go through the engine. */
export interface ConsoleContext {
  readonly info: {
    readonly name: string;
    readonly version: string;
    readonly pid: number;
    readonly startedAtMs: number;
    readonly store: string;
  };
  /** Known once the server listens. */
  url(): string;
  scheduler(): World;
  readonly fleet: Fleet;
  /** Who may see and do what; undefined: everybody everything. */
  readonly acls: Acls | undefined;
  /** As whom tasks run that name nobody. */
  readonly frameworkUser: string;
  readonly journal: Journal;
  now(): number;
  /** Resolves when the outcome is durable. */
  command(command: Command, actor: Actor): Promise<Result<CommandDone>>;
  plan(command: Command, actor: Actor): PlanReport;
  onCommitted(listener: (batch: Committed) => void): () => void;
  readonly log: Log;
}
