/** What is reserved for a role, or allocated to it, is shown to whoever may see the role. As in Mesos, every reservation of a piece counts. */
import type { Bundle } from '../../../../shared/mesos/bundle.ts';
import type { MasterWorld } from '../../../master/world.ts';
import type { ByRole } from './holdings.ts';

type Seen = Pick<MasterWorld, 'seesRole'>;

export function seenOf({ seesRole }: Seen, bundle: Bundle): Bundle {
  if (!seesRole) return bundle;
  return bundle.filter(({ kind }) => (kind?.reservations ?? []).every(({ role = '*' }) => seesRole(role)));
}

export function seenByRole(world: Seen, sums: ByRole): ByRole {
  const { seesRole } = world;
  if (!seesRole) return sums;
  const seen = [...sums].filter(([role]) => seesRole(role));
  return new Map(seen.map(([role, bundle]) => [role, seenOf(world, bundle)]));
}
