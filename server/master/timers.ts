import { never } from '../../shared/errors.ts';
import { wakeUp } from './agents.ts';
import { expireFilters } from './filters.ts';
import { removeFramework } from './frameworks.ts';
import type { MasterTx } from './tx.ts';
import { isLive } from './wake.ts';

/** Pings that are due, agents and frameworks that stayed away too long, filters that end. */
export function fireTimers(tx: MasterTx): void {
  const { world } = tx;
  for (const key of world.timers.takeDue(tx.now, (due, atMs) => isLive(world, due, atMs))) {
    switch (key.kind) {
      case 'agent': {
        const agent = world.agents.get(key.id);
        // Two entries for one moment are one wake-up: the first moved it on.
        if (agent && agent.wakeAtMs !== null && agent.wakeAtMs <= tx.now) wakeUp(tx, agent);
        break;
      }
      case 'framework': {
        const framework = world.frameworks.get(key.id);
        if (framework) removeFramework(tx, framework);
        break;
      }
      case 'filter': {
        const framework = world.frameworks.get(key.framework);
        if (framework) expireFilters(tx, framework, key.agent);
        break;
      }
      // Looked at when the turn is settled.
      case 'inverse':
      case 'offers':
      case 'tick':
        break;
      default:
        never(key);
    }
  }
}
