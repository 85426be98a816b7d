import type { TaskStatus } from '../../shared/mesos/v1.ts';
import { hasCapability } from './framework-problem.ts';
import type { MasterTx } from './tx.ts';
import type { MasterFramework } from './entities.ts';

/** What the master has to say about a task. */
export interface Told {
  readonly state:
    | 'TASK_UNREACHABLE'
    | 'TASK_DROPPED'
    | 'TASK_GONE'
    | 'TASK_GONE_BY_OPERATOR'
    | 'TASK_UNKNOWN'
    | 'TASK_LOST'
    | 'TASK_ERROR';
  readonly reason: string;
  readonly message: string;
  /** Since when the agent is out of reach. */
  readonly sinceMs?: number;
}

/** States that only frameworks with PARTITION_AWARE understand; others hear TASK_LOST. */
const PARTITION_STATES: ReadonlySet<Told['state']> = new Set([
  'TASK_UNREACHABLE',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
  'TASK_UNKNOWN',
]);

/** An update that the master makes itself: no uuid, so it is neither acknowledged nor repeated. */
export function masterUpdate(
  tx: MasterTx,
  framework: MasterFramework | undefined,
  task: { readonly id: string; readonly agent?: string },
  { state, reason, message, sinceMs }: Told,
): { type: 'UPDATE'; update: { status: TaskStatus } } {
  const aware = framework !== undefined && hasCapability(framework.info, 'PARTITION_AWARE');
  const status: TaskStatus = {
    task_id: { value: task.id },
    state: PARTITION_STATES.has(state) && !aware ? 'TASK_LOST' : state,
    source: 'SOURCE_MASTER',
    reason: !aware && reason === 'REASON_AGENT_REMOVED_BY_OPERATOR' ? 'REASON_AGENT_REMOVED' : reason,
    message,
    timestamp: tx.now / 1000,
    ...(task.agent === undefined ? {} : { agent_id: { value: task.agent } }),
    ...(state === 'TASK_UNREACHABLE' ? { unreachable_time: { nanoseconds: (sinceMs ?? tx.now) * 1e6 } } : {}),
  };
  return { type: 'UPDATE', update: { status } };
}
