/**
 * Encoded lists that are written again and again while little of them changes: what did not change is neither encoded nor joined anew. Tens of thousands of tasks are tens of
 * megabytes of text; writing them all for every poll would stall the master.
 */

/** How many neighbours are joined into one piece. */
const SEGMENT_ITEMS = 256;

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
  readonly parts: readonly Buffer[];
  readonly joined: Buffer;
}

interface Placed<Item> {
  readonly number: number;
  readonly segment: Segment<Item>;
}

export class Segments<Item> {
  private readonly rules: SegmentRules<Item>;
  private readonly lists = new WeakMap<object, readonly Placed<Item>[]>();

  constructor(rules: SegmentRules<Item>) {
    this.rules = rules;
  }

  /**
   * The items' encodings in order, joined.
   * @param list what the items belong to: pieces are remembered as long as it lives
   */
  chunks(list: object, items: Iterable<Item>): Buffer[] {
    const chunks: Buffer[] = [];
    const separator = Buffer.from(this.rules.separator);
    for (const { segment } of this.renew(list, items)) {
      if (chunks.length > 0 && separator.length > 0) chunks.push(separator);
      chunks.push(segment.joined);
    }
    return chunks;
  }

  /** Each item with its encoding. */
  parts(list: object, items: Iterable<Item>): (readonly [Item, Buffer])[] {
    return this.renew(list, items).flatMap(({ segment: { items: all, parts } }) =>
      all.map((item, at) => [item, parts[at] ?? Buffer.alloc(0)] as const),
    );
  }

  private renew(list: object, items: Iterable<Item>): readonly Placed<Item>[] {
    const before = new Map(this.lists.get(list)?.map(({ number, segment }) => [number, segment]));
    const after: Placed<Item>[] = [];
    let run: Item[] = [];
    let runNumber = -1;
    const finish = (): void => {
      if (run.length === 0) return;
      after.push({ number: runNumber, segment: this.segment(run, before.get(runNumber)) });
    };
    for (const item of items) {
      const number = Math.floor(this.rules.number(item) / SEGMENT_ITEMS);
      if (number !== runNumber) {
        finish();
        run = [];
        runNumber = number;
      }
      run.push(item);
    }
    finish();
    this.lists.set(list, after);
    return after;
  }

  private segment(items: readonly Item[], old: Segment<Item> | undefined): Segment<Item> {
    const versions = items.map((item) => this.rules.version(item));
    if (old && isSame(items, old.items) && isSame(versions, old.versions)) return old;
    const known = new Map(old?.items.map((item, at) => [item, at]));
    const parts = items.map((item, at) => {
      const place = known.get(item);
      const part =
        place !== undefined && old?.versions[place] === versions[at] ? old?.parts[place] : undefined;
      return part ?? this.rules.encode(item);
    });
    return { items, versions, ...join(parts, this.rules.separator) };
  }
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** The parts are views of the whole from then on: nothing is kept twice. */
function join(
  parts: readonly Buffer[],
  separator: string,
): { readonly parts: readonly Buffer[]; readonly joined: Buffer } {
  let length = separator.length * (parts.length - 1);
  for (const part of parts) length += part.length;
  const joined = Buffer.allocUnsafeSlow(length);
  const views: Buffer[] = [];
  let at = 0;
  for (const [index, part] of parts.entries()) {
    if (index > 0) at += joined.write(separator, at, 'latin1');
    joined.set(part, at);
    views.push(joined.subarray(at, at + part.length));
    at += part.length;
  }
  return { parts: views, joined };
}
