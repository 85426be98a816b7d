import type { Bundle, Piece } from '../../shared/mesos/bundle.ts';

/** Kinds of machines in one cluster that are worth remembering. */
const KINDS_MAX = 1_000;

/**
 * Bundles of the same content as one object. Most machines of a cluster are like many others: what they have is kept once, an allocation finds it in the processor's cache
 * (it goes through agents in random order), and it is put into words once per role.
 */
export class Alike {
  private readonly known = new Map<string, Bundle>();

  of(bundle: Bundle): Bundle {
    const content = bundle.map(contentOf).join();
    const known = this.known.get(content);
    if (known) return known;
    if (this.known.size >= KINDS_MAX) this.known.clear();
    this.known.set(content, bundle);
    return bundle;
  }
}

function contentOf({ key, type, milli, ranges, items }: Piece): string {
  return `${key} ${type} ${milli} ${ranges.join()} ${JSON.stringify(items)}`;
}
