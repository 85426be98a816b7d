import type { ConfigId } from '../../../shared/ids.ts';
import { instancesIn } from '../../../shared/ids.ts';
import type { ConfigGroup, UpdateRow } from '../rows.ts';

/** Where an update wants each instance in the direction it goes: a config, or null where there shall be none. */
export interface Direction {
  readonly forward: boolean;
  /** When this direction began; tasks created earlier are not of its making. */
  readonly sinceMs: number;
  readonly targets: ReadonlyMap<number, ConfigId | null>;
  /** In the order in which instances are taken up. */
  readonly order: readonly number[];
  /** On the way back: what the way forward never took up, and so has nothing to be taken back of. Forward: empty. */
  readonly untouched: ReadonlySet<number>;
}

/** Nothing in a direction changes while it lasts; thousands of instances are not to be sorted at every look. */
const known = new WeakMap<UpdateRow, Direction>();

/**
 * Forward: creations first, then changes, then removals, ascending. Back: the reverse (Aurora's InstanceActionHandler and its ordering in
 * JobUpdaterUtil). A restart wants what is there, anew. An update that is over keeps the direction it had last.
 */
export function directionOf(update: UpdateRow): Direction {
  // The first one: a rollback that was paused does not begin again. There is no way forward from it.
  const turned = update.events.find((event) => event.status === 'ROLLING_BACK');
  const forward = turned === undefined;
  const kept = known.get(update);
  if (kept?.forward === forward) return kept;
  const direction = work(update, forward, turned?.atMs ?? update.createdAtMs);
  known.set(update, direction);
  return direction;
}

function work(update: UpdateRow, forward: boolean, sinceMs: number): Direction {
  const before = configByInstance(update.initial);
  const after = update.kind === 'restart' ? before : configByInstance(update.desired ? [update.desired] : []);
  const rank = (instance: number): number => (!before.has(instance) ? 0 : after.has(instance) ? 1 : 2);
  const order = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => rank(a) - rank(b) || a - b);
  const to = forward ? after : before;
  return {
    forward,
    sinceMs,
    targets: new Map(order.map((instance) => [instance, to.get(instance) ?? null])),
    order: forward ? order : order.reverse(),
    untouched: forward ? new Set() : without(order, begun(update)),
  };
}

/** What the way forward took up: each left an event, unless there was nothing to do. */
function begun(update: UpdateRow): Set<number> {
  const taken = update.instanceEvents.filter(({ action }) => action === 'INSTANCE_UPDATING');
  return new Set(taken.map(({ instance }) => instance));
}

function without(all: readonly number[], some: ReadonlySet<number>): Set<number> {
  return new Set(all.filter((instance) => !some.has(instance)));
}

function configByInstance(groups: readonly ConfigGroup[]): Map<number, ConfigId> {
  const map = new Map<number, ConfigId>();
  for (const { config, ranges } of groups)
    for (const instance of instancesIn(ranges)) map.set(instance, config);
  return map;
}
