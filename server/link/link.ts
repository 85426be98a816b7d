import type { Call, Event } from '../../shared/mesos/scheduler.ts';

/** Where a link says what happened; each becomes one fact of the scheduler, in this order. */
export interface LinkListener {
  /** The way to the master is open, and the scheduler may subscribe; or it is not, and what was offered is void. */
  link(up: boolean): void;
  event(event: Event): void;
}

/**
 * Between the scheduler and a master. In one process it hands values over; over HTTP it speaks v1 to a Mesos master. The engine sends calls only after
 * the commit they rest on. Calls made while the link is down are dropped: after the next subscription the scheduler asks about everything anew.
 */
export interface Link {
  start(): void;
  send(calls: readonly Call[]): void;
  close(): void;
}
