import type { MesosHandler } from './respond.ts';
import { schedulerEndpoint, type SchedulerParts } from './scheduler.ts';

export type MesosParts = SchedulerParts;

/** Everything that a Mesos master answers, by path: each is found with and without `/master`, and for longer paths too. */
export function mesosRoutes(parts: MesosParts): ReadonlyMap<string, MesosHandler> {
  return new Map([['api/v1/scheduler', schedulerEndpoint(parts)]]);
}
