import { type Bundle, type Piece, reservedRole } from '../../../shared/mesos/bundle.ts';
import { countPorts } from '../../../shared/resources.ts';

/** How much of which resources is worth an offer, in thousandths: alternatives, in each of which everything named is needed. None at all: any amount. */
export type Minimums = readonly ReadonlyMap<string, number>[];

/** Mesos's default, `cpus:0.01|mem:32`. */
const USUAL: Minimums = [new Map([['cpus', 10]]), new Map([['mem', 32_000]])];

/** Mesos's `--min_allocatable_resources`: what is less is not offered. */
export class Least {
  private readonly alternatives: readonly (readonly (readonly [name: string, milli: number])[])[];
  /** Nothing without some cpus or mem will do: who can have neither need not be asked. */
  readonly needsCpusOrMem: boolean;

  constructor(minimums: Minimums = USUAL) {
    this.alternatives = minimums.map((each) => [...each]);
    const isNeeded = (each: ReadonlyMap<string, number>): boolean =>
      (each.get('cpus') ?? 0) > 0 || (each.get('mem') ?? 0) > 0;
    this.needsCpusOrMem = minimums.length > 0 && minimums.every(isNeeded);
  }

  /** Never by nothing. */
  isMetBy(bundle: Bundle): boolean {
    return bundle.length > 0 && this.isAnyMet(bundle, false);
  }

  /** By what is reserved for nobody. */
  isMetForAllBy(bundle: Bundle): boolean {
    for (const piece of bundle) if (reservedRole(piece) === undefined) return this.isAnyMet(bundle, true);
    return false;
  }

  private isAnyMet(bundle: Bundle, unreservedOnly: boolean): boolean {
    if (this.alternatives.length === 0) return true;
    for (const alternative of this.alternatives) {
      let isMet = true;
      for (const wanted of alternative)
        if (amountOf(bundle, wanted[0], unreservedOnly) < wanted[1]) isMet = false;
      if (isMet) return true;
    }
    return false;
  }
}

function amountOf(bundle: Bundle, name: string, unreservedOnly: boolean): number {
  let sum = 0;
  for (const piece of bundle)
    if (piece.name === name && !(unreservedOnly && reservedRole(piece) !== undefined)) sum += amount(piece);
  return sum;
}

/** Of ranges and sets: how many they are, as Mesos counts them. */
function amount({ type, milli, ranges, items }: Piece): number {
  return type === 'SCALAR' ? milli : 1000 * (countPorts(ranges) + items.length);
}
