import type { TaskId } from '../../../shared/ids.ts';
import type { TaskStatus as MesosStatus } from '../../../shared/mesos/v1.ts';
import { TERMINAL_TASK_STATES } from '../../../shared/mesos/v1.ts';
import type { TaskStatus } from '../../../shared/task-states.ts';
import type { TaskRow } from '../rows.ts';
import type { Tx } from '../tx.ts';
import type { MoveDetail } from './move.ts';
import { defined, killOnAgent, moveTask } from './move.ts';

/** Reasons whose text Aurora replaces, because people asked what it meant. */
const REWRITTEN: Readonly<Record<string, string>> = {
  REASON_CONTAINER_LIMITATION_MEMORY: 'Task used more memory than requested.',
  REASON_CONTAINER_LIMITATION_DISK: 'Task used more disk than requested.',
};

/** A status update: what the task did, acknowledged once that is written. Repeated updates change nothing. */
export function handleStatus(tx: Tx, status: MesosStatus): void {
  const task = tx.world.tasks.get(status.task_id.value as TaskId);
  if (task) report(tx, task, status);
  else if (!TERMINAL_TASK_STATES.has(status.state)) {
    // Nobody knows it: an orphan of a store that lost it, or a task we gave up. It must go.
    killOnAgent(tx, {
      id: status.task_id.value as TaskId,
      agent: (status.agent_id?.value ?? null) as TaskRow['agent'],
      config: '' as TaskRow['config'],
    });
  }
  if (status.uuid !== undefined && status.agent_id) {
    tx.call({
      type: 'ACKNOWLEDGE',
      acknowledge: { agent_id: status.agent_id, task_id: status.task_id, uuid: status.uuid },
    });
  }
}

function report(tx: Tx, task: TaskRow, status: MesosStatus): void {
  const to = statusOf(tx, task, status);
  const detail: MoveDetail = {
    message: messageOf(status, to),
    container: status.container_status?.container_id?.value,
    ip: status.container_status?.network_infos?.[0]?.ip_addresses[0]?.ip_address,
    healthy: status.healthy,
  };
  if (to !== undefined && to !== task.status) {
    const move = moveTask(tx, task.id, to, detail);
    if (move.kind === 'illegal' && move.actions.includes('kill')) return;
    if (move.kind === 'moved' && to === 'PARTITIONED') loseAtOnce(tx, task);
    if (move.kind !== 'illegal') return;
  }
  note(tx, task, detail);
}

/** Partition policy: reschedule without delay, Aurora's default. */
function loseAtOnce(tx: Tx, task: TaskRow): void {
  if (task.status === 'PARTITIONED')
    moveTask(tx, task.id, 'LOST', { message: 'Task partitioned for too long.' });
}

function note(tx: Tx, task: TaskRow, { container, ip, healthy }: MoveDetail): void {
  const news = defined({
    container: container === task.container ? undefined : container,
    ip: ip === task.ip ? undefined : ip,
    healthy: healthy === task.healthy ? undefined : healthy,
  });
  if (Object.keys(news).length > 0) tx.write({ w: 'task-note', id: task.id, ...news });
}

/**
 * Mesos's state in Aurora's words. RUNNING means healthy: a task with a health check counts as STARTING until it was healthy once; one that was killed
 * for its health has FAILED. Undefined: nothing new.
 */
function statusOf(tx: Tx, task: TaskRow, status: MesosStatus): TaskStatus | undefined {
  switch (status.state) {
    case 'TASK_STAGING':
      // The master launched it, no agent has said a word: the launch may be lost, and the timeout of ASSIGNED must stand.
      return task.status === 'ASSIGNED' ? undefined : liveOnly(task, 'STARTING');
    case 'TASK_STARTING':
      return task.status === 'ASSIGNED' || task.status === 'PARTITIONED'
        ? 'STARTING'
        : liveOnly(task, 'STARTING');
    case 'TASK_RUNNING': {
      const checked = (tx.world.configs.get(task.config)?.healthCheck ?? null) !== null;
      if (checked && status.healthy !== true)
        return task.status === 'ASSIGNED' || task.status === 'PARTITIONED'
          ? 'STARTING'
          : liveOnly(task, 'STARTING');
      return 'RUNNING';
    }
    case 'TASK_KILLING':
      return undefined;
    case 'TASK_FINISHED':
      return 'FINISHED';
    case 'TASK_FAILED':
      return 'FAILED';
    case 'TASK_KILLED':
      return status.healthy === false && task.status !== 'KILLING' ? 'FAILED' : 'KILLED';
    case 'TASK_UNREACHABLE':
    case 'TASK_UNKNOWN':
      return task.status === 'ASSIGNED' ? 'LOST' : 'PARTITIONED';
    case 'TASK_LOST':
    case 'TASK_ERROR':
    case 'TASK_DROPPED':
    case 'TASK_GONE':
    case 'TASK_GONE_BY_OPERATOR':
      return 'LOST';
  }
}

/** Starting again makes sense only of a task that should not live; the table then answers with a kill. */
function liveOnly(task: TaskRow, to: TaskStatus): TaskStatus | undefined {
  return task.status === 'RUNNING' || task.status === 'STARTING' ? undefined : to;
}

function messageOf(status: MesosStatus, to: TaskStatus | undefined): string | undefined {
  const rewritten = REWRITTEN[status.reason ?? ''];
  if (rewritten !== undefined) return rewritten;
  if (status.state === 'TASK_KILLED' && to === 'FAILED')
    return `Failed health check! ${status.message ?? ''}`.trim();
  return status.message === '' ? undefined : shortened(status.message);
}

/** How a command ended, in a table's width: `exit 3`. Mesos's executors take a sentence for it, which would hide what follows. */
function shortened(message: string | undefined): string | undefined {
  return message?.replace(/^(?:Command|Container) exited with status (?=\d+)/, 'exit ');
}
