import type { DawnError } from '../../shared/errors.ts';
import type { CommandDoneView } from '../../shared/api/results.ts';
import type { LogLine, PlanView, WhyAnswer } from '../../shared/api/views.ts';
import type { WatchMessage } from '../../shared/api/watch.ts';
import type { Command } from '../../shared/command.ts';
import type { Key } from './key-reader.ts';
import type { Place } from './place.ts';

/** What can happen to the console. */
export type Message =
  | { readonly kind: 'key'; readonly key: Key }
  | { readonly kind: 'resize'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'tick'; readonly nowMs: number }
  /** `from`: the place that was watched; what comes for a place that was left is dropped. */
  | { readonly kind: 'watched'; readonly from: string; readonly message: WatchMessage }
  | {
      readonly kind: 'lost';
      readonly problem: string;
      readonly attempts: number;
      /** As the client told it, if it did. */
      readonly error?: DawnError;
    }
  | { readonly kind: 'logs'; readonly from: string; readonly lines: readonly LogLine[] }
  | { readonly kind: 'logs-ended'; readonly from: string; readonly why: string }
  | { readonly kind: 'why'; readonly from: string; readonly answer: WhyAnswer }
  | { readonly kind: 'gone'; readonly from: string; readonly why: string }
  | { readonly kind: 'planned'; readonly command: Command; readonly plan: PlanView }
  /** An edited or submitted file was read: plan this. */
  | { readonly kind: 'propose'; readonly command: Command; readonly file?: string }
  | { readonly kind: 'acted'; readonly done: CommandDoneView }
  | { readonly kind: 'say'; readonly text: string; readonly bad: boolean };

/** What the console wants done about it, outside of the reducer. */
export type Effect =
  /** The place changed: watch this one. */
  | { readonly kind: 'open'; readonly place: Place }
  | { readonly kind: 'plan'; readonly command: Command }
  | { readonly kind: 'act'; readonly command: Command; readonly planId: string }
  | { readonly kind: 'edit'; readonly key: string }
  | { readonly kind: 'submit'; readonly path: string }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'redraw' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'quit' };

export interface Step<State> {
  readonly state: State;
  readonly effects: readonly Effect[];
}
