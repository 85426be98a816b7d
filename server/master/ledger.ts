/**
 * Who holds what of an agent: offers, tasks and executors hold, the rest is free. Every change of hands goes through here, so that what is free and what each role has
 * been given (its share) never disagree.
 */
import type { FrameworkId } from '../../shared/ids.ts';
import { type Bundle, EMPTY, add, bundleOf, subtract } from '../../shared/mesos/bundle.ts';
import type { MesosResource } from '../../shared/mesos/v1.ts';
import { quantitiesOf } from './allocator/quantities.ts';
import type { Leaf } from './allocator/role-tree.ts';
import type { MasterAgent } from './entities.ts';
import type { MasterWorld } from './world.ts';

/** What is accounted to a framework in a role. */
export interface Holding {
  readonly framework: FrameworkId;
  readonly role: string;
  readonly resources: Bundle;
}

/**
 * Takes from what is free.
 * @param leaf where it is accounted for, if the caller knows
 */
export function hold(world: MasterWorld, agent: MasterAgent, holding: Holding, leaf?: Leaf): void {
  const { resources } = holding;
  agent.free = resources === agent.free ? EMPTY : subtract(agent.free, resources);
  if (counts(agent)) world.quotas.changeFree(resources, -1);
  account(world, holding, 1, leaf);
}

/** Makes free again. Of an agent outside of the pool nothing is accounted for. */
export function giveBack(world: MasterWorld, agent: MasterAgent, holding: Holding): void {
  const { resources } = holding;
  if (!agent.pooled || resources.length === 0) return;
  agent.free = add(agent.free, resources);
  if (counts(agent)) world.quotas.changeFree(resources, 1);
  account(world, holding, -1);
  world.freed.agents.add(agent.id);
}

/** The agent is here: what it has counts, and what its tasks hold. */
export function enterPool(world: MasterWorld, agent: MasterAgent): void {
  if (agent.pooled) throw new Error(`agent ${agent.id} is in the pool already`);
  agent.pooled = true;
  world.roles.changeTotal(agent.total, 1);
  agent.free = agent.total;
  if (counts(agent)) world.quotas.changeFree(agent.free, 1);
  for (const holding of holdings(agent)) hold(world, agent, holding);
  world.dirtyAgents.add(agent.id);
}

/** It is out of reach or leaves: neither what it has nor what runs there counts. Its offers must have ended. */
export function leavePool(world: MasterWorld, agent: MasterAgent): void {
  if (!agent.pooled) return;
  for (const holding of holdings(agent)) account(world, holding, -1);
  world.roles.changeTotal(agent.total, -1);
  if (counts(agent)) world.quotas.changeFree(agent.free, -1);
  agent.pooled = false;
  agent.free = EMPTY;
}

/** An operator takes the agent out, or puts it back: what is free of it can, or can no more, be promised to anybody. */
export function setDeactivated(world: MasterWorld, agent: MasterAgent, deactivated: boolean): void {
  if (agent.deactivated === deactivated) return;
  agent.deactivated = deactivated;
  if (agent.pooled) world.quotas.changeFree(agent.free, deactivated ? -1 : 1);
}

/** An operation changed the kind of some resources: `before` became `after`, in what is held and in the whole. */
export function convert(world: MasterWorld, agent: MasterAgent, before: Bundle, after: Bundle): void {
  agent.total = add(subtract(agent.total, before), after);
  if (!agent.pooled) return;
  world.roles.changeTotal(before, -1);
  world.roles.changeTotal(after, 1);
}

/** … and in what is free. */
export function convertFree(world: MasterWorld, agent: MasterAgent, before: Bundle, after: Bundle): void {
  agent.free = add(subtract(agent.free, before), after);
  if (counts(agent)) {
    world.quotas.changeFree(before, -1);
    world.quotas.changeFree(after, 1);
  }
  convert(world, agent, before, after);
}

/** Whether what is free of the agent may be offered, now or when it is connected again. */
function counts(agent: MasterAgent): boolean {
  return agent.pooled && !agent.deactivated;
}

function account(
  world: MasterWorld,
  { framework, role, resources }: Holding,
  sign: 1 | -1,
  leaf: Leaf = world.roles.leaf(framework, role),
): void {
  if (resources.length === 0) return;
  world.roles.account(leaf, quantitiesOf(resources), sign);
  const { top } = leaf.parent;
  if (top) world.quotas.changed(top.name);
}

export function holdings(agent: MasterAgent): Holding[] {
  const list: Holding[] = [];
  for (const task of agent.tasks) if (!task.released) list.push(task);
  for (const executor of agent.executors.values()) list.push(executor);
  list.push(...agent.offers);
  return list;
}

/** What a task or executor brought by an agent holds, and for which role: its resources say so. */
export function holdingOf(framework: FrameworkId, resources: readonly MesosResource[]): Holding {
  const role =
    resources.find((each) => each.allocation_info?.role !== undefined)?.allocation_info?.role ?? '*';
  return { framework, role, resources: bundleOf(resources) };
}
