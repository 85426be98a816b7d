import type { TaskConfig } from '../../../shared/job/config.ts';
import type { Placement } from './placement.ts';
import { staticVeto } from './tests.ts';

interface Feasible {
  readonly version: number;
  readonly slots: Int32Array;
  readonly set: ReadonlySet<number>;
}

/** By config object: configs are interned, so equal ones share the entry and unused ones are collected with it. */
const cache = new WeakMap<Placement, WeakMap<TaskConfig, Feasible>>();

/** Slots that pass the static tests of a config; computed again only when an agent or its attributes changed. */
export function feasibleSlots(placement: Placement, config: TaskConfig): Feasible {
  let byConfig = cache.get(placement);
  if (!byConfig) cache.set(placement, (byConfig = new WeakMap()));
  const known = byConfig.get(config);
  if (known?.version === placement.staticVersion) return known;
  const slots: number[] = [];
  for (const slot of placement.slots) {
    if (placement.slotOf(slot.agent) === slot && staticVeto(config, slot) === null) slots.push(slot.slot);
  }
  const fresh = { version: placement.staticVersion, slots: Int32Array.from(slots), set: new Set(slots) };
  byConfig.set(config, fresh);
  return fresh;
}
