import type { Json, JsonObject } from './recorded.ts';

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
  'start_time',
  'cpus_user_time_secs',
  'cpus_system_time_secs',
  'mem_rss_bytes',
  'elected_time',
  'leader',
]);

/** In lists of these the order means nothing: the name of an item is where it is looked for. */
const UNORDERED: ReadonlySet<string> = new Set([
  'resources',
  'attributes',
  'capabilities',
  // Of operators' answers: Mesos keeps these in hash tables.
  'total_resources',
  'allocated_resources',
  'offered_resources',
  'unreserved_resources_full',
  'used_resources_full',
  'offered_resources_full',
  'slaves',
  'agents',
  'frameworks',
  'completed_frameworks',
  'tasks',
  'completed_tasks',
  'unreachable_tasks',
]);

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
  const name = (item: Json): string => (isObject(item) ? nameOf(item) : String(item));
  return [...items].sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0));
}

/** Agents go by their hosts, frameworks of the v1 API by the name inside. */
function nameOf(item: JsonObject): string {
  for (const inner of [item, item['framework_info'], item['agent_info']]) {
    const named = inner as JsonObject | undefined;
    const name = named?.['name'] ?? named?.['hostname'] ?? named?.['type'];
    if (name !== undefined) return String(name);
  }
  return '';
}

function show(value: Json | undefined): string {
  return value === undefined ? '(nothing)' : JSON.stringify(value).slice(0, 2000);
}
