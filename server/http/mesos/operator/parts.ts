/** What operators' endpoints need of the rest: a world to read, somebody who carries commands out, news. */
import type { Acls } from '../../../../shared/mesos/acls.ts';
import type { OperatorCall } from '../../../../shared/mesos/operator.ts';
import type { Clock } from '../../../engine/clock.ts';
import type { OperatorNews } from '../../../master/facts.ts';
import type { Viewer } from '../../../master/visible.ts';
import type { MasterWorld } from '../../../master/world.ts';
import type { Advertised } from '../master-info.ts';

/** mesos.v1.master.Call, decoded and checked: `type` and the field that goes with it. */
export interface MasterCall {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface Answer {
  readonly status: number;
  /** Why not. */
  readonly message?: string;
}

export interface OperatorHub {
  /** A command. Resolves when it is decided and durable; 200 or 202 without a message where it was taken. @param principal of whoever sent it, where everybody is asked */
  perform(call: OperatorCall, principal?: string): Promise<Answer>;
  /** Every change of the world is told, in order, until the returned function is called. */
  watch(listener: (news: OperatorNews) => void): () => void;
}

export interface OperatorParts {
  /** Who may see and do what. Undefined: everybody everything. */
  readonly acls?: Acls | undefined;
  /** Who asks, where not everybody may see everything; `master` is then what they may see. */
  readonly viewer?: Viewer | undefined;
  /** All of it, for figures about the master itself; where it is not `master`. */
  readonly whole?: MasterWorld;
  readonly master: MasterWorld;
  readonly operators: OperatorHub;
  readonly clock: Clock;
  readonly startedAtMs: number;
  /** Null: it does not lead. */
  readonly electedAtMs: number | null;
  /** Its name, if it was given one. */
  readonly cluster?: string | undefined;
  /** Where it says that it is reached. */
  readonly advertised?: Advertised | undefined;
  /** As `/flags` shows them: Mesos's names, values as text. */
  readonly flags: Readonly<Record<string, string>>;
}
