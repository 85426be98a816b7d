import type { Resources } from '../../shared/resources.ts';
import { NO_RESOURCES, addResources, countPorts, isEmpty, subtractResources } from '../../shared/resources.ts';
import type { MasterAgent, MasterWorld } from './world.ts';

/** What must hold of the master after every decision; a sentence for each thing that does not. */
export function checkMaster(world: MasterWorld): string[] {
  const wrong: string[] = [];
  for (const agent of world.agents.values()) if (agent.bootId !== '') wrong.push(...checkAgent(world, agent));
  for (const offer of world.offers.values()) {
    if (!world.agents.get(offer.agent)?.offers.has(offer.id)) wrong.push(`offer ${offer.id} is unknown to its agent`);
    if (!world.frameworks.get(offer.framework)?.offers.has(offer.id)) wrong.push(`offer ${offer.id} is unknown to its framework`);
    if (world.agents.get(offer.agent)?.connection === null) wrong.push(`offer ${offer.id} is of an agent that is away`);
  }
  return wrong;
}

/** total = free + offered + used, exactly; no port twice. */
function checkAgent(world: MasterWorld, agent: MasterAgent): string[] {
  const parts: Resources[] = [agent.free];
  for (const id of agent.offers) parts.push(world.offers.get(id)?.resources ?? NO_RESOURCES);
  for (const task of agent.tasks.values()) if (!task.released) parts.push(task.resources);
  const sum = parts.reduce(addResources, NO_RESOURCES);
  const ports = parts.reduce((count, part) => count + countPorts(part.ports), 0);
  const wrong: string[] = [];
  if (!isEmpty(subtractResources(agent.total, sum))) wrong.push(`agent ${agent.id}: free, offered and used do not add up to what it has`);
  if (ports !== countPorts(agent.total.ports)) wrong.push(`agent ${agent.id}: a port is given twice or lost`);
  if (agent.free.cpusMilli < 0 || agent.free.memMb < 0 || agent.free.diskMb < 0) wrong.push(`agent ${agent.id} is oversold`);
  return wrong;
}
