/**
 * Names of things. All ids are plain strings with a brand, so that the compiler keeps a task id from being
 * passed where a job key is wanted, at no cost at run time.
 */
declare const brand: unique symbol;
type Brand<Name extends string> = string & { readonly [brand]: Name };

/** `role/environment/name`. The cluster part of an Aurora key (`cluster/role/env/name`) is resolved by the client. */
export type JobKey = Brand<'JobKey'>;
/** One attempt at an instance; a new id each attempt. */
export type TaskId = Brand<'TaskId'>;
/** Assigned by the master at the first registration of an agent (`<masterId>-S<n>`). */
export type AgentId = Brand<'AgentId'>;
export type OfferId = Brand<'OfferId'>;
export type FrameworkId = Brand<'FrameworkId'>;
export type UpdateId = Brand<'UpdateId'>;
/** Content hash of a TaskConfig; equal configs share one id (see `configId` in shared/job/config-id.ts). */
export type ConfigId = Brand<'ConfigId'>;

export interface JobKeyParts {
  readonly role: string;
  readonly environment: string;
  readonly name: string;
}

/** Aurora's good identifier: `^[\w\-.]+$`, at most 255 characters. `.` and `..` are refused as Mesos refuses them. */
const IDENTIFIER = /^[\w\-.]+$/;
export const IDENTIFIER_LENGTH_MAX = 255;

export function isIdentifier(text: string): boolean {
  return text.length <= IDENTIFIER_LENGTH_MAX && IDENTIFIER.test(text) && text !== '.' && text !== '..';
}

export function jobKey({ role, environment, name }: JobKeyParts): JobKey {
  return `${role}/${environment}/${name}` as JobKey;
}

export function jobKeyParts(key: JobKey): JobKeyParts {
  const [role = '', environment = '', name = ''] = key.split('/');
  return { role, environment, name };
}

/** `role/env/name` → JobKey, or undefined when it does not have three good identifiers. */
export function parseJobKey(text: string): JobKey | undefined {
  const parts = text.split('/');
  return parts.length === 3 && parts.every(isIdentifier) ? (text as JobKey) : undefined;
}

/**
 * Aurora's task id: `role-env-name-<instance>-<unique>`, every character outside `[\w-]` replaced by `-`.
 * @param nonce unique per creation (a UUID from the seeded stream); instances of one creation share it.
 */
export function taskId(key: JobKey, instance: number, nonce: string): TaskId {
  return `${taskIdPrefix(key)}${instance}-${nonce}` as TaskId;
}

export function taskIdPrefix(key: JobKey): string {
  return `${key.replace(/[^\w-]/g, '-')}-`;
}

/** Inclusive range of instance ids, as Aurora's Range{first,last}. */
export type InstanceRange = readonly [first: number, last: number];

/** Sorted instance ids → ranges: [0,1,2,5] → [[0,2],[5,5]]. */
export function toRanges(instances: Iterable<number>): InstanceRange[] {
  const sorted = [...instances].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const id of sorted) {
    const last = ranges.at(-1);
    if (last && id <= last[1] + 1) last[1] = Math.max(last[1], id);
    else ranges.push([id, id]);
  }
  return ranges;
}

export function* instancesIn(ranges: readonly InstanceRange[]): Generator<number> {
  for (const [first, last] of ranges) for (let id = first; id <= last; id++) yield id;
}

/** `0-2,5,7-9`, as Aurora's instance specs are written and read. */
export function formatRanges(ranges: readonly InstanceRange[]): string {
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** Reads `0-2,5,7-9`; undefined when it is not one. At most `limit` instances, so that a typo cannot eat memory. */
export function parseRanges(text: string, limit = 100_000): InstanceRange[] | undefined {
  const ranges: InstanceRange[] = [];
  let count = 0;
  for (const part of text.split(',')) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part.trim());
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    count += last - first + 1;
    if (last < first || count > limit) return undefined;
    ranges.push([first, last]);
  }
  return ranges;
}
