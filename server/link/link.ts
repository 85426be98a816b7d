import type { Call } from '../../shared/mesos/v1.ts';

/**
 * Between the scheduler and a master. In one process it hands values over; later it speaks v1 HTTP to an existing Mesos. The engine
 * sends calls only after the commit they rest on.
 */
export interface Link {
  send(calls: readonly Call[]): void;
  close(): void;
}
