/** The short answers of the operator API: those that are written anew each time. */
import type { MasterInfo } from '../../../../shared/mesos/v1.ts';
import { processAnswer } from '../../../libprocess/process-calls.ts';
import type { LoggingLevel } from '../../../libprocess/logging-level.ts';
import { maintenanceSchedule, maintenanceStatus } from './maintenance.ts';
import { metricsOf } from './metrics.ts';
import type { MasterCall, OperatorParts } from './parts.ts';
import { amountsOf, quotaStatus, roleRows, scalarResource } from './roles.ts';
import { add } from '../../../../shared/mesos/bundle.ts';

export interface ReadContext {
  readonly parts: OperatorParts;
  readonly logging: LoggingLevel;
  readonly watchers: number;
  /** This master as the caller reached it. */
  readonly info: () => MasterInfo;
}

/** The field of mesos.v1.master.Response that answers a call; undefined: it is no call of this kind. */
export function readAnswer({ type }: MasterCall, context: ReadContext): object | undefined {
  const { parts, logging, watchers, info } = context;
  const { master, clock, startedAtMs, electedAtMs, flags } = parts;
  const metrics = (): ReadonlyMap<string, number> =>
    metricsOf(parts.whole ?? master, {
      nowMs: clock.now(),
      startedAtMs,
      elected: electedAtMs !== null,
      watchers,
    });
  switch (type) {
    // Reservations and volumes are done when they are decided: none is ever pending.
    case 'GET_OPERATIONS':
      return {};
    case 'GET_ROLES':
      return rolesAnswer(context);
    case 'GET_WEIGHTS':
      return orNothing(
        'weight_infos',
        [...master.roles.weights].map(([role, weight]) => ({ weight, role })),
      );
    case 'GET_QUOTA':
      return { status: quotaStatus(master) };
    case 'GET_MASTER':
      return {
        master_info: info(),
        start_time: startedAtMs / 1000,
        elected_time: (electedAtMs ?? 0) / 1000,
      };
    case 'GET_MAINTENANCE_STATUS':
      return { status: maintenanceStatus(parts) };
    case 'GET_MAINTENANCE_SCHEDULE':
      return { schedule: maintenanceSchedule(parts) };
    default:
      return processAnswer(type, { flags, logging, metrics });
  }
}

function rolesAnswer({ parts }: ReadContext): object {
  const roles = roleRows(parts).map(({ name, weight, frameworks, allocated, offered }) => {
    const scalars = add(allocated, offered).filter(({ type }) => type === 'SCALAR');
    const resources = [...amountsOf(scalars)].map(([each, value]) => scalarResource([each, value * 1000]));
    return {
      name,
      weight,
      ...orNothing(
        'frameworks',
        frameworks.map((value) => ({ value })),
      ),
      ...orNothing('resources', resources),
    };
  });
  return orNothing('roles', roles);
}

/** Outside of the long lists an empty list is not printed. */
function orNothing(name: string, list: readonly object[]): object {
  return list.length === 0 ? {} : { [name]: list };
}
