import type { Bundle } from '../../../shared/mesos/bundle.ts';

/**
 * Amounts of scalar resources in thousandths: at each place the resource of that number. Arrays rather than maps, for every offer is added to each level of the role tree.
 */
export type Quantities = number[];

const numbers = new Map<string, number>();
const names: string[] = [];

/** The number of a resource, the same for as long as the process lives. Only what agents announce and quotas name gets one. */
export function numberOf(name: string): number {
  let number = numbers.get(name);
  if (number === undefined) {
    numbers.set(name, (number = names.length));
    names.push(name);
  }
  return number;
}

export const CPUS = numberOf('cpus');
export const MEM = numberOf('mem');
numberOf('disk');
numberOf('gpus');

/** Room for the usual four. */
export function none(): Quantities {
  return [0, 0, 0, 0];
}

/** The scalars of a bundle. */
export function quantitiesOf(bundle: Bundle): Quantities {
  const amounts = none();
  for (const { name, milli } of bundle) if (milli !== 0) addAmount(amounts, numberOf(name), milli);
  return amounts;
}

export function addAmount(sum: Quantities, number: number, milli: number): void {
  while (sum.length <= number) sum.push(0);
  sum[number]! += milli;
}

/** Adds (or, with −1, takes away) in place. */
export function addQuantities(sum: Quantities, amounts: Quantities, sign: 1 | -1): void {
  for (let at = 0; at < amounts.length; at++) {
    const milli = amounts[at]!;
    if (milli !== 0) addAmount(sum, at, sign * milli);
  }
}

/** What is not zero, by name. */
export function named(amounts: Quantities): Map<string, number> {
  return new Map(amounts.flatMap((milli, at) => (milli === 0 ? [] : [[names[at]!, milli] as const])));
}

/** The largest part that `used` is of any resource of `total`. */
export function dominantShare(used: Quantities, total: Quantities): number {
  let share = 0;
  for (let at = 0; at < used.length; at++) {
    const all = total[at] ?? 0;
    if (all > 0 && used[at]! / all > share) share = used[at]! / all;
  }
  return share;
}
