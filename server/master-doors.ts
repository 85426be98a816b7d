/** Where Mesos's paths of a master begin: with one that leads, or that stands by. */
import type { Core } from './core.ts';
import type { Clock } from './engine/clock.ts';
import { challengeOf } from './http/auth/authenticate.ts';
import type { Door } from './http/front.ts';
import { mesosRoutes } from './http/mesos/routes.ts';
import { standbyRoutes, type StandbyParts } from './http/mesos/standby.ts';
import { mesosDoor } from './libprocess/door.ts';
import type { MesosHandler } from './libprocess/respond.ts';
import type { logger } from './log.ts';
import type { MasterOptions } from './options.ts';
import type { StandbyDoor } from './stand.ts';

interface DoorParts {
  readonly clock: Clock;
  readonly startedAtMs: number;
  readonly log: ReturnType<typeof logger>;
}

/** Of one that leads. */
export function masterDoor(options: MasterOptions, parts: DoorParts, core: Core): Door {
  const { master, frameworks, operators } = core;
  const electedAtMs = parts.clock.now();
  const routes = mesosRoutes({
    ...aboutProcess(options, parts),
    hub: frameworks,
    operators,
    master,
    masterId: master.id,
    electedAtMs,
  });
  return doorTo(options, parts, routes);
}

/** Of one that stands by. @param isElsewhere the master: then none of its paths are here */
export function standbyDoor(options: MasterOptions, parts: DoorParts, isElsewhere: boolean): StandbyDoor {
  return (leadership) =>
    isElsewhere
      ? () => false
      : doorTo(options, parts, standbyRoutes(aboutProcess(options, parts), leadership));
}

function aboutProcess(
  { name, flags, masterLimits, listening: { advertised } }: MasterOptions,
  { clock, startedAtMs }: DoorParts,
): StandbyParts {
  return { clock, startedAtMs, advertised, cluster: name, flags, acls: masterLimits.acls };
}

function doorTo(
  { listening, authentication }: MasterOptions,
  { log }: DoorParts,
  routes: ReadonlyMap<string, MesosHandler>,
): Door {
  const refused = authentication && challengeOf(authentication);
  return mesosDoor({ routes, process: 'master', hosts: listening.hosts, refused, log });
}
