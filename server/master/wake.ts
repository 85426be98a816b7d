import type { MasterAgent, MasterTimer } from './entities.ts';
import type { MasterWorld } from './world.ts';

/** The earliest time at which a `time` fact would do something. */
export function nextWake(world: MasterWorld): number | undefined {
  return world.timers.next((key, atMs) => isLive(world, key, atMs));
}

export function isLive(world: MasterWorld, key: MasterTimer, atMs: number): boolean {
  if (key.kind === 'agent') return world.agents.get(key.id)?.wakeAtMs === atMs;
  if (key.kind === 'framework') return world.frameworks.get(key.id)?.wakeAtMs === atMs;
  if (key.kind === 'offers') return world.offersDueAtMs === atMs;
  if (key.kind === 'tick') return world.freed.tickAtMs === atMs;
  if (key.kind === 'inverse')
    return world.agents.get(key.agent)?.inverseAnswers.get(key.framework)?.untilMs === atMs;
  return (
    world.frameworks
      .get(key.framework)
      ?.filters.get(key.agent)
      ?.some(({ untilMs }) => untilMs === atMs) ?? false
  );
}

export function wakeAgent(world: MasterWorld, agent: MasterAgent, atMs: number | null): void {
  agent.wakeAtMs = atMs;
  if (atMs !== null) world.timers.push(atMs, { kind: 'agent', id: agent.id });
}
