import type { ConfigId, InstanceRange, JobKey, TaskId } from '../../../shared/ids.ts';
import { instancesIn, toRanges } from '../../../shared/ids.ts';
import type { ConfigGroup } from '../rows.ts';
import type { World } from '../world.ts';

/** What would make the active tasks of a job what is wanted. Instance ids, ascending. */
export interface JobDiff {
  readonly add: readonly number[];
  readonly change: readonly number[];
  readonly remove: readonly number[];
  readonly unchanged: readonly number[];
  /** Configs of what is changed or removed. */
  readonly initial: readonly ConfigGroup[];
}

/**
 * Compares active tasks with `0 … instances-1 → config`, in scope. A task that is being killed counts as absent: its instance is added once it is gone.
 */
export function diffJob(
  world: World,
  key: JobKey,
  config: ConfigId,
  instances: number,
  only?: readonly InstanceRange[],
): JobDiff {
  const scope = only ? new Set(instancesIn(only)) : null;
  const present = new Map<number, ConfigId>();
  for (const [instance, id] of aliveTasks(world, key)) {
    const task = world.tasks.get(id);
    if (task) present.set(instance, task.config);
  }
  const all = new Set([...present.keys(), ...Array.from({ length: instances }, (_, instance) => instance)]);
  const [add, change, remove, unchanged]: number[][] = [[], [], [], []];
  const initial = new Map<ConfigId, number[]>();
  for (const instance of [...all].sort((a, b) => a - b)) {
    if (scope && !scope.has(instance)) continue;
    const now = present.get(instance);
    if (now === undefined) add!.push(instance);
    else if (instance < instances && now === config) unchanged!.push(instance);
    else {
      (instance < instances ? change : remove)!.push(instance);
      const list = initial.get(now);
      if (list) list.push(instance);
      else initial.set(now, [instance]);
    }
  }
  return {
    add: add!,
    change: change!,
    remove: remove!,
    unchanged: unchanged!,
    initial: [...initial].map(([id, list]) => ({ config: id, ranges: toRanges(list) })),
  };
}

/** Active tasks by instance, without those that somebody has asked to end: they are not to come back. */
export function aliveTasks(world: World, key: JobKey): Map<number, TaskId> {
  const active = [...(world.activeByJob.get(key) ?? [])];
  return new Map(active.filter(([, id]) => world.tasks.get(id)?.status !== 'KILLING'));
}
