import type { AgentId, FrameworkId } from '../../shared/ids.ts';
import type { AgentInfo } from '../../shared/mesos/agent.ts';
import type { MasterWorld } from './world.ts';
import { apply, emptyMaster } from './world.ts';

/** The registry as plain JSON. */
export interface SavedMaster {
  readonly id: string;
  readonly nextAgent: number;
  readonly nextFramework: number;
  readonly agents: readonly {
    readonly id: AgentId;
    readonly info: AgentInfo;
    readonly state: 'reachable' | 'unreachable';
    readonly sinceMs: number;
  }[];
  readonly frameworks: readonly (readonly [FrameworkId, string])[];
  readonly gone: readonly FrameworkId[];
}

export function saveMaster(world: MasterWorld): SavedMaster {
  return {
    id: world.id,
    nextAgent: world.nextAgent,
    nextFramework: world.nextFramework,
    agents: [...world.agents.values()].map(({ id, info, state, sinceMs }) => ({ id, info, state, sinceMs })),
    frameworks: [...world.knownFrameworks],
    gone: [...world.goneFrameworks],
  };
}

export function loadMaster(saved: SavedMaster): MasterWorld {
  const world = emptyMaster(saved.id);
  for (const { id, info, state, sinceMs } of saved.agents) {
    apply(world, { w: 'agent', id, info, atMs: sinceMs });
    if (state === 'unreachable') apply(world, { w: 'agent-state', id, state, atMs: sinceMs });
  }
  for (const [id, name] of saved.frameworks) apply(world, { w: 'framework', id, name, atMs: 0 });
  for (const id of saved.gone) apply(world, { w: 'framework-gone', id, atMs: 0 });
  world.nextAgent = saved.nextAgent;
  world.nextFramework = saved.nextFramework;
  return world;
}
