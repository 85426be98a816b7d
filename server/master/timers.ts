import { never } from '../../shared/errors.ts';
import { wakeUp } from './agents.ts';
import { removeFramework } from './frameworks.ts';
import type { MasterTx } from './tx.ts';
import { isLive } from './world.ts';

/** Pings that are due, agents and frameworks that stayed away too long, filters that end. */
export function fireTimers(tx: MasterTx): void {
  const { world } = tx;
  for (const key of world.timers.takeDue(tx.now, (due, atMs) => isLive(world, due, atMs))) {
    switch (key.kind) {
      case 'agent': {
        const agent = world.agents.get(key.id);
        if (agent) wakeUp(tx, agent);
        break;
      }
      case 'framework': {
        const framework = world.frameworks.get(key.id);
        if (framework) removeFramework(tx, framework);
        break;
      }
      case 'filter':
        world.frameworks.get(key.framework)?.filters.delete(key.agent);
        world.dirtyAgents.add(key.agent);
        break;
      default:
        never(key);
    }
  }
}
