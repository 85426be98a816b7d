/** Roles, their weights, quotas and what they have: for GET_ROLES, GET_QUOTA, `/roles` and `/quota`. */
import { type Bundle, EMPTY, add, reservedRole } from '../../../../shared/mesos/bundle.ts';
import { countPorts } from '../../../../shared/resources.ts';
import type { MasterWorld } from '../../../master/world.ts';
import { rolesOf } from '../../../master/world.ts';
import { isListed } from './listed.ts';
import type { OperatorParts } from './parts.ts';
import { offeredOf, pairs, sumByRole, usedOfAgent } from './holdings.ts';

/** Amounts by name, sorted; of ranges and sets how many. */
export type Amounts = ReadonlyMap<string, number>;

export interface RoleRow {
  readonly name: string;
  readonly weight: number;
  /** Ids of those subscribed in it, or holding something in it. */
  readonly frameworks: readonly string[];
  /** With its subroles. */
  readonly allocated: Bundle;
  readonly offered: Bundle;
  /** By whomever it is used. */
  readonly reserved: Bundle;
  /** Allocated, and reserved but not allocated: what counts against quota. Scalars only. */
  readonly consumed: Amounts;
}

/** Everything that makes a role known: frameworks, holdings, reservations, weight, quota, a subrole. */
export function roleRows({ master: world, viewer }: OperatorParts): RoleRow[] {
  const listed = [...world.agents.values()].filter(isListed);
  const allocated = sumByRole(listed.flatMap((agent) => pairs(usedOfAgent(agent))));
  const offered = sumByRole(listed.flatMap((agent) => pairs(offeredOf(world, agent))));
  const reserved = sumByRole(listed.flatMap(({ total }) => reservations(total)));
  const idle = sumByRole(listed.flatMap(({ free }) => reservations(free)));
  const frameworks = frameworksByRole(world);
  const names = new Set<string>();
  const sources = [allocated, offered, reserved, frameworks, world.roles.weights, new Map(world.quotas)];
  for (const source of sources)
    for (const role of source.keys()) for (const name of withAncestors(role)) names.add(name);
  names.delete('*');
  if ([...(frameworks.get('*') ?? [])].length > 0) names.add('*');
  const seen = [...names].filter((name) => viewer?.may('view_roles', name) ?? true);
  return seen.sort().map((name) => {
    const own = (sums: ReadonlyMap<string, Bundle>): Bundle => ofTree(sums, name);
    return {
      name,
      weight: world.roles.weightOf(name),
      frameworks: [...(frameworks.get(name) ?? [])],
      allocated: own(allocated),
      offered: own(offered),
      reserved: own(reserved),
      // An offered reservation is not allocated yet, and counts all the same.
      consumed: amountsOf(
        [...own(allocated), ...own(idle), ...onlyReserved(own(offered))].filter(
          ({ type }) => type === 'SCALAR',
        ),
      ),
    };
  });
}

export function amountsOf(bundle: Bundle): Amounts {
  const amounts = new Map<string, number>();
  for (const { name, type, milli, ranges, items } of bundle) {
    const amount = type === 'SCALAR' ? milli : 1000 * (type === 'RANGES' ? countPorts(ranges) : items.length);
    amounts.set(name, (amounts.get(name) ?? 0) + amount);
  }
  return new Map(
    [...amounts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, milli]) => [name, milli / 1000]),
  );
}

/** mesos.v1.quota.QuotaStatus, which `/quota` prints as well. */
export function quotaStatus(world: MasterWorld): object {
  const quotas = [...world.quotas].filter(([, { guarantees, limits }]) => guarantees.size + limits.size > 0);
  if (quotas.length === 0) return {};
  return {
    infos: quotas.map(([role, { guarantees }]) => ({
      role,
      ...(guarantees.size === 0 ? {} : { guarantee: [...guarantees].map(scalarResource) }),
    })),
    configs: quotas.map(([role, { guarantees, limits }]) => ({
      role,
      ...(guarantees.size === 0 ? {} : { guarantees: scalars(guarantees) }),
      ...(limits.size === 0 ? {} : { limits: scalars(limits) }),
    })),
  };
}

export function scalarResource([name, milli]: readonly [string, number]): object {
  return { name, type: 'SCALAR', scalar: { value: milli / 1000 } };
}

function scalars(amounts: ReadonlyMap<string, number>): object {
  return Object.fromEntries([...amounts].map(([name, milli]) => [name, { value: milli / 1000 }]));
}

function reservations(bundle: Bundle): { role: string; resources: Bundle }[] {
  return bundle.flatMap((piece) => {
    const role = reservedRole(piece);
    return role === undefined ? [] : [{ role, resources: [piece] }];
  });
}

function onlyReserved(bundle: Bundle): Bundle {
  return bundle.filter((piece) => reservedRole(piece) !== undefined);
}

function frameworksByRole(world: MasterWorld): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const note = (role: string, id: string): void => {
    const ids = found.get(role) ?? new Set<string>();
    found.set(role, ids.add(id));
  };
  for (const framework of world.frameworks.values())
    for (const role of rolesOf(framework)) note(role, framework.id);
  return found;
}

function ofTree(sums: ReadonlyMap<string, Bundle>, role: string): Bundle {
  let sum: Bundle = EMPTY;
  for (const [each, bundle] of sums) if (each === role || each.startsWith(`${role}/`)) sum = add(sum, bundle);
  return sum;
}

function withAncestors(role: string): string[] {
  const names = role.split('/');
  return names.map((_, at) => names.slice(0, at + 1).join('/'));
}
