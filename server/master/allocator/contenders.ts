import type { MasterFramework } from '../entities.ts';
import type { MasterWorld } from '../world.ts';
import { top } from './quota.ts';
import { rolesOf } from '../world.ts';

/** After a framework came, went, was suppressed or revived, or changed its roles: in which of them it takes part from now on. */
export function updateContender(world: MasterWorld, framework: MasterFramework): void {
  const here = framework.connection !== null && world.frameworks.get(framework.id) === framework;
  const wanted = new Set(here ? rolesOf(framework).filter((role) => !framework.suppressed.has(role)) : []);
  for (const role of framework.contends) {
    if (wanted.has(role)) continue;
    framework.contends.delete(role);
    world.roles.setActive(framework, role, false);
    world.roles.prune(framework.id, role);
  }
  for (const role of wanted) {
    framework.contends.add(role);
    world.roles.setActive(framework, role, true);
    world.quotas.changed(top(role));
  }
}
