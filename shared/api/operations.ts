/**
 * One table of operations: the server's routes, the client's methods, OpenAPI and the commands all come from it. Paths use `:name`
 * parameters; a job key is three of them (`:role/:env/:name`). Bodies and queries are checked by shared/api/inputs.ts (zod), which has an entry
 * per operation that takes any.
 */
import type { CommandDoneView } from './results.ts';
import type {
  ClusterView,
  EventView,
  HistoryView,
  HostView,
  JobRowView,
  JobView,
  LogLine,
  PlanView,
  TaskView,
  UpdateView,
  WhyAnswer,
} from './views.ts';
import type { WatchMessage } from './watch.ts';

interface Operation {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly summary: string;
  /** `json`: one answer. `sse`: an endless stream of events. `ndjson`: lines until the end. */
  readonly answer: 'json' | 'sse' | 'ndjson';
  readonly mutates: boolean;
}

const JOB = '/v1/jobs/:role/:env/:name';

export const OPERATIONS = {
  'cluster.info': {
    method: 'GET',
    path: '/v1/cluster',
    summary: 'What this cluster is and how full it is',
    answer: 'json',
    mutates: false,
  },
  'job.list': {
    method: 'GET',
    path: '/v1/jobs',
    summary: 'Jobs, one row each',
    answer: 'json',
    mutates: false,
  },
  'job.submit': {
    method: 'POST',
    path: '/v1/jobs',
    summary: 'Create a job or start an update towards it',
    answer: 'json',
    mutates: true,
  },
  'job.plan': {
    method: 'POST',
    path: '/v1/plan',
    summary: 'What a command would do, without doing it',
    answer: 'json',
    mutates: false,
  },
  'job.status': {
    method: 'GET',
    path: JOB,
    summary: 'A job with its tasks and active update',
    answer: 'json',
    mutates: false,
  },
  'job.scale': {
    method: 'POST',
    path: `${JOB}/scale`,
    summary: 'Set the number of instances',
    answer: 'json',
    mutates: true,
  },
  'job.restart': {
    method: 'POST',
    path: `${JOB}/restart`,
    summary: 'Restart instances, rolling',
    answer: 'json',
    mutates: true,
  },
  'job.kill': {
    method: 'POST',
    path: `${JOB}/kill`,
    summary: 'Kill instances or the whole job',
    answer: 'json',
    mutates: true,
  },
  'job.history': {
    method: 'GET',
    path: `${JOB}/history`,
    summary: 'Who did what, and what became of it',
    answer: 'json',
    mutates: false,
  },
  'job.why': {
    method: 'GET',
    path: `${JOB}/why`,
    summary: 'Why instances are not running',
    answer: 'json',
    mutates: false,
  },
  'job.logs': {
    method: 'GET',
    path: `${JOB}/logs`,
    summary: 'Log lines of its instances',
    answer: 'ndjson',
    mutates: false,
  },
  'update.list': {
    method: 'GET',
    path: '/v1/updates',
    summary: 'Updates, newest first',
    answer: 'json',
    mutates: false,
  },
  'update.status': {
    method: 'GET',
    path: '/v1/updates/:id',
    summary: 'One update',
    answer: 'json',
    mutates: false,
  },
  'update.command': {
    method: 'POST',
    path: `${JOB}/update`,
    summary: 'Pause, resume, abort or roll back the active update',
    answer: 'json',
    mutates: true,
  },
  'task.list': {
    method: 'GET',
    path: '/v1/tasks',
    summary: 'Tasks by job, host and status',
    answer: 'json',
    mutates: false,
  },
  'task.status': {
    method: 'GET',
    path: '/v1/tasks/:id',
    summary: 'One task with its events',
    answer: 'json',
    mutates: false,
  },
  'task.why': {
    method: 'GET',
    path: '/v1/tasks/:id/why',
    summary: 'Why a task is not running',
    answer: 'json',
    mutates: false,
  },
  'task.logs': {
    method: 'GET',
    path: '/v1/tasks/:id/logs',
    summary: 'Log lines of a task',
    answer: 'ndjson',
    mutates: false,
  },
  'task.files': {
    method: 'GET',
    path: '/v1/tasks/:id/files',
    summary: 'Sandbox: a listing, or a file',
    answer: 'json',
    mutates: false,
  },
  'host.list': {
    method: 'GET',
    path: '/v1/hosts',
    summary: 'Agents and how full they are',
    answer: 'json',
    mutates: false,
  },
  events: {
    method: 'GET',
    path: '/v1/events',
    summary: 'The journal as events, resumable by sequence',
    answer: 'sse',
    mutates: false,
  },
  watch: {
    method: 'GET',
    path: '/v1/watch',
    summary: 'A view of the cluster, kept up to date by deltas',
    answer: 'sse',
    mutates: false,
  },
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof OPERATIONS;

/** Reply type by operation; streams give the type of one item. */
export interface Replies {
  'cluster.info': ClusterView;
  'job.list': { readonly jobs: readonly JobRowView[] };
  'job.submit': CommandDoneView;
  'job.plan': PlanView;
  'job.status': JobView;
  'job.scale': CommandDoneView;
  'job.restart': CommandDoneView;
  'job.kill': CommandDoneView;
  'job.history': HistoryView;
  'job.why': WhyAnswer;
  'job.logs': LogLine;
  'update.list': { readonly updates: readonly UpdateView[] };
  'update.status': UpdateView;
  'update.command': CommandDoneView;
  'task.list': { readonly tasks: readonly TaskView[] };
  'task.status': TaskView;
  'task.why': WhyAnswer;
  'task.logs': LogLine;
  'task.files': {
    readonly path: string;
    readonly entries?: readonly {
      readonly name: string;
      readonly size: number;
      readonly directory: boolean;
    }[];
    readonly text?: string;
  };
  'host.list': { readonly hosts: readonly HostView[] };
  events: EventView;
  watch: WatchMessage;
}
