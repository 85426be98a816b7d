import type { ConfigId, JobKey } from '../../shared/ids.ts';

/** Pending tasks with the same job and config are interchangeable: one failed match answers for all (Aurora's TaskGroup). */
export type GroupKey = string & { readonly group: unique symbol };
export const groupKey = (job: JobKey, config: ConfigId): GroupKey => `${job} ${config}` as GroupKey;

export function splitGroupKey(key: GroupKey): { job: JobKey; config: ConfigId } {
  const at = key.lastIndexOf(' ');
  return { job: key.slice(0, at) as JobKey, config: key.slice(at + 1) as ConfigId };
}
