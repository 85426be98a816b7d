/** Who has what, over the whole of an agent, a framework or a role: by the role it is allocated to. */
import { type Bundle, EMPTY, type Piece, add } from '../../../../shared/mesos/bundle.ts';
import { resourcesOf } from '../../../../shared/mesos/bundle-format.ts';
import type { MesosResource } from '../../../../shared/mesos/v1.ts';
import { type PortRange, mergePorts } from '../../../../shared/resources.ts';
import type { MasterAgent, MasterFramework } from '../../../master/entities.ts';
import type { MasterWorld } from '../../../master/world.ts';
import { versionOf } from './listed.ts';

/** Allocation role → resources. */
export type ByRole = ReadonlyMap<string, Bundle>;

interface Holding {
  readonly role: string;
  readonly resources: Bundle;
}

/** Amounts of one kind that are still being added up. */
interface Sum {
  readonly piece: Piece;
  milli: number;
  readonly ranges: PortRange[];
  readonly items: string[];
}

/** Of tens of thousands of holdings as well: adds up in place and makes pieces at the end. */
export function sumByRole(holdings: Iterable<Holding>): ByRole {
  const roles = new Map<string, Map<string, Sum>>();
  for (const { role, resources } of holdings) {
    if (resources.length === 0) continue;
    let sums = roles.get(role);
    if (!sums) roles.set(role, (sums = new Map()));
    for (const piece of resources) {
      const sum = sums.get(piece.key);
      if (sum) {
        sum.milli += piece.milli;
        sum.ranges.push(...piece.ranges);
        sum.items.push(...piece.items);
      } else {
        const { milli, ranges, items } = piece;
        sums.set(piece.key, { piece, milli, ranges: [...ranges], items: [...items] });
      }
    }
  }
  return new Map([...roles].map(([role, sums]) => [role, [...sums.values()].map(pieceOf)]));
}

function pieceOf({ piece, milli, ranges, items }: Sum): Piece {
  return { ...piece, milli, ranges: mergePorts(ranges), items: [...new Set(items)].sort() };
}

/** Framework → what it holds of an agent with tasks that have not ended and with executors. */
type ByFramework = ReadonlyMap<string, ByRole>;

const known = new WeakMap<MasterAgent, { readonly version: unknown; readonly used: ByFramework }>();

/** Remembered as long as nothing of the agent changes hands: an agent has some tasks, a framework tens of thousands. */
function usedByFramework(agent: MasterAgent): ByFramework {
  const now = versionOf(agent);
  const before = known.get(agent);
  if (before && before.version === now) return before.used;
  const holdings = new Map<string, Holding[]>();
  const note = (holding: Holding & { readonly framework: string }): void => {
    const list = holdings.get(holding.framework);
    if (list) list.push(holding);
    else holdings.set(holding.framework, [holding]);
  };
  for (const task of agent.tasks) if (!task.released) note(task);
  for (const executor of agent.executors.values()) note(executor);
  const used = new Map([...holdings].map(([framework, list]) => [framework, sumByRole(list)] as const));
  known.set(agent, { version: now, used });
  return used;
}

export function usedOfAgent(agent: MasterAgent): ByRole {
  return sumByRole([...usedByFramework(agent).values()].flatMap(pairs));
}

/** Of offers that this world (somebody's view, perhaps) has. */
export function offeredOf(world: MasterWorld, { offers }: MasterAgent | MasterFramework): ByRole {
  return sumByRole(offers.filter((offer) => world.offers.holds(offer)));
}

/** What every framework holds of every agent, but of those that are out of reach: those do not count. */
export function usedByAll({ agents }: MasterWorld): ReadonlyMap<string, readonly ByRole[]> {
  const all = new Map<string, ByRole[]>();
  for (const agent of agents.values()) {
    if (agent.state !== 'reachable') continue;
    for (const [framework, used] of usedByFramework(agent)) {
      const list = all.get(framework);
      if (list) list.push(used);
      else all.set(framework, [used]);
    }
  }
  return all;
}

const sums = new WeakMap<MasterFramework, { readonly parts: readonly ByRole[]; readonly sum: ByRole }>();

/** Added up anew when it holds something else of some agent. @param all where it is asked of many: what every framework holds */
export function usedOfFramework(
  world: MasterWorld,
  framework: MasterFramework,
  all = usedByAll(world),
): ByRole {
  const parts = all.get(framework.id) ?? [];
  const before = sums.get(framework);
  if (before && parts.length === before.parts.length && parts.every((part, at) => part === before.parts[at]))
    return before.sum;
  const sum = sumByRole(parts.flatMap(pairs));
  sums.set(framework, { parts, sum });
  return sum;
}

export function pairs(sums: ByRole): Holding[] {
  return [...sums].map(([role, resources]) => ({ role, resources }));
}

export function together(...sums: readonly ByRole[]): Bundle {
  let all: Bundle = EMPTY;
  for (const sum of sums) for (const bundle of sum.values()) all = add(all, bundle);
  return all;
}

/** As endpoints write resources: in both formats at once, of before and since reservations could be refined. */
export function shownResources(bundle: Bundle, role?: string): MesosResource[] {
  const format = { multiRole: true, refinement: true, ...(role === undefined ? {} : { role }) };
  return resourcesOf(bundle, format).map((resource) => {
    const { name, type, scalar, ranges, set, allocation_info, reservations = [], ...rest } = resource;
    const [only] = reservations;
    const { type: kind, role: owner = '*', ...reservation } = only ?? {};
    return {
      name,
      type,
      ...(scalar ? { scalar } : {}),
      ...(ranges ? { ranges } : {}),
      ...(set ? { set } : {}),
      ...(reservations.length > 1 ? {} : { role: owner }),
      ...(allocation_info ? { allocation_info } : {}),
      ...(reservations.length === 1 && kind === 'DYNAMIC' ? { reservation } : {}),
      ...(only ? { reservations } : {}),
      ...rest,
    };
  });
}

export function shownByRole(sums: ByRole): MesosResource[] {
  return [...sums].flatMap(([role, bundle]) => shownResources(bundle, role));
}
