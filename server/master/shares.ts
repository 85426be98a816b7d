import type { Resources } from '../../shared/resources.ts';
import { SCALARS, type Scalar } from '../../shared/resources.ts';
import type { MasterFramework, MasterWorld } from './world.ts';

type Quantities = Record<Scalar, number>;

/**
 * Dominant shares (DRF) of frameworks that compete in one allocation: the largest share that a framework's tasks and offers have of any
 * resource of the cluster. Summed once, then kept up as offers are made.
 */
export class Shares {
  private readonly total = nothing();
  private readonly used = new Map<MasterFramework, Quantities>();

  constructor(world: MasterWorld, frameworks: readonly MasterFramework[]) {
    for (const agent of world.agents.values()) if (agent.connection !== null) addTo(this.total, agent.total);
    for (const framework of frameworks) {
      const used = nothing();
      for (const task of framework.tasks.values()) if (!task.released) addTo(used, task.resources);
      for (const id of framework.offers) {
        const offer = world.offers.get(id);
        if (offer) addTo(used, offer.resources);
      }
      this.used.set(framework, used);
    }
  }

  of(framework: MasterFramework): number {
    const used = this.used.get(framework) ?? nothing();
    return Math.max(...SCALARS.map((name) => (this.total[name] > 0 ? used[name] / this.total[name] : 0)));
  }

  add(framework: MasterFramework, resources: Resources): void {
    const used = this.used.get(framework);
    if (used) addTo(used, resources);
  }
}

function nothing(): Quantities {
  return { cpusMilli: 0, memMb: 0, diskMb: 0, gpus: 0 };
}

function addTo(sum: Quantities, resources: Resources): void {
  for (const name of SCALARS) sum[name] += resources[name];
}
