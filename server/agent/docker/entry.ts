import type { TaskInfo } from '../../../shared/mesos/v1.ts';

/** What is known of one container, from the order to run it until it is over. */
export interface Entry {
  readonly task: TaskInfo;
  readonly name: string;
  killed: boolean;
  over: boolean;
  started: boolean;
  cancelKill?: () => void;
  killAtMs?: number;
}
