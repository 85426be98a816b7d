/** What an operator can ask for: the one list behind routes, commands, console actions and the audit trail. */
import type { InstanceRange, JobKey, UpdateId } from './ids.ts';
import type { Job } from './job/config.ts';
import type { UpdateCommand } from './update-states.ts';

/** Who asked, and from where. */
export interface Actor {
  readonly user: string;
  /** `console`, `cli`, `api`, `fixture`, … */
  readonly from: string;
}

export type Command =
  /** Creates the job, or starts an update towards it. Same config and count: nothing, answered as unchanged. */
  | {
      readonly kind: 'job.submit';
      readonly job: Job;
      readonly only?: readonly InstanceRange[];
      readonly message?: string;
    }
  | {
      readonly kind: 'job.scale';
      readonly key: JobKey;
      readonly instances: number;
      readonly message?: string;
    }
  /** All active instances, or those in `only`. Killing the whole job ends it. */
  | {
      readonly kind: 'job.kill';
      readonly key: JobKey;
      readonly only?: readonly InstanceRange[];
      readonly message?: string;
    }
  /** A rolling restart by the job's update settings (an update of kind `restart`), or all at once with `now`. */
  | {
      readonly kind: 'job.restart';
      readonly key: JobKey;
      readonly only?: readonly InstanceRange[];
      readonly now?: boolean;
      readonly message?: string;
    }
  | {
      readonly kind: 'update.command';
      readonly command: UpdateCommand;
      readonly key: JobKey;
      readonly update?: UpdateId;
      readonly message?: string;
    };

/** What a command did. `affected`: instances that it touches. */
export interface CommandDone {
  readonly action:
    | 'created'
    | 'update-started'
    | 'scaled'
    | 'killed'
    | 'restarted'
    | 'update-changed'
    | 'unchanged';
  readonly key: JobKey;
  readonly update?: UpdateId;
  readonly affected: number;
  readonly message: string;
}
