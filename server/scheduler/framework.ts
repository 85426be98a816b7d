import type { FrameworkId } from '../../shared/ids.ts';
import type { Call } from '../../shared/mesos/scheduler.ts';

/** The role that our resources are offered to. */
export const FRAMEWORK_ROLE = 'dawn';

/** As whom tasks run that name nobody. */
export const FRAMEWORK_USER = 'dawn';

/** Aurora's framework_failover_timeout, 21 days: tasks outlive a long absence of the scheduler. */
const FAILOVER_TIMEOUT_S = 21 * 24 * 3600;

/** SUBSCRIBE, as the framework we were before if there was one; with offers or, while nothing is wanted, without. */
export function subscribeCall(framework: FrameworkId | null, wantsOffers: boolean): Call {
  const id = framework === null ? undefined : { value: framework };
  return {
    type: 'SUBSCRIBE',
    ...(id ? { framework_id: id } : {}),
    subscribe: {
      framework_info: {
        user: FRAMEWORK_USER,
        name: 'Dawn',
        roles: [FRAMEWORK_ROLE],
        checkpoint: true,
        failover_timeout: FAILOVER_TIMEOUT_S,
        capabilities: [
          { type: 'MULTI_ROLE' },
          { type: 'PARTITION_AWARE' },
          { type: 'RESERVATION_REFINEMENT' },
          { type: 'GPU_RESOURCES' },
        ],
        ...(id ? { id } : {}),
      },
      ...(wantsOffers ? {} : { suppressed_roles: [FRAMEWORK_ROLE] }),
    },
  };
}
