import type { Json, JsonObject } from './recordings.ts';

/** Something that is not as recorded: where, as it was recorded, as it is here. */
export interface Difference {
  readonly at: string;
  readonly recorded: string;
  readonly ours: string;
}

/** Times, addresses and measures: that they are there, and of the type, is all that can be asked of them. */
const VOLATILE: ReadonlySet<string> = new Set([
  'timestamp',
  'port',
  'pid',
  'nanoseconds',
  'executor_pid',
  'registered_time',
  'reregistered_time',
  'unregistered_time',
  'offer_id',
]);

/** In lists of these the order means nothing: the name of an item is where it is looked for. */
const UNORDERED: ReadonlySet<string> = new Set(['resources', 'attributes', 'capabilities']);

/** Every place in which two values differ; a list's items are compared one by one, named things by their names. */
export function compare(
  recorded: Json | undefined,
  ours: Json | undefined,
  where: string,
  found: Difference[],
): void {
  const key = where.slice(where.lastIndexOf('.') + 1);
  if (VOLATILE.has(key) && typeof recorded === typeof ours) return;
  if (Array.isArray(recorded) && Array.isArray(ours)) {
    const [theirs, mine] = UNORDERED.has(key) ? [byName(recorded), byName(ours)] : [recorded, ours];
    for (let index = 0; index < Math.max(theirs.length, mine.length); index++)
      compare(theirs[index] as Json | undefined, mine[index] as Json | undefined, `${where}[]`, found);
  } else if (isObject(recorded) && isObject(ours)) {
    for (const name of new Set([...Object.keys(recorded), ...Object.keys(ours)]))
      compare(recorded[name], ours[name], `${where}.${name}`, found);
  } else if (recorded !== ours) {
    found.push({ at: where, recorded: show(recorded), ours: show(ours) });
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function byName(items: readonly Json[]): readonly Json[] {
  const name = (item: Json): string => (isObject(item) ? String(item['name'] ?? item['type']) : String(item));
  return [...items].sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0));
}

function show(value: Json | undefined): string {
  return value === undefined ? '(nothing)' : JSON.stringify(value).slice(0, 2000);
}
