/** What can happen to the scheduler, and what it answers with. */
import type { Actor, Command, CommandDone } from '../../shared/command.ts';
import type { Result } from '../../shared/errors.ts';
import type { Call, Event } from '../../shared/mesos/scheduler.ts';
import type { Random } from '../random.ts';
import type { Write } from './rows.ts';

export type { Actor, Command, CommandDone } from '../../shared/command.ts';

export type Fact =
  | { readonly kind: 'command'; readonly command: Command; readonly actor: Actor }
  /** An event of the master we are a framework of. */
  | { readonly kind: 'event'; readonly event: Event }
  /** The link to the master came up (subscribe) or went away (offers are void). */
  | { readonly kind: 'link'; readonly up: boolean }
  /** Timers that are due by `env.now`. */
  | { readonly kind: 'time' }
  /** End of a turn: advance the updates and place the groups that the facts of this turn marked. */
  | { readonly kind: 'settle' };

export interface Limits {
  readonly tasksPerJobMax: number;
  readonly updateHistoryPerJobMax: number;
  readonly taskHistoryPerJobMax: number;
  /** Aurora's transient_task_state_timeout, 5 min. */
  readonly transientTimeoutMs: number;
  /** Aurora's initial_task_kill_retry_interval 15 s, doubling to 5 min. */
  readonly killRetryMs: number;
  readonly killRetryMaxMs: number;
  /** Aurora's flapping_task_threshold 5 min; initial 30 s, max 5 min of penalty. */
  readonly flappingThresholdMs: number;
  readonly flappingInitialMs: number;
  readonly flappingMaxMs: number;
  /** Aurora's history_prune_threshold 2 d and min retention 1 h. */
  readonly taskHistoryMs: number;
  readonly taskHistoryMinMs: number;
  /** Explicit reconciliation: first 1 min after subscription and then each hour in Aurora; ours at once, then every 10 min. */
  readonly reconcileEveryMs: number;
}

export const LIMITS: Limits = {
  tasksPerJobMax: 4000,
  updateHistoryPerJobMax: 10,
  taskHistoryPerJobMax: 100,
  transientTimeoutMs: 5 * 60_000,
  killRetryMs: 15_000,
  killRetryMaxMs: 5 * 60_000,
  flappingThresholdMs: 5 * 60_000,
  flappingInitialMs: 30_000,
  flappingMaxMs: 5 * 60_000,
  taskHistoryMs: 2 * 24 * 3_600_000,
  taskHistoryMinMs: 3_600_000,
  reconcileEveryMs: 10 * 60_000,
};

/** Time and chance come from outside, so that the same facts give the same journal. */
export interface Env {
  readonly now: number;
  readonly random: Random;
  readonly limits: Limits;
}

export interface Outcome {
  /** To the caller of a command; null for every other fact. */
  readonly reply: Result<CommandDone> | null;
  /** Already applied to the world; to be committed BEFORE any call leaves. */
  readonly writes: readonly Write[];
  /** To the master, AFTER the commit, in this order. */
  readonly calls: readonly Call[];
}
