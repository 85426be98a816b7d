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

/**
 * Tells versions of an agent apart: the same object as long as nothing that is shown of it changed. Whatever is given or taken makes `free` another bundle; what is
 * taken whole shows in the number of its holders.
 */
export function agentVersion(): (agent: MasterAgent) => unknown {
  const versions = new WeakMap<MasterAgent, readonly unknown[]>();
  return (agent) => {
    const { info, total, free, connection, deactivated, drain, state, tasks, executors, offers } = agent;
    const shown = [
      info,
      total,
      free,
      connection,
      deactivated,
      drain,
      state,
      tasks.size,
      executors.size,
      offers,
      agent.registeredAtMs,
      agent.reregisteredAtMs,
    ];
    const known = versions.get(agent);
    if (known && shown.every((value, at) => value === known[at])) return known;
    versions.set(agent, shown);
    return shown;
  };
}
