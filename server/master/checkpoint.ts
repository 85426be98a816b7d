import type { AgentId, FrameworkId } from '../../shared/ids.ts';
import type { AgentInfo } from '../../shared/mesos/agent.ts';
import { resourcesOf } from '../../shared/mesos/bundle-format.ts';
import type { FrameworkInfo } from '../../shared/mesos/v1.ts';
import type { MasterWrite } from './facts.ts';
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
  /** Checkpoints of before frameworks could come over HTTP have names only. */
  readonly frameworks: readonly (readonly [FrameworkId, FrameworkInfo | string | null])[];
  readonly gone: readonly FrameworkId[];
  /** What operators and operations made of it, as the writes that make it so. */
  readonly more?: readonly MasterWrite[];
}

export function saveMaster(world: MasterWorld): SavedMaster {
  return {
    id: world.id,
    nextAgent: world.nextAgent,
    nextFramework: world.nextFramework,
    agents: [...world.agents.values()].map(({ id, info, state, sinceMs }) => ({ id, info, state, sinceMs })),
    frameworks: [...world.knownFrameworks],
    gone: [...world.goneFrameworks],
    more: moreOf(world),
  };
}

export function loadMaster(saved: SavedMaster): MasterWorld {
  const world = emptyMaster(saved.id);
  for (const { id, info, state, sinceMs } of saved.agents) {
    apply(world, { w: 'agent', id, info, atMs: sinceMs });
    if (state === 'unreachable') apply(world, { w: 'agent-state', id, state, atMs: sinceMs });
  }
  for (const [id, known] of saved.frameworks) {
    const info = known !== null && typeof known === 'object' ? { info: known } : {};
    apply(world, { w: 'framework', id, ...info, atMs: 0 });
  }
  for (const id of saved.gone) apply(world, { w: 'framework-gone', id, atMs: 0 });
  for (const write of saved.more ?? []) apply(world, write);
  world.nextAgent = saved.nextAgent;
  world.nextFramework = saved.nextFramework;
  return world;
}

function moreOf(world: MasterWorld): MasterWrite[] {
  const writes: MasterWrite[] = [];
  for (const { id, kept, deactivated, drain, sinceMs } of world.agents.values()) {
    if (kept.length > 0)
      writes.push({ w: 'agent-resources', id, resources: resourcesOf(kept), atMs: sinceMs });
    if (deactivated) writes.push({ w: 'agent-operator', id, deactivated, drain });
  }
  for (const [id, atMs] of world.goneAgents) writes.push({ w: 'agent-marked-gone', id, atMs });
  for (const [role, weight] of world.roles.weights) writes.push({ w: 'weight', role, weight });
  for (const [role, { guarantees, limits }] of world.quotas)
    writes.push({ w: 'quota', role, guarantees: unitsOf(guarantees), limits: unitsOf(limits) });
  if (world.windows.length > 0)
    writes.push({ w: 'maintenance', windows: world.windows, down: [...world.downMachines.values()] });
  return writes;
}

function unitsOf(amounts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...amounts].map(([name, milli]) => [name, milli / 1000]));
}
