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
}

/**
 * Forward: creations first, then changes, then removals, ascending. Back: the reverse (Aurora's InstanceActionHandler and its ordering in
 * JobUpdaterUtil). A restart wants what is there, anew.
 */
export function directionOf(update: UpdateRow): Direction {
  const forward =
    !update.status.startsWith('ROLL_BACK') &&
    !update.status.startsWith('ROLLING_BACK') &&
    update.status !== 'ROLLED_BACK';
  const before = configByInstance(update.initial);
  const after = update.kind === 'restart' ? before : configByInstance(update.desired ? [update.desired] : []);
  const scope = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => a - b);
  const rank = (instance: number): number => (!before.has(instance) ? 0 : after.has(instance) ? 1 : 2);
  const order = scope.sort((a, b) => rank(a) - rank(b) || a - b);
  const to = forward ? after : before;
  return {
    forward,
    sinceMs: forward
      ? update.createdAtMs
      : (update.events.findLast((event) => event.status === 'ROLLING_BACK')?.atMs ?? update.createdAtMs),
    targets: new Map(order.map((instance) => [instance, to.get(instance) ?? null])),
    order: forward ? order : order.reverse(),
  };
}

function configByInstance(groups: readonly ConfigGroup[]): Map<number, ConfigId> {
  const map = new Map<number, ConfigId>();
  for (const { config, ranges } of groups)
    for (const instance of instancesIn(ranges)) map.set(instance, config);
  return map;
}
