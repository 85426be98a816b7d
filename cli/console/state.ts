import type {
  ClusterView,
  HostView,
  JobRowView,
  JobView,
  LogLine,
  PlanView,
  TaskView,
  UpdateView,
  WhyAnswer,
} from '../../shared/api/views.ts';
import type { Command } from '../../shared/command.ts';
import type { Place } from './place.ts';

/** Where somebody is: a place, and how they look at it. Kept on the stack, so that going back finds everything as it was. */
export interface View {
  readonly place: Place;
  /** The row under the cursor, by its id, so that it stays the same row when the order changes. */
  readonly cursor: string | null;
  readonly scroll: number;
  readonly filter: string;
  readonly sort: { readonly column: string; readonly down: boolean } | null;
  readonly marks: ReadonlySet<string>;
}

export interface Prompt {
  /** `:` a command line, `/` a filter, `?` a question about `about`. */
  readonly kind: 'command' | 'filter' | 'scale' | 'confirm' | 'find';
  readonly text: string;
  readonly at: number;
  readonly hint: string;
}

/** A command on its way: planned, looked at, confirmed, done. */
export interface Act {
  readonly command: Command;
  /** How the file is called that a submit reads. */
  readonly file?: string;
  readonly plan: PlanView | null;
  readonly scroll: number;
  /** What must be typed before it is done: a word for what is large, nothing for what is small. */
  readonly wantsTyped: string | null;
  readonly busy: boolean;
}

export interface Message {
  readonly atMs: number;
  readonly text: string;
  readonly bad: boolean;
}

export interface Logs {
  readonly lines: readonly LogLine[];
  readonly follow: boolean;
  readonly wrap: boolean;
  /** Lines above the end, when not following. */
  readonly back: number;
  readonly ended: string | null;
}

export interface Data {
  readonly jobs: ReadonlyMap<string, JobRowView>;
  readonly hosts: ReadonlyMap<string, HostView>;
  readonly job: JobView | null;
  readonly update: UpdateView | null;
  readonly task: TaskView | null;
  readonly why: WhyAnswer | null;
  readonly logs: Logs;
  /** The subject does not exist (any more). */
  readonly gone: string | null;
  /** The first snapshot of the view has come. */
  readonly loaded: boolean;
}

export interface Connection {
  readonly state: 'connecting' | 'live' | 'lost';
  readonly sinceMs: number;
  readonly problem: string | null;
  readonly attempts: number;
}

export interface State {
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  readonly url: string;
  readonly user: string;
  readonly readOnly: boolean;
  readonly cluster: ClusterView | null;
  readonly connection: Connection;
  /** Never empty; the last is shown. */
  readonly stack: readonly View[];
  readonly data: Data;
  readonly prompt: Prompt | null;
  /** The act menu is open: the next letter chooses. */
  readonly menu: boolean;
  readonly act: Act | null;
  readonly messages: readonly Message[];
  readonly history: readonly string[];
}

export const NO_LOGS: Logs = { lines: [], follow: true, wrap: false, back: 0, ended: null };

export function emptyData(jobs: Data['jobs'] = new Map()): Data {
  return {
    jobs,
    hosts: new Map(),
    job: null,
    update: null,
    task: null,
    why: null,
    logs: NO_LOGS,
    gone: null,
    loaded: false,
  };
}

export function viewOf(place: Place): View {
  return { place, cursor: null, scroll: 0, filter: '', sort: null, marks: new Set() };
}

export function currentView(state: State): View {
  return state.stack.at(-1) ?? viewOf({ kind: 'jobs' });
}

export function withView(state: State, change: Partial<View>): State {
  return { ...state, stack: [...state.stack.slice(0, -1), { ...currentView(state), ...change }] };
}
