/**
 * The task state machine, as a table: from → to → what else happens. Aurora's TaskStateMachine
 * (TaskStateMachine.java, SideEffect.java), cell by cell; the machine itself is a look-up (`transition`).
 */
export const TASK_STATUSES = [
  'THROTTLED',
  'PENDING',
  'ASSIGNED',
  'STARTING',
  'RUNNING',
  'PREEMPTING',
  'RESTARTING',
  'DRAINING',
  'PARTITIONED',
  'KILLING',
  'FINISHED',
  'FAILED',
  'KILLED',
  'LOST',
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** `INIT`: not created yet. `DELETED`: no such task (pruned, or never existed). Neither is ever stored. */
export type TaskPlace = TaskStatus | 'INIT' | 'DELETED';

/**
 * Side effects besides saving the state, executed in this order inside one decision:
 * failures are counted before the replacement copies the count; the kill goes out last but for deletion.
 */
export const ACTION_ORDER = [
  'count-failure',
  'save',
  'reschedule',
  'reschedule-if-service',
  'reschedule-if-retries-left',
  'reschedule-unless-killed',
  'mark-lost',
  'kill',
  'delete',
] as const;
export type TaskAction = (typeof ACTION_ORDER)[number];

type Row = Partial<Record<TaskPlace, readonly TaskAction[]>>;

const FAILED: readonly TaskAction[] = ['count-failure', 'save', 'reschedule-if-retries-left'];
const SAVE: readonly TaskAction[] = ['save'];
const KILL: readonly TaskAction[] = ['save', 'kill'];
const LOSE: readonly TaskAction[] = ['mark-lost'];
const DELETE: readonly TaskAction[] = ['delete'];

/** On an agent and nobody has asked it to stop. */
const LIVE_ON_AGENT: Row = {
  FINISHED: ['save', 'reschedule-if-service'],
  FAILED,
  KILLED: ['save', 'reschedule'],
  LOST: ['save', 'reschedule'],
  KILLING: KILL,
  RESTARTING: KILL,
  DRAINING: KILL,
  PREEMPTING: KILL,
};

/** Asked to stop so that it runs elsewhere: RESTARTING, DRAINING, PREEMPTING. */
const MOVING: Row = {
  FINISHED: ['save', 'reschedule'],
  FAILED: ['save', 'reschedule'],
  KILLED: ['save', 'reschedule'],
  LOST: ['save', 'reschedule', 'kill'],
  PARTITIONED: LOSE,
  // The kill is already out; the kill retry covers a lost one. A user's kill wins: no replacement afterwards.
  KILLING: SAVE,
};

const TERMINAL: Row = { DELETED: DELETE };

export const TASK_TABLE = {
  INIT: { PENDING: SAVE, THROTTLED: SAVE },
  THROTTLED: { PENDING: SAVE, KILLING: DELETE },
  PENDING: { ASSIGNED: SAVE, KILLING: DELETE },
  ASSIGNED: {
    ...LIVE_ON_AGENT,
    STARTING: SAVE,
    RUNNING: SAVE,
    LOST: ['save', 'reschedule', 'kill'],
  },
  STARTING: { ...LIVE_ON_AGENT, RUNNING: SAVE, PARTITIONED: SAVE },
  RUNNING: { ...LIVE_ON_AGENT, PARTITIONED: SAVE },
  PREEMPTING: MOVING,
  RESTARTING: MOVING,
  DRAINING: MOVING,
  PARTITIONED: {
    RUNNING: SAVE,
    STARTING: SAVE,
    ASSIGNED: SAVE,
    FINISHED: SAVE,
    FAILED,
    LOST: ['save', 'reschedule-unless-killed', 'kill'],
    KILLING: LOSE,
    RESTARTING: LOSE,
    DRAINING: LOSE,
    PREEMPTING: LOSE,
  },
  KILLING: {
    FINISHED: SAVE,
    FAILED: SAVE,
    KILLED: SAVE,
    LOST: SAVE,
    PARTITIONED: LOSE,
    DELETED: DELETE,
  },
  FINISHED: TERMINAL,
  FAILED: TERMINAL,
  KILLED: TERMINAL,
  LOST: TERMINAL,
  DELETED: {},
} as const satisfies Record<TaskPlace, Row>;

export const TERMINAL_STATUSES: ReadonlySet<TaskPlace> = new Set(['FINISHED', 'FAILED', 'KILLED', 'LOST']);
/** Everything that holds an instance: not terminal, exists. */
export const ACTIVE_STATUSES: ReadonlySet<TaskPlace> = new Set(
  TASK_STATUSES.filter((s) => !TERMINAL_STATUSES.has(s)),
);
/** Active and placed on an agent (Aurora SLAVE_ASSIGNED). */
export const ASSIGNED_STATUSES: ReadonlySet<TaskPlace> = new Set(
  [...ACTIVE_STATUSES].filter((s) => s !== 'PENDING' && s !== 'THROTTLED'),
);
/**
 * Time out to LOST when nothing is heard (Aurora TaskTimeout). STARTING is not among them: health checks bound it
 * on the agent.
 */
export const TRANSIENT_STATUSES: ReadonlySet<TaskPlace> = new Set([
  'ASSIGNED',
  'PREEMPTING',
  'RESTARTING',
  'KILLING',
  'DRAINING',
]);

/**
 * A live report for a task that we hold dead, dying or unknown: refused, but the container must go (zombie, orphan).
 * Aurora: terminal, KILLING, RESTARTING, DRAINING, PREEMPTING or unknown × ASSIGNED/STARTING/RUNNING.
 */
const LIVE_REPORTS: ReadonlySet<TaskPlace> = new Set(['ASSIGNED', 'STARTING', 'RUNNING']);
const UNWANTED: ReadonlySet<TaskPlace> = new Set([
  ...TERMINAL_STATUSES,
  'KILLING',
  'RESTARTING',
  'DRAINING',
  'PREEMPTING',
  'DELETED',
]);

export type Transition =
  | { readonly kind: 'moved'; readonly actions: readonly TaskAction[] }
  | { readonly kind: 'same'; readonly actions: readonly TaskAction[] }
  | { readonly kind: 'illegal'; readonly actions: readonly TaskAction[] };

/** The whole state machine: what going from `from` to `to` means. Total: every pair has an answer. */
export function transition(from: TaskPlace, to: TaskPlace): Transition {
  if (from === to) return { kind: 'same', actions: [] };
  const actions = (TASK_TABLE[from] as Row)[to];
  if (actions) return { kind: 'moved', actions };
  return { kind: 'illegal', actions: UNWANTED.has(from) && LIVE_REPORTS.has(to) ? ['kill'] : [] };
}
