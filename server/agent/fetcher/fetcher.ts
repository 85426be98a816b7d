import type { Fetch } from '../prepare.ts';

export function fetchUris(): Fetch {
  return () =>
    Promise.reject(new Error('this agent does not fetch URIs; put what the task needs into its image'));
}
