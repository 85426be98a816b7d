import { legacyFiles } from './legacy/files.ts';
import { legacyReads } from './legacy/reads.ts';
import { legacyWrites } from './legacy/writes.ts';
import { operatorEndpoint } from './operator/endpoint.ts';
import type { OperatorParts } from './operator/parts.ts';
import { OperatorStream } from './operator/stream.ts';
import type { MesosHandler } from '../../libprocess/respond.ts';
import { schedulerEndpoint, type SchedulerParts } from './scheduler.ts';

export type MesosParts = SchedulerParts & OperatorParts;

/** Everything that a Mesos master answers, by path: each is found with and without `/master`, and for longer paths too. */
export function mesosRoutes(parts: MesosParts): ReadonlyMap<string, MesosHandler> {
  const stream = new OperatorStream(parts.master, parts.operators, parts.clock);
  return new Map([
    ...legacyReads(parts, () => stream.size),
    ...legacyWrites(parts),
    ...legacyFiles(),
    ['api/v1', operatorEndpoint(parts, stream)],
    ['api/v1/scheduler', schedulerEndpoint(parts)],
  ]);
}
