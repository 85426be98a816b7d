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
  'estimated_drain_start_time_seconds',
  'avg_load_1min',
  'avg_load_5min',
  'avg_load_15min',
  'mem_free_bytes',
  'mem_total_bytes',
  'cpus_total',
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
  'offers',
]);

/** Every place in which two values differ; a list's items are compared one by one, named things by their names. */
export function compare(
  recorded: Json | undefined,
  ours: Json | undefined,
  where: string,
  found: Difference[],
): void {
  const key = where.slice(where.lastIndexOf('.') + 1);
  if ((VOLATILE.has(key) || isMeasure(where)) && typeof recorded === typeof ours) return;
  if (Array.isArray(recorded) && Array.isArray(ours)) {
    const [theirs, mine] = UNORDERED.has(key) ? [byName(recorded), byName(ours)] : [recorded, ours];
    for (let index = 0; index < Math.max(theirs.length, mine.length); index++)
      compare(theirs[index] as Json | undefined, mine[index] as Json | undefined, `${where}[]`, found);
  } else if (isObject(recorded) && isObject(ours)) {
    for (const name of new Set([...Object.keys(recorded), ...Object.keys(ours)]))
      compare(recorded[name], ours[name], `${where}.${name}`, found);
  } else if (recorded !== ours && !isSameInOtherOrder(recorded, ours)) {
    found.push({ at: where, recorded: show(recorded), ours: show(ours) });
  }
}

/** A metric of Mesos's: no other member has a slash in its name. */
function isMeasure(where: string): boolean {
  return where.includes('/');
}

/** Sentences that list resources: in which order Mesos happens to keep them means nothing. */
function isSameInOtherOrder(recorded: Json | undefined, ours: Json | undefined): boolean {
  if (typeof recorded !== 'string' || typeof ours !== 'string' || !recorded.includes('; ')) return false;
  const parts = (text: string): string =>
    text
      .split(/; | (?:resources|available|contain) /)
      .sort()
      .join('; ');
  return recorded.length === ours.length && parts(recorded) === parts(ours);
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
    if (name !== undefined) return `${String(name)} ${kindOf(item)}`;
  }
  return 'allocation_info' in item ? amountOf(item['resources']) : '';
}

/** Offers have ids of their own: they go by what they are of. */
function amountOf(resources: Json | undefined): string {
  const amount = (name: string): string => {
    if (isObject(resources)) return String(resources[name]);
    if (!Array.isArray(resources)) return '';
    const found = (resources as readonly JsonObject[]).find((each) => each['name'] === name);
    return String((found?.['scalar'] as JsonObject | undefined)?.['value']);
  };
  return `${amount('cpus')} ${amount('mem')}`;
}

/** Of resources of one name: for whom they are, and which volume. */
function kindOf({ role, reservation, reservations, disk }: JsonObject): string {
  const reserved = reservation !== undefined || reservations !== undefined;
  const volume = (disk as { persistence?: { id?: string } } | undefined)?.persistence?.id ?? '';
  return `${typeof role === 'string' ? role : ''} ${reserved} ${volume}`;
}

function show(value: Json | undefined): string {
  return value === undefined ? '(nothing)' : JSON.stringify(value).slice(0, 2000);
}
