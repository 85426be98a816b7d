import { never } from '../../../shared/errors.ts';
import type { ConfigId, InstanceRange, JobKey, TaskId } from '../../../shared/ids.ts';
import type { TaskAction, TaskPlace, TaskStatus, Transition } from '../../../shared/task-states.ts';
import { ACTION_ORDER, TRANSIENT_STATUSES, transition } from '../../../shared/task-states.ts';
import type { TaskRow, Write } from '../rows.ts';
import type { Tx } from '../tx.ts';
import { reschedule, wantsReplacement } from './reschedule.ts';

/** What else is known at a transition: why, and what a status update told about the container. */
export interface MoveDetail {
  readonly message?: string | undefined;
  readonly container?: string | undefined;
  readonly ip?: string | undefined;
  readonly healthy?: boolean | undefined;
}

const LOST_BY_PARTITION = 'Action performed on partitioned task, marking as LOST.';
const NANOS_PER_SECOND = 1e9;

/**
 * Moves a task by the table (shared/task-states.ts) and does everything that the table says goes with it, in its order. Illegal moves change nothing, but may still
 * send a kill: that is how zombies end. Everybody who wants a task to end goes through here.
 */
export function moveTask(tx: Tx, id: TaskId, to: TaskPlace, detail: MoveDetail = {}): Transition {
  const task = tx.world.tasks.get(id);
  const from: TaskPlace = task?.status ?? 'DELETED';
  const move = transition(from, to);
  if (!task) return move;
  let failures = task.failures;
  for (const action of ACTION_ORDER) {
    if (!move.actions.includes(action)) continue;
    if (action === 'count-failure') failures += 1;
    else perform(tx, task, action, to, failures, detail);
  }
  return move;
}

function perform(
  tx: Tx,
  task: TaskRow,
  action: Exclude<TaskAction, 'count-failure'>,
  to: TaskPlace,
  failures: number,
  detail: MoveDetail,
): void {
  switch (action) {
    case 'save':
      return tx.write(saveWrite(tx, task, to as TaskStatus, failures, detail));
    case 'reschedule':
    case 'reschedule-if-service':
    case 'reschedule-if-retries-left':
    case 'reschedule-unless-killed':
      if (wantsReplacement(tx, task, action)) reschedule(tx, task);
      return;
    case 'mark-lost':
      moveTask(tx, task.id, 'LOST', { message: LOST_BY_PARTITION });
      return;
    case 'kill':
      return killOnAgent(tx, task);
    case 'delete':
      return tx.write({ w: 'tasks-gone', ids: [task.id] });
    default:
      never(action);
  }
}

function saveWrite(tx: Tx, task: TaskRow, to: TaskStatus, failures: number, detail: MoveDetail): Write {
  const wake = wakeAfter(tx, to);
  return {
    w: 'task',
    id: task.id,
    from: task.status,
    to,
    atMs: tx.now,
    ...(wake === undefined ? {} : { wakeAtMs: wake }),
    ...(failures === task.failures ? {} : { failures }),
    ...defined(detail),
  };
}

/** When silence must end a transient status; a kill is repeated before that. */
function wakeAfter(tx: Tx, to: TaskStatus): number | undefined {
  const { limits } = tx.env;
  if (!TRANSIENT_STATUSES.has(to)) return undefined;
  return (
    tx.now +
    (to === 'KILLING' ? Math.min(limits.killRetryMs, limits.transientTimeoutMs) : limits.transientTimeoutMs)
  );
}

/** Asks the master to end a task; harmless when it has ended. */
export function killOnAgent(tx: Tx, task: Pick<TaskRow, 'id' | 'agent' | 'config'>): void {
  const grace = tx.world.configs.get(task.config)?.killGraceSecs;
  tx.call({
    type: 'KILL',
    kill: {
      task_id: { value: task.id },
      ...(task.agent === null ? {} : { agent_id: { value: task.agent } }),
      ...(grace === undefined
        ? {}
        : { kill_policy: { grace_period: { nanoseconds: grace * NANOS_PER_SECOND } } }),
    },
  });
}

/** New instances of a job, PENDING; one write however many. */
export function createTasks(
  tx: Tx,
  job: JobKey,
  config: ConfigId,
  ranges: readonly InstanceRange[],
  message?: string,
): void {
  if (ranges.length === 0) return;
  const nonce = tx.env.random.stream('task-id').uuid();
  tx.write({
    w: 'tasks-new',
    job,
    config,
    ranges,
    nonce,
    atMs: tx.now,
    ...(message === undefined ? {} : { message }),
  });
}

/** Without the fields that are undefined, as exact optional types want it. */
export function defined(detail: MoveDetail): {
  message?: string;
  container?: string;
  ip?: string;
  healthy?: boolean;
} {
  return Object.fromEntries(Object.entries(detail).filter(([, value]) => value !== undefined));
}
