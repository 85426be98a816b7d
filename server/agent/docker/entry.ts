import type { Run } from '../containerizer.ts';

/** What is known of one container, from the order to run it until it is over. */
export interface Entry {
  readonly run: Run;
  readonly name: string;
  killed: boolean;
  over: boolean;
  started: boolean;
  /** It has ended, and its last words are being read; aborted when somebody wants it dead and will not wait for them. */
  ending?: AbortController;
  cancelKill?: () => void;
  killAtMs?: number;
}
