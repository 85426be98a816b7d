import type { MesosResource } from '../../../shared/mesos/v1.ts';
import type { Run } from '../containerizer.ts';

/** What is known of one container, from the order to run it until it is over. */
export interface Entry {
  readonly run: Run;
  readonly name: string;
  killed: boolean;
  over: boolean;
  started: boolean;
  /** What it may take since it was told to run, if that has changed. */
  resources?: readonly MesosResource[];
  /** The engine said so before we knew that it had started. */
  exited?: boolean;
  /** It has ended, and its last words are being read; aborted when somebody wants it dead and will not wait for them. */
  ending?: AbortController;
  /** Its output is in its sandbox. */
  copied?: Promise<void>;
  cancelKill?: () => void;
  killAtMs?: number;
}
