/**
 * What must hold of every world after every decision. Asked by unit tests, by the simulation after each step, and by the server when it has loaded its
 * store.
 */
import { ACTIVE_STATUSES, ASSIGNED_STATUSES, TERMINAL_STATUSES } from '../../shared/task-states.ts';
import { ACTIVE_UPDATE_STATUSES } from '../../shared/update-states.ts';
import { loadWorld, saveWorld } from './checkpoint.ts';
import type { World } from './world.ts';
import { groupKey } from './world.ts';

/** A sentence each; empty when all is well. */
export function check(world: World): string[] {
  return [...checkTasks(world), ...checkUpdates(world), ...checkOffers(world), ...checkIndexes(world)];
}

/** What a turn brought and did not use went back at its end. */
function checkOffers({ placement, pending }: World): string[] {
  const wrong = [...placement.parked]
    .filter((key) => !pending.has(key))
    .map((key) => `${key} is parked, but waits for nothing`);
  if (placement.offerCount > 0) wrong.push(`${placement.offerCount} offers are held`);
  return wrong;
}

function checkTasks(world: World): string[] {
  const wrong: string[] = [];
  const holders = new Map<string, string>();
  for (const task of world.tasks.values()) {
    const say = (what: string): void => void wrong.push(`task ${task.id} (${task.status}) ${what}`);
    if (!world.configs.has(task.config)) say('has no config');
    if (ACTIVE_STATUSES.has(task.status)) {
      const instance = `${task.job}/${task.instance}`;
      if (holders.has(instance)) say(`holds ${instance}, which ${holders.get(instance) ?? ''} holds too`);
      holders.set(instance, task.id);
    }
    if (ASSIGNED_STATUSES.has(task.status)) {
      if (task.agent === null || task.host === null) say('is on no agent');
      const missing =
        world.configs.get(task.config)?.ports.filter((name) => task.ports[name] === undefined) ?? [];
      if (missing.length > 0) say(`has no port ${missing.join(', ')}`);
    }
    if (TERMINAL_STATUSES.has(task.status) && task.wakeAtMs !== null)
      say('has ended but waits for something');
    if (task.status === 'THROTTLED' && task.wakeAtMs === null) say('would never wake');
    if (task.events.at(-1)?.status !== task.status) say('does not have its status as its last event');
  }
  return wrong;
}

function checkUpdates(world: World): string[] {
  const wrong: string[] = [];
  for (const update of world.updates.values()) {
    const active = ACTIVE_UPDATE_STATUSES.has(update.status);
    if (active !== (world.activeUpdateByJob.get(update.job) === update.id))
      wrong.push(`update ${update.id} is ${update.status} but ${active ? 'not ' : ''}its job's active one`);
    const working = [...update.steps.values()].filter((step) => step.state === 'working').length;
    if (working > update.settings.strategy.groupSize)
      wrong.push(`update ${update.id} works on ${working} instances at once`);
    for (const { config } of update.initial)
      if (!world.configs.has(config)) wrong.push(`update ${update.id} has lost the config to go back to`);
  }
  return wrong;
}

/** Every index and counter against one built afresh from the rows. */
function checkIndexes(world: World): string[] {
  const fresh = loadWorld(saveWorld(world));
  const wrong: string[] = [];
  const compare = (name: string, kept: unknown, built: unknown): void => {
    const [a, b] = [flat(kept), flat(built)];
    if (a !== b) wrong.push(`index ${name} is ${a}, from the rows it would be ${b}`);
  };
  for (const name of [
    'tasksByJob',
    'activeByJob',
    'tasksByAgent',
    'updatesByJob',
    'activeUpdateByJob',
    'pending',
    'configUses',
  ] as const) {
    compare(name, world[name], fresh[name]);
  }
  for (const job of new Set([...world.tasksByJob.keys(), ...fresh.tasksByJob.keys()])) {
    compare(`tasks of ${job} by agent`, world.placement.tasksOf(job), fresh.placement.tasksOf(job));
  }
  for (const task of world.tasks.values()) {
    if (task.status === 'PENDING' && !world.pending.get(groupKey(task.job, task.config))?.has(task.id))
      wrong.push(`task ${task.id} waits in no group`);
  }
  return wrong;
}

/** Maps and sets as sorted JSON. */
function flat(value: unknown): string {
  if (value instanceof Map)
    return `{${[...value]
      .map(([key, item]) => `${String(key)}:${flat(item)}`)
      .sort()
      .join(',')}}`;
  if (value instanceof Set) return `{${[...value].map(String).sort().join(',')}}`;
  return JSON.stringify(value) ?? 'undefined';
}
