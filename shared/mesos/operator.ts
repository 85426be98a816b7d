/** The calls of Mesos's v1 operator API (mesos.v1.master.Call) that change something, as decoded. Those that only read never reach the core. */
import type { DurationInfo, Id, MesosResource, Unavailability } from './v1.ts';

export interface MachineId {
  readonly hostname?: string;
  readonly ip?: string;
}

export interface MaintenanceWindow {
  readonly machine_ids?: readonly MachineId[];
  readonly unavailability: Unavailability;
}

type Amounts = Readonly<Record<string, { readonly value: number }>>;

export interface QuotaConfig {
  readonly role: string;
  readonly guarantees?: Amounts;
  readonly limits?: Amounts;
}

/** What DRAIN_AGENT was asked to do. */
export interface DrainConfig {
  readonly max_grace_period?: DurationInfo;
  readonly mark_gone: boolean;
}

export type OperatorCall =
  | { readonly type: 'TEARDOWN'; readonly teardown: { readonly framework_id: Id } }
  | {
      readonly type: 'UPDATE_WEIGHTS';
      readonly update_weights: {
        readonly weight_infos?: readonly { readonly weight: number; readonly role?: string }[];
      };
    }
  | {
      readonly type: 'UPDATE_QUOTA';
      readonly update_quota: { readonly force?: boolean; readonly quota_configs?: readonly QuotaConfig[] };
    }
  | {
      readonly type: 'SET_QUOTA';
      readonly set_quota: {
        readonly quota_request: {
          readonly force?: boolean;
          readonly role?: string;
          readonly guarantee?: readonly MesosResource[];
        };
      };
    }
  | { readonly type: 'REMOVE_QUOTA'; readonly remove_quota: { readonly role: string } }
  | {
      readonly type: 'RESERVE_RESOURCES';
      readonly reserve_resources: { readonly agent_id: Id; readonly resources?: readonly MesosResource[] };
    }
  | {
      readonly type: 'UNRESERVE_RESOURCES';
      readonly unreserve_resources: { readonly agent_id: Id; readonly resources?: readonly MesosResource[] };
    }
  | {
      readonly type: 'CREATE_VOLUMES';
      readonly create_volumes: { readonly agent_id: Id; readonly volumes?: readonly MesosResource[] };
    }
  | {
      readonly type: 'DESTROY_VOLUMES';
      readonly destroy_volumes: { readonly agent_id: Id; readonly volumes?: readonly MesosResource[] };
    }
  | {
      readonly type: 'GROW_VOLUME';
      readonly grow_volume: {
        readonly agent_id?: Id;
        readonly volume: MesosResource;
        readonly addition: MesosResource;
      };
    }
  | {
      readonly type: 'SHRINK_VOLUME';
      readonly shrink_volume: {
        readonly agent_id?: Id;
        readonly volume: MesosResource;
        readonly subtract: { readonly value: number };
      };
    }
  | {
      readonly type: 'UPDATE_MAINTENANCE_SCHEDULE';
      readonly update_maintenance_schedule: {
        readonly schedule: { readonly windows?: readonly MaintenanceWindow[] };
      };
    }
  | {
      readonly type: 'START_MAINTENANCE';
      readonly start_maintenance: { readonly machines?: readonly MachineId[] };
    }
  | {
      readonly type: 'STOP_MAINTENANCE';
      readonly stop_maintenance: { readonly machines?: readonly MachineId[] };
    }
  | {
      readonly type: 'DRAIN_AGENT';
      readonly drain_agent: {
        readonly agent_id: Id;
        readonly max_grace_period?: { readonly seconds?: number; readonly nanos?: number };
        readonly mark_gone?: boolean;
      };
    }
  | { readonly type: 'DEACTIVATE_AGENT'; readonly deactivate_agent: { readonly agent_id: Id } }
  | { readonly type: 'REACTIVATE_AGENT'; readonly reactivate_agent: { readonly agent_id: Id } }
  | { readonly type: 'MARK_AGENT_GONE'; readonly mark_agent_gone: { readonly agent_id: Id } };
