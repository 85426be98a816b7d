/**
 * Live views: `GET /v1/watch?view=jobs` (also `job&key=role/env/name`, `update&id=…`, `task&id=…`, `hosts`) answers with server-sent events. The first
 * message is a snapshot; each later one holds only the rows that changed, at most four messages a second. A reader that reconnects gets a new snapshot.
 */
import type { ClusterView, HostView, JobRowView, JobView, TaskView, UpdateView } from './views.ts';

export type WatchView =
  | { readonly view: 'jobs' }
  | { readonly view: 'job'; readonly key: string }
  | { readonly view: 'update'; readonly id: string }
  | { readonly view: 'task'; readonly id: string }
  | { readonly view: 'hosts' };

/** SSE event names: `snapshot`, `delta`, `gone` (the subject no longer exists), `heartbeat` (every 10 s, so that silence means loss). */
export type WatchMessage =
  | {
      readonly type: 'snapshot';
      readonly seq: number;
      readonly cluster: ClusterView;
      readonly data: WatchData;
    }
  | {
      readonly type: 'delta';
      readonly seq: number;
      readonly cluster: ClusterView | null;
      readonly data: WatchData;
    }
  | { readonly type: 'gone'; readonly message: string }
  | { readonly type: 'heartbeat'; readonly at: string };

/**
 * Rows by view. For `jobs` and `hosts` a delta holds the rows to put and the keys to remove; for the others the whole view again
 * (they are one screen each).
 */
export type WatchData =
  | { readonly view: 'jobs'; readonly put: readonly JobRowView[]; readonly remove: readonly string[] }
  | { readonly view: 'hosts'; readonly put: readonly HostView[]; readonly remove: readonly string[] }
  | { readonly view: 'job'; readonly job: JobView }
  | { readonly view: 'update'; readonly update: UpdateView }
  | { readonly view: 'task'; readonly task: TaskView };
