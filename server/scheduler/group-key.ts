import type { ConfigId, JobKey } from '../../shared/ids.ts';

/** Pending tasks with the same job and config are interchangeable: one failed match answers for all (Aurora's TaskGroup). */
export type GroupKey = string & { readonly group: unique symbol };
export const groupKey = (job: JobKey, config: ConfigId): GroupKey => `${job} ${config}` as GroupKey;
