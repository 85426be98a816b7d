/** What a task went through, as operators see it. */
import type { TaskStatus } from '../../shared/mesos/v1.ts';
import { TERMINAL_TASK_STATES } from '../../shared/mesos/v1.ts';
import type { MasterTask } from './entities.ts';
import type { MasterTx } from './tx.ts';

/** Told to operators even if the state is as before. */
const CHECK_REASONS: ReadonlySet<string> = new Set([
  'REASON_TASK_CHECK_STATUS_UPDATED',
  'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED',
]);

/**
 * Writes a status down and tells operators if it moved the task. One status is kept per state: of two in a row the later one. `data` is the framework's business and is not
 * kept. A task that ended does not move any more.
 * @param latest the newest state that the agent knows of, where `status` is an earlier one
 */
export function noteStatus(tx: MasterTx, task: MasterTask, status: TaskStatus, latest = status.state): void {
  const moved = !TERMINAL_TASK_STATES.has(task.state) && task.state !== latest;
  if (moved) task.state = latest;
  const { data: _data, ...kept } = status;
  const { statuses } = task;
  task.statuses = [...(statuses.at(-1)?.state === status.state ? statuses.slice(0, -1) : statuses), kept];
  if (!moved && !CHECK_REASONS.has(status.reason ?? '')) return;
  const framework_id = { value: task.framework };
  tx.toOperators({ type: 'TASK_UPDATED', framework_id, status: kept, state: task.state });
}

/** An agent came (back) with the task: what the master itself had said of it meanwhile is void. */
export function relearnStatus(task: MasterTask, status: TaskStatus): void {
  task.state = status.state;
  task.statuses = learntStatuses(
    task.statuses.filter(({ source }) => source !== 'SOURCE_MASTER'),
    status,
  );
}

export function learntStatuses(known: readonly TaskStatus[], status: TaskStatus): readonly TaskStatus[] {
  if (status.state === 'TASK_STAGING' || known.some(({ state }) => state === status.state)) return known;
  const { data: _data, ...kept } = status;
  return [...known, kept];
}
