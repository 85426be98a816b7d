/** The world in which a plan is tried out: a copy, on which an update can be over at once. */
import type { AgentId, JobKey } from '../../shared/ids.ts';
import { instancesIn } from '../../shared/ids.ts';
import type { Offer } from '../../shared/mesos/v1.ts';
import type { Resources } from '../../shared/resources.ts';
import { NO_RESOURCES, addResources, subtractResources, toMesos } from '../../shared/resources.ts';
import type { AgentView } from './capacity.ts';
import { loadWorld, saveWorld } from './checkpoint.ts';
import { decide } from './decide.ts';
import type { Env } from './facts.ts';
import { moveTask } from './task/move.ts';
import { resourcesOf } from './task-info.ts';
import { Tx } from './tx.ts';
import type { World } from './world.ts';

/** A copy that is offered all that is free. */
export function copyOf(world: World, agents: readonly AgentView[], env: Env): World {
  const copy = loadWorld(saveWorld(world));
  copy.subscribed = true;
  for (const group of copy.pending.keys()) copy.dirtyGroups.add(group);
  copy.dirtyUpdates.clear();
  decide(copy, { kind: 'event', event: { type: 'OFFERS', offers: { offers: agents.map(offerOf) } } }, env);
  return copy;
}

/** Of an agent that is full too: on it, what ends makes room. */
function offerOf({ agent, host, attributes, free, unavailableAtMs }: AgentView): Offer {
  return {
    id: { value: `plan ${agent}` },
    framework_id: { value: 'plan' },
    agent_id: { value: agent },
    hostname: host,
    resources: toMesos(free),
    attributes,
    ...(unavailableAtMs === Infinity
      ? {}
      : { unavailability: { start: { nanoseconds: unavailableAtMs * 1e6 } } }),
  };
}

/** The agents as they would be after it: without what is newly placed, and with what has ended. */
export function leftOf(agents: readonly AgentView[], before: World, after: World): AgentView[] {
  return agents.map((view) => {
    const returned = addResources(view.free, usedOn(before, view.agent));
    return { ...view, free: subtractResources(returned, usedOn(after, view.agent)) };
  });
}

function usedOn(world: World, agent: AgentId): Resources {
  let sum = NO_RESOURCES;
  for (const id of world.tasksByAgent.get(agent) ?? []) {
    const task = world.tasks.get(id);
    const config = task && world.configs.get(task.config);
    if (config) sum = addResources(sum, resourcesOf(config, task.ports));
  }
  return sum;
}

/**
 * The end of an update, at once: every old task of the job gone and what it used free again, every new one waiting. Placing then tells whether the update as
 * a whole fits.
 */
export function finishUpdate(copy: World, key: JobKey, env: Env): void {
  const id = copy.activeUpdateByJob.get(key);
  const update = id === undefined ? undefined : copy.updates.get(id);
  const job = copy.jobs.get(key);
  if (!update || !job || update.kind === 'restart' || update.status !== 'ROLLING_FORWARD') return;
  const tx = new Tx(copy, env);
  const targets = new Set(update.desired ? instancesIn(update.desired.ranges) : []);
  for (const { ranges } of update.initial) {
    for (const instance of instancesIn(ranges)) {
      const task = copy.activeByJob.get(key)?.get(instance);
      if (task !== undefined) endNow(tx, task);
    }
  }
  if (update.desired) {
    const missing = [...targets].filter((instance) => copy.activeByJob.get(key)?.has(instance) !== true);
    for (const instance of missing) {
      tx.write({
        w: 'tasks-new',
        job: key,
        config: update.desired.config,
        ranges: [[instance, instance]],
        nonce: env.random.stream('plan').uuid(),
        atMs: env.now,
      });
    }
  }
  copy.dirtyUpdates.clear();
  tx.write({
    w: 'update-status',
    id: update.id,
    from: 'ROLLING_FORWARD',
    to: 'ABORTED',
    atMs: env.now,
    user: null,
    message: null,
  });
  copy.dirtyUpdates.clear();
}

function endNow(tx: Tx, id: Parameters<typeof moveTask>[1]): void {
  const task = tx.world.tasks.get(id);
  if (!task) return;
  const { agent, config: configKey, ports } = task;
  moveTask(tx, id, 'KILLING');
  moveTask(tx, id, 'KILLED');
  const slot = agent === null ? undefined : tx.world.placement.slotOf(agent);
  const config = tx.world.configs.get(configKey);
  if (!slot || !config) return;
  tx.world.placement.setFree(slot, addResources(slot.free, resourcesOf(config, ports)));
}
