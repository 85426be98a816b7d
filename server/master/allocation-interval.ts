/** `--allocation_interval`: what becomes free is offered at the next tick, as Mesos does, so that frameworks see as many offers as they do there. Without it, at once. */
import type { MasterTx } from './tx.ts';

/**
 * Hands what became free on to the next allocation when its time has come, and arranges to be woken for the rest. A framework that subscribes or revives and an agent that joins
 * do not wait: they are looked at in the turn that they come in.
 */
export function admitFreed(tx: MasterTx): void {
  const { world } = tx;
  const { freed } = world;
  if (freed.agents.size === 0 && !freed.all) return;
  const { allocationIntervalMs } = tx.env.limits;
  if (allocationIntervalMs !== undefined && !isTick(tx, allocationIntervalMs)) return;
  for (const agent of freed.agents) world.dirtyAgents.add(agent);
  world.allDirty ||= freed.all;
  freed.agents.clear();
  freed.all = false;
}

/** Ticks are multiples of the interval: the same whoever is asked, and after a restart. */
function isTick({ world, now }: MasterTx, intervalMs: number): boolean {
  const { freed, timers } = world;
  if (freed.tickAtMs !== null && freed.tickAtMs <= now) {
    freed.tickAtMs = null;
    return true;
  }
  if (freed.tickAtMs === null) {
    freed.tickAtMs = (Math.floor(now / intervalMs) + 1) * intervalMs;
    timers.push(freed.tickAtMs, { kind: 'tick' });
  }
  return false;
}
