import type { Run } from '../containerizer.ts';

/** What is known of one process, from the order to run it until it is over. */
export interface Entry {
  readonly run: Run;
  pid: number;
  startTime: string | undefined;
  killed: boolean;
  over: boolean;
  killTimer?: NodeJS.Timeout;
  killAtMs?: number;
  poll?: NodeJS.Timeout;
}
