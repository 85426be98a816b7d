import { type Bundle, contains } from '../../shared/mesos/bundle.ts';
import type { MasterTx } from './tx.ts';
import type { Filter, MasterAgent, MasterFramework } from './entities.ts';

/** Mesos's default filter, and its cap. */
const REFUSE_SECONDS_DEFAULT = 5;
const REFUSE_SECONDS_MAX = 365 * 24 * 3600;
/** Mesos offers again at its allocation interval at the earliest; here, without one, it keeps a framework that refuses everything from spinning. */
const PAUSE_SECONDS = 1;

interface Refusal {
  readonly role: string;
  readonly refused: Bundle;
  /** Seconds of the call's filters; missing, negative or not finite means the default. */
  readonly given: number | undefined;
  /** Something was launched on the offer, so that 0 may mean at once. */
  readonly progress: boolean;
}

/** Remembers a refusal: that much of the agent, or less, is not offered to the framework's role for a while. */
export function refuse(tx: MasterTx, framework: MasterFramework, agent: MasterAgent, refusal: Refusal): void {
  const { role, refused, given = REFUSE_SECONDS_DEFAULT, progress } = refusal;
  const { allocationIntervalMs } = tx.env.limits;
  const mayReturn = progress || allocationIntervalMs !== undefined;
  if (refused.length === 0 || (given === 0 && mayReturn)) return;
  const lastsMs = Math.max(refusalMs(given), allocationIntervalMs ?? 0);
  const filter = { role, untilMs: tx.now + lastsMs, refused };
  const others = (framework.filters.get(agent.id) ?? []).filter(
    (each) => each.untilMs > tx.now && !covers(filter, each),
  );
  framework.filters.set(agent.id, [...others, filter]);
  tx.world.timers.push(filter.untilMs, { kind: 'filter', framework: framework.id, agent: agent.id });
}

/** How long `refuse_seconds` lasts, in milliseconds. */
export function refusalMs(given: number = REFUSE_SECONDS_DEFAULT): number {
  const wanted = given < 0 || !Number.isFinite(given) ? REFUSE_SECONDS_DEFAULT : given;
  return Math.round(Math.min(Math.max(wanted, PAUSE_SECONDS), REFUSE_SECONDS_MAX) * 1000);
}

/** Refused not long ago, and there is no more of it now. */
export function isFiltered(
  tx: MasterTx,
  framework: MasterFramework,
  role: string,
  agent: MasterAgent,
  offered: Bundle,
): boolean {
  const filters = framework.filters.get(agent.id);
  if (!filters) return false;
  for (const { role: of, untilMs, refused } of filters)
    if (of === role && untilMs > tx.now && (refused === offered || contains(refused, offered))) return true;
  return false;
}

/** A filter ended: the agent is looked at again. */
export function expireFilters(tx: MasterTx, framework: MasterFramework, agent: MasterAgent['id']): void {
  keep(framework, agent, (each) => each.untilMs > tx.now);
  tx.world.freed.agents.add(agent);
}

/** Ends the filters of these roles, as REVIVE does. */
export function clearFilters(framework: MasterFramework, roles: ReadonlySet<string>): void {
  for (const agent of framework.filters.keys()) keep(framework, agent, (each) => !roles.has(each.role));
}

function keep(
  framework: MasterFramework,
  agent: MasterAgent['id'],
  wanted: (filter: Filter) => boolean,
): void {
  const left = (framework.filters.get(agent) ?? []).filter(wanted);
  if (left.length > 0) framework.filters.set(agent, left);
  else framework.filters.delete(agent);
}

function covers(a: Filter, b: Filter): boolean {
  return a.role === b.role && a.untilMs >= b.untilMs && contains(a.refused, b.refused);
}
