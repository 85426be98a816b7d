import type { MesosResource, Offer } from '../../../shared/mesos/v1.ts';
import type { Resources } from '../../../shared/resources.ts';
import {
  NO_RESOURCES,
  addResources,
  fromMesos,
  isEmpty,
  subtractPorts,
  subtractResources,
  toMesos,
} from '../../../shared/resources.ts';
import { FRAMEWORK_ROLE } from '../framework.ts';

/** What makes resources of one name different things to Mesos: a task must ask for them in the very words in which they were offered. */
type Like = Pick<MesosResource, 'role' | 'reservations' | 'allocation_info'>;

/** Resources of one kind that an offer brings. */
export interface Pool {
  readonly like: Like;
  readonly reserved: boolean;
  readonly free: Resources;
}

/**
 * What of an offer tasks may use: what is reserved to the role it is allocated to (or to a role above it), and what is not reserved. Left out are volumes,
 * disks with a source, shared and revocable resources and those of resource providers: they need operations that we do not ask for.
 */
export function poolsOf(offer: Pick<Offer, 'resources' | 'allocation_info'>): Pool[] {
  const pools = new Map<string, Pool>();
  for (const resource of offer.resources) {
    const role = resource.allocation_info?.role ?? offer.allocation_info?.role ?? FRAMEWORK_ROLE;
    const reservedTo = reservationOf(resource);
    if (!isPlain(resource) || (reservedTo !== undefined && !isWithin(role, reservedTo))) continue;
    const like: Like = {
      ...(resource.role === undefined ? {} : { role: resource.role }),
      ...(resource.reservations === undefined ? {} : { reservations: resource.reservations }),
      allocation_info: { role },
    };
    const key = reservedTo === undefined && resource.role === undefined ? role : JSON.stringify(like);
    const before = pools.get(key);
    pools.set(key, {
      like,
      reserved: reservedTo !== undefined,
      free: addResources(before?.free ?? NO_RESOURCES, fromMesos([resource])),
    });
  }
  // Reserved ones are used first: nobody else can have them.
  return [...pools.values()].sort((a, b) => Number(b.reserved) - Number(a.reserved));
}

/** All of them together. */
export function sumOf(pools: readonly Pool[]): Resources {
  const [only] = pools;
  if (only && pools.length === 1) return only.free;
  return pools.map(({ free }) => free).reduce(addResources, NO_RESOURCES);
}

/** Takes what a task needs out of pools that are known to have it: the resources in Mesos's words, and what is left. */
export function carve(
  pools: readonly Pool[],
  needs: Resources,
): { readonly taken: readonly MesosResource[]; readonly left: readonly Pool[] } {
  let missing = needs;
  const taken: MesosResource[] = [];
  const left = pools.map((pool) => {
    const part = commonOf(pool.free, missing);
    if (isEmpty(part)) return pool;
    missing = subtractResources(missing, part);
    for (const resource of toMesos(part)) taken.push({ ...resource, ...pool.like });
    return { ...pool, free: subtractResources(pool.free, part) };
  });
  return { taken, left };
}

/** What both have. */
function commonOf(a: Resources, b: Resources): Resources {
  return {
    cpusMilli: Math.max(0, Math.min(a.cpusMilli, b.cpusMilli)),
    memMb: Math.max(0, Math.min(a.memMb, b.memMb)),
    diskMb: Math.max(0, Math.min(a.diskMb, b.diskMb)),
    gpus: Math.max(0, Math.min(a.gpus, b.gpus)),
    ports: b.ports.length === 0 ? [] : subtractPorts(b.ports, subtractPorts(b.ports, a.ports)),
  };
}

/** The role that may use it; undefined when it is not reserved. The last of a stack of reservations is the one that counts. */
function reservationOf({ role, reservations }: MesosResource): string | undefined {
  const last = reservations?.at(-1)?.role;
  if (last !== undefined) return last;
  return role === undefined || role === '*' ? undefined : role;
}

function isPlain({ disk, revocable, shared, provider_id: provider }: MesosResource): boolean {
  const hasDisk = disk !== undefined && Object.keys(disk).length > 0;
  return !hasDisk && revocable === undefined && shared === undefined && provider === undefined;
}

/** Whether `role` is `of` or below it (`eng/web` is below `eng`). */
function isWithin(role: string, of: string): boolean {
  return role === of || role.startsWith(`${of}/`);
}
