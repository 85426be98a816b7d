/** Which agents and tasks are shown where, and when an agent is to be written anew. */
import type { MasterAgent, MasterTask } from '../../../master/entities.ts';
import type { MasterWorld } from '../../../master/world.ts';

/** It has registered with this master, and is not out of reach. */
export function isListed(agent: MasterAgent): boolean {
  return agent.state === 'reachable' && agent.bootId !== '';
}

/** In the registry, and not back since the master started. */
export function recoveredAgents(world: MasterWorld): MasterAgent[] {
  return [...world.agents.values()].filter(({ state, bootId }) => state === 'reachable' && bootId === '');
}

export function isUnreachable(world: MasterWorld, task: MasterTask): boolean {
  return world.agents.get(task.agent)?.state === 'unreachable';
}

/** Agents whose tasks are shown apart. */
export function outOfReach({ agents }: MasterWorld): ReadonlySet<string> {
  const away = new Set<string>();
  for (const { id, state } of agents.values()) if (state === 'unreachable') away.add(id);
  return away;
}

/** Tasks on agents that are here, and on those that are out of reach. */
export function splitByReach(
  lost: ReadonlySet<string>,
  tasks: Iterable<MasterTask>,
): [here: Iterable<MasterTask>, away: readonly MasterTask[]] {
  if (lost.size === 0) return [tasks, []];
  const [here, away]: [MasterTask[], MasterTask[]] = [[], []];
  for (const task of tasks) (lost.has(task.agent) ? away : here).push(task);
  return [here, away];
}

/** What is shown of an agent. Whatever is given or taken makes `free` another bundle; what is taken whole shows in the number of its holders. */
function shownOf(agent: MasterAgent) {
  const { info, total, free, connection, deactivated, drain, state, registeredAtMs, reregisteredAtMs } =
    agent;
  return {
    info,
    total,
    free,
    connection,
    deactivated,
    drain,
    state,
    registeredAtMs,
    reregisteredAtMs,
    tasks: agent.tasks.size,
    executors: agent.executors.size,
    offers: agent.offers,
  };
}

type Shown = ReturnType<typeof shownOf>;

const versions = new WeakMap<MasterAgent, Shown>();

/** Tells versions of an agent apart: the same object as long as nothing that is shown of it changed. */
export function versionOf(agent: MasterAgent): object {
  const known = versions.get(agent);
  if (known && isStill(agent, known)) return known;
  const shown = shownOf(agent);
  versions.set(agent, shown);
  return shown;
}

/** Member by member: it is asked of every agent for every answer. */
function isStill(agent: MasterAgent, shown: Shown): boolean {
  return (
    agent.free === shown.free &&
    agent.info === shown.info &&
    agent.total === shown.total &&
    agent.connection === shown.connection &&
    agent.deactivated === shown.deactivated &&
    agent.drain === shown.drain &&
    agent.state === shown.state &&
    agent.registeredAtMs === shown.registeredAtMs &&
    agent.reregisteredAtMs === shown.reregisteredAtMs &&
    agent.tasks.size === shown.tasks &&
    agent.executors.size === shown.executors &&
    agent.offers === shown.offers
  );
}
