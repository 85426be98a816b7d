import { never } from '../../shared/errors.ts';
import type { TimerKey, World } from './world.ts';

/** The earliest time at which a `time` fact would do something. */
export function nextWake(world: World): number | undefined {
  return world.timers.next((key, atMs) => isTimerLive(world, key, atMs));
}

export function isTimerLive(world: World, key: TimerKey, atMs: number): boolean {
  switch (key.kind) {
    case 'task':
      return world.tasks.get(key.id)?.wakeAtMs === atMs;
    case 'step':
      return world.updates.get(key.update)?.steps.get(key.instance)?.wakeAtMs === atMs;
    case 'prune':
      return world.nextPruneAtMs === atMs;
    case 'reconcile':
      return world.nextReconcileAtMs === atMs;
    case 'revive':
      return world.offering.reviveDueAtMs === atMs;
    default:
      return never(key);
  }
}
