/** Who comes first: contenders in the order of their shares, kept in order as shares change. */
import type { Quantities } from './quantities.ts';

/** What competes with its siblings for offers: a framework in a role, or a role among the roles of its parent. */
export interface Contender {
  readonly name: string;
  readonly allocated: Quantities;
  /** Times that it was given something: the tie-break of Mesos's sorter. */
  allocations: number;
  share: number;
}

/** Where it is, or belongs, among contenders that are in order between these two places. */
export function placeOf(order: readonly Contender[], contender: Contender, from: number, to: number): number {
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isBefore(order[middle]!, contender)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The contender at a place changed: it goes where it belongs now, and those between move up. */
export function move(order: Contender[], from: number): void {
  const contender = order[from]!;
  let at = from;
  if (from + 1 < order.length && isBefore(order[from + 1]!, contender))
    for (const to = placeOf(order, contender, from + 1, order.length) - 1; at < to; at++)
      order[at] = order[at + 1]!;
  else for (const to = placeOf(order, contender, 0, from); at > to; at--) order[at] = order[at - 1]!;
  order[at] = contender;
}

/** For sorting. */
export function byShare(a: Contender, b: Contender): number {
  return a === b ? 0 : isBefore(a, b) ? -1 : 1;
}

/** No difference of shares leaves this: it would be an object for the collector, at each of ten comparisons an offer. */
function isBefore(a: Contender, b: Contender): boolean {
  if (a.share !== b.share) return a.share < b.share;
  return a.allocations === b.allocations ? a.name < b.name : a.allocations < b.allocations;
}
