/**
 * Encoded lists that are written again and again while little of them changes: what did not change is neither encoded nor joined anew. Tens of thousands of tasks are tens of
 * megabytes of text; writing them all for every poll would stall the master.
 */
import { slices } from '../../../libprocess/slices.ts';

/** How many neighbours are joined into one piece: what a change copies, against what each answer counts up. */
const SEGMENT_ITEMS = 32;

export interface SegmentRules<Item> {
  /** Where in the order of arrival the item is: neighbours by it share a piece, so that one that goes disturbs only its own. */
  number(item: Item): number;
  /** Another value, or another object, whenever the item would be written differently. */
  version(item: Item): unknown;
  encode(item: Item): Buffer;
  /** Between two items: `,` in JSON, nothing in protobuf. */
  readonly separator: string;
}

interface Segment<Item> {
  readonly items: readonly Item[];
  readonly versions: readonly unknown[];
  /** Where in `joined` each item ends. */
  readonly ends: readonly number[];
  readonly joined: Buffer;
}

type ByNumber<Item> = Map<number, Segment<Item>>;

export class Segments<Item> {
  private readonly rules: SegmentRules<Item>;
  private readonly separator: Buffer;
  private readonly lists = new WeakMap<object, ByNumber<Item>>();

  constructor(rules: SegmentRules<Item>) {
    this.rules = rules;
    this.separator = Buffer.from(rules.separator);
  }

  /**
   * The items' encodings in order, joined.
   * @param list what the items belong to: pieces are remembered as long as it lives
   */
  chunks(list: object, items: Iterable<Item>): Buffer[] {
    const chunks: Buffer[] = [];
    for (const { joined } of this.renew(list, items)) {
      if (chunks.length > 0 && this.separator.length > 0) chunks.push(this.separator);
      chunks.push(joined);
    }
    return chunks;
  }

  /** Each item with its encoding. */
  parts(list: object, items: Iterable<Item>): (readonly [Item, Buffer])[] {
    return this.renew(list, items).flatMap(({ items: all, ends, joined }) =>
      all.map((item, at) => [item, joined.subarray(this.start(ends, at), ends[at])] as const),
    );
  }

  private renew(list: object, items: Iterable<Item>): readonly Segment<Item>[] {
    let known = this.lists.get(list);
    if (!known) this.lists.set(list, (known = new Map()));
    const after: Segment<Item>[] = [];
    const seen = new Set<number>();
    const run: Item[] = [];
    let runNumber = -1;
    for (const item of items) {
      const number = Math.floor(this.rules.number(item) / SEGMENT_ITEMS);
      if (number !== runNumber) {
        if (run.length > 0) after.push(this.renewed(known, runNumber, run));
        run.length = 0;
        runNumber = number;
        seen.add(number);
      }
      run.push(item);
    }
    if (run.length > 0) after.push(this.renewed(known, runNumber, run));
    if (known.size > seen.size)
      for (const number of known.keys()) if (!seen.has(number)) known.delete(number);
    return after;
  }

  private renewed(known: ByNumber<Item>, number: number, items: readonly Item[]): Segment<Item> {
    const old = known.get(number);
    if (old && this.isSame(old, items)) return old;
    slices.mayLeave();
    const segment = this.join([...items], old);
    known.set(number, segment);
    return segment;
  }

  private isSame({ items: before, versions }: Segment<Item>, items: readonly Item[]): boolean {
    if (items.length !== before.length) return false;
    for (let at = 0; at < items.length; at++) {
      const item = items[at]!;
      if (item !== before[at] || this.rules.version(item) !== versions[at]) return false;
    }
    return true;
  }

  /** Encodes what is new or changed; the rest is copied from the piece of before, neighbours at once. */
  private join(items: readonly Item[], old: Segment<Item> | undefined): Segment<Item> {
    const versions = items.map((item) => this.rules.version(item));
    const { pieces, ends } = this.pieces(items, versions, old);
    const joined = Buffer.allocUnsafeSlow(ends.at(-1) ?? 0);
    let at = 0;
    pieces.forEach((piece, number) => {
      if (number > 0) at += this.separator.copy(joined, at);
      at += piece.copy(joined, at);
    });
    return { items, versions, ends, joined };
  }

  /** What is to be joined: single items that were encoded, and runs of those that stay. */
  private pieces(
    items: readonly Item[],
    versions: readonly unknown[],
    old: Segment<Item> | undefined,
  ): { readonly pieces: readonly Buffer[]; readonly ends: readonly number[] } {
    const pieces: Buffer[] = [];
    const ends: number[] = [];
    let run: { from: number; to: number } | undefined;
    let [end, next] = [0, 0];
    const finish = (): void => {
      if (run && old) pieces.push(old.joined.subarray(run.from, run.to));
      run = undefined;
    };
    for (let at = 0; at < items.length; at++) {
      const item = items[at]!;
      // Mostly it is where it was.
      const place = old?.items[next] === item ? next : (old?.items.indexOf(item) ?? -1);
      if (at > 0) end += this.separator.length;
      if (old && place >= 0 && old.versions[place] === versions[at]) {
        const [from, to] = [this.start(old.ends, place), old.ends[place] ?? 0];
        if (!run || from !== run.to + this.separator.length) {
          finish();
          run = { from, to };
        } else run.to = to;
        end += to - from;
        next = place + 1;
      } else {
        finish();
        const part = this.rules.encode(item);
        pieces.push(part);
        end += part.length;
        next += 1;
      }
      ends.push(end);
    }
    finish();
    return { pieces, ends };
  }

  private start(ends: readonly number[], at: number): number {
    return at === 0 ? 0 : (ends[at - 1] ?? 0) + this.separator.length;
  }
}
