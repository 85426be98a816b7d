import type { Call } from '../../shared/mesos/scheduler.ts';
import type { Connection, MasterFact } from '../master/facts.ts';
import type { Link, LinkListener } from './link.ts';

/** The name of our scheduler's stream. */
export const IN_PROCESS = 'in-process' as Connection;

/** Scheduler and master in one process: calls are handed over as values; events come back as effects of the master to `IN_PROCESS`. */
export function inProcessLink(submitToMaster: (fact: MasterFact) => void, listener: LinkListener): Link {
  return {
    start: () => listener.link(true),
    send(calls: readonly Call[]) {
      for (const call of calls) submitToMaster({ kind: 'framework-call', connection: IN_PROCESS, call });
    },
    close: () => submitToMaster({ kind: 'framework-closed', connection: IN_PROCESS }),
  };
}
