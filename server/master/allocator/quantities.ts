import type { Bundle } from '../../../shared/mesos/bundle.ts';

/** Amounts of scalar resources by name, in thousandths. */
export type Quantities = Map<string, number>;

/** Adds (or, with −1, takes away) the scalars of a bundle, in place. */
export function addQuantities(sum: Quantities, bundle: Bundle, sign: 1 | -1): Quantities {
  for (const { name, milli } of bundle) if (milli !== 0) sum.set(name, (sum.get(name) ?? 0) + sign * milli);
  return sum;
}

/** The largest part that `used` is of any resource of `total`. */
export function dominantShare(used: Quantities, total: Quantities): number {
  let share = 0;
  for (const [name, milli] of used) {
    const all = total.get(name) ?? 0;
    if (all > 0 && milli / all > share) share = milli / all;
  }
  return share;
}
