/** Scheduler ↔ master: mesos.v1.scheduler, as frameworks speak it with a master at `POST /api/v1/scheduler`. Field names as on the wire in JSON. */
import type {
  Filters,
  FrameworkInfo,
  Id,
  InverseOffer,
  KillPolicy,
  MasterInfo,
  Offer,
  Operation,
  OperationStatus,
  TaskStatus,
} from './v1.ts';

/** A selector names an attribute of an agent or a pseudo-attribute, a predicate asks about what it finds. One field of each is set. */
export interface AttributeConstraint {
  readonly selector?: {
    readonly attribute_name?: string;
    readonly pseudoattribute_type?: 'UNKNOWN' | 'HOSTNAME' | 'REGION' | 'ZONE';
  };
  readonly predicate?: {
    readonly exists?: object;
    readonly not_exists?: object;
    readonly text_equals?: { readonly value?: string };
    readonly text_not_equals?: { readonly value?: string };
    readonly text_matches?: { readonly regex?: string };
    readonly text_not_matches?: { readonly regex?: string };
  };
}

/** By role: groups are alternatives, the constraints of a group hold together. */
export interface OfferConstraints {
  readonly role_constraints?: Readonly<
    Record<
      string,
      { readonly groups?: readonly { readonly attribute_constraints?: readonly AttributeConstraint[] }[] }
    >
  >;
}

/** mesos.v1.scheduler.Call. `framework_id` is absent only on the first SUBSCRIBE. */
export type Call = { readonly framework_id?: Id } & (
  | {
      readonly type: 'SUBSCRIBE';
      readonly subscribe: {
        readonly framework_info: FrameworkInfo;
        readonly suppressed_roles?: readonly string[];
        readonly offer_constraints?: OfferConstraints;
      };
    }
  | { readonly type: 'TEARDOWN' }
  | {
      readonly type: 'UPDATE_FRAMEWORK';
      readonly update_framework: {
        readonly framework_info: FrameworkInfo;
        readonly suppressed_roles?: readonly string[];
        readonly offer_constraints?: OfferConstraints;
      };
    }
  | {
      readonly type: 'ACCEPT';
      readonly accept: {
        readonly offer_ids?: readonly Id[];
        readonly operations?: readonly Operation[];
        readonly filters?: Filters;
      };
    }
  | {
      readonly type: 'DECLINE';
      readonly decline: { readonly offer_ids?: readonly Id[]; readonly filters?: Filters };
    }
  | { readonly type: 'REVIVE'; readonly revive?: { readonly roles?: readonly string[] } }
  | { readonly type: 'SUPPRESS'; readonly suppress?: { readonly roles?: readonly string[] } }
  | {
      readonly type: 'KILL';
      readonly kill: { readonly task_id: Id; readonly agent_id?: Id; readonly kill_policy?: KillPolicy };
    }
  | {
      readonly type: 'ACKNOWLEDGE';
      readonly acknowledge: { readonly agent_id: Id; readonly task_id: Id; readonly uuid: string };
    }
  | {
      readonly type: 'RECONCILE';
      readonly reconcile: { readonly tasks?: readonly { readonly task_id: Id; readonly agent_id?: Id }[] };
    }
  | {
      readonly type: 'RECONCILE_OPERATIONS';
      readonly reconcile_operations: {
        readonly operations?: readonly {
          readonly operation_id: Id;
          readonly agent_id?: Id;
          readonly resource_provider_id?: Id;
        }[];
      };
    }
  | {
      readonly type: 'ACKNOWLEDGE_OPERATION_STATUS';
      readonly acknowledge_operation_status: {
        readonly agent_id: Id;
        readonly uuid: string;
        readonly operation_id: Id;
        readonly resource_provider_id?: Id;
      };
    }
  | {
      readonly type: 'ACCEPT_INVERSE_OFFERS';
      readonly accept_inverse_offers: {
        readonly inverse_offer_ids: readonly Id[];
        readonly filters?: Filters;
      };
    }
  | {
      readonly type: 'DECLINE_INVERSE_OFFERS';
      readonly decline_inverse_offers: {
        readonly inverse_offer_ids: readonly Id[];
        readonly filters?: Filters;
      };
    }
  | {
      readonly type: 'SHUTDOWN';
      readonly shutdown: { readonly executor_id: Id; readonly agent_id: Id };
    }
  | {
      readonly type: 'MESSAGE';
      readonly message: { readonly agent_id: Id; readonly executor_id: Id; readonly data: string };
    }
  /** A type of its own in the schema; no call. */
  | { readonly type: 'UNKNOWN' }
  /** Mesos hands it to its allocator, which ignores it. */
  | { readonly type: 'REQUEST'; readonly request: { readonly requests?: readonly object[] } }
);

/** mesos.v1.scheduler.Event. */
export type Event =
  | {
      readonly type: 'SUBSCRIBED';
      readonly subscribed: {
        readonly framework_id: Id;
        readonly heartbeat_interval_seconds?: number;
        /** Added where the event goes out over HTTP: the cores do not know where they can be reached. */
        readonly master_info?: MasterInfo;
      };
    }
  | { readonly type: 'OFFERS'; readonly offers: { readonly offers: readonly Offer[] } }
  | { readonly type: 'RESCIND'; readonly rescind: { readonly offer_id: Id } }
  | { readonly type: 'UPDATE'; readonly update: { readonly status: TaskStatus } }
  | {
      readonly type: 'UPDATE_OPERATION_STATUS';
      readonly update_operation_status: { readonly status: OperationStatus };
    }
  | {
      readonly type: 'MESSAGE';
      readonly message: { readonly agent_id: Id; readonly executor_id: Id; readonly data: string };
    }
  | {
      readonly type: 'INVERSE_OFFERS';
      readonly inverse_offers: { readonly inverse_offers: readonly InverseOffer[] };
    }
  | {
      readonly type: 'RESCIND_INVERSE_OFFER';
      readonly rescind_inverse_offer: { readonly inverse_offer_id: Id };
    }
  | {
      readonly type: 'FAILURE';
      readonly failure: { readonly agent_id?: Id; readonly executor_id?: Id; readonly status?: number };
    }
  | { readonly type: 'ERROR'; readonly error: { readonly message: string } }
  | { readonly type: 'HEARTBEAT' };
