import type { Refusal } from '../errors.ts';

/** What a command that changed something answers. */
export interface CommandDoneView {
  readonly action:
    | 'created'
    | 'update-started'
    | 'scaled'
    | 'killed'
    | 'restarted'
    | 'update-changed'
    | 'unchanged';
  readonly key: string;
  readonly update: string | null;
  readonly affected: number;
  readonly message: string;
}

/** The body of every error answer: `{"error": Refusal}`. */
export interface ErrorBody {
  readonly error: Refusal;
}
