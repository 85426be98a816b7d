/**
 * Who holds what of an agent: offers, tasks and executors hold, the rest is free. Every change of hands goes through here, so that what is free and what each role has
 * been given (its share) never disagree.
 */
import type { FrameworkId } from '../../shared/ids.ts';
import { type Bundle, EMPTY, add, bundleOf, subtract } from '../../shared/mesos/bundle.ts';
import type { MesosResource } from '../../shared/mesos/v1.ts';
import type { MasterAgent } from './entities.ts';
import type { MasterWorld } from './world.ts';

/** What is accounted to a framework in a role. */
export interface Holding {
  readonly framework: FrameworkId;
  readonly role: string;
  readonly resources: Bundle;
}

/** Takes from what is free. */
export function hold(world: MasterWorld, agent: MasterAgent, { framework, role, resources }: Holding): void {
  agent.free = resources === agent.free ? EMPTY : subtract(agent.free, resources);
  world.roles.account(framework, role, resources, 1);
}

/** Makes free again. Of an agent outside of the pool nothing is accounted for. */
export function giveBack(
  world: MasterWorld,
  agent: MasterAgent,
  { framework, role, resources }: Holding,
): void {
  if (!agent.pooled || resources.length === 0) return;
  agent.free = add(agent.free, resources);
  world.roles.account(framework, role, resources, -1);
  world.dirtyAgents.add(agent.id);
}

/** The agent is here: what it has counts, and what its tasks hold. */
export function enterPool(world: MasterWorld, agent: MasterAgent): void {
  if (agent.pooled) throw new Error(`agent ${agent.id} is in the pool already`);
  agent.pooled = true;
  world.roles.changeTotal(agent.total, 1);
  agent.free = agent.total;
  for (const holding of holdings(world, agent)) hold(world, agent, holding);
  world.dirtyAgents.add(agent.id);
}

/** It is out of reach or leaves: neither what it has nor what runs there counts. Its offers must have ended. */
export function leavePool(world: MasterWorld, agent: MasterAgent): void {
  if (!agent.pooled) return;
  for (const { framework, role, resources } of holdings(world, agent))
    world.roles.account(framework, role, resources, -1);
  world.roles.changeTotal(agent.total, -1);
  agent.pooled = false;
  agent.free = EMPTY;
}

/** An operation changed the kind of some resources: `before` became `after`, in what is held or free and in the whole. */
export function convert(world: MasterWorld, agent: MasterAgent, before: Bundle, after: Bundle): void {
  agent.total = add(subtract(agent.total, before), after);
  if (!agent.pooled) return;
  world.roles.changeTotal(before, -1);
  world.roles.changeTotal(after, 1);
}

export function holdings(world: MasterWorld, agent: MasterAgent): Holding[] {
  const list: Holding[] = [];
  for (const task of agent.tasks) if (!task.released) list.push(task);
  for (const executor of agent.executors.values()) list.push(executor);
  for (const id of agent.offers) {
    const offer = world.offers.get(id);
    if (offer) list.push(offer);
  }
  return list;
}

/** What a task or executor brought by an agent holds, and for which role: its resources say so. */
export function holdingOf(framework: FrameworkId, resources: readonly MesosResource[]): Holding {
  const role =
    resources.find((each) => each.allocation_info?.role !== undefined)?.allocation_info?.role ?? '*';
  return { framework, role, resources: bundleOf(resources) };
}
