/** What the access control lists (`--acls`) are asked for on this master: each call as what it does to what, by Mesos's names. Pure. */
import { type Action, authorize } from '../../shared/mesos/acls.ts';
import { reservationsOf } from '../../shared/mesos/bundle.ts';
import type { OperatorCall } from '../../shared/mesos/operator.ts';
import type { MesosResource, ResourceOperation } from '../../shared/mesos/v1.ts';
import { never } from '../../shared/errors.ts';
import type { MasterTx } from './tx.ts';
import type { MasterWorld } from './world.ts';

/** An action, and on what; undefined: on things of this kind at all. */
type Deed = readonly [action: Action, object: string | undefined];

/** All of it, or the call is refused. */
export function isAllowed(tx: MasterTx, principal: string | undefined, deeds: readonly Deed[]): boolean {
  const { acls } = tx.env.limits;
  return deeds.every(([action, object]) => authorize(acls, principal, action, object));
}

/** Of a framework that is not there, nothing is asked: the call comes to nothing by itself. */
export function deedsOf(world: MasterWorld, call: OperatorCall): readonly Deed[] {
  switch (call.type) {
    case 'TEARDOWN': {
      const framework = world.frameworks.get(call.teardown.framework_id.value as never);
      return framework ? [['teardown_frameworks', framework.info.principal]] : [];
    }
    case 'UPDATE_WEIGHTS':
      return (call.update_weights.weight_infos ?? []).map(({ role = '*' }) => ['update_weights', role]);
    case 'UPDATE_QUOTA':
      return (call.update_quota.quota_configs ?? []).map(({ role }) => ['update_quotas', role]);
    case 'SET_QUOTA':
      return [['update_quotas', call.set_quota.quota_request.role]];
    case 'REMOVE_QUOTA':
      return [['update_quotas', call.remove_quota.role]];
    case 'UPDATE_MAINTENANCE_SCHEDULE':
      return [['update_maintenance_schedules', undefined]];
    case 'START_MAINTENANCE':
      return [['start_maintenances', undefined]];
    case 'STOP_MAINTENANCE':
      return [['stop_maintenances', undefined]];
    case 'DRAIN_AGENT':
      return [['drain_agents', undefined]];
    case 'DEACTIVATE_AGENT':
      return [['deactivate_agents', undefined]];
    case 'REACTIVATE_AGENT':
      return [['reactivate_agents', undefined]];
    case 'MARK_AGENT_GONE':
      return [['mark_agents_gone', undefined]];
    case 'RESERVE_RESOURCES':
      return reserving(call.reserve_resources.resources);
    case 'UNRESERVE_RESOURCES':
      return unreserving(call.unreserve_resources.resources);
    case 'CREATE_VOLUMES':
      return creating(call.create_volumes.volumes);
    case 'DESTROY_VOLUMES':
      return destroying(call.destroy_volumes.volumes);
    case 'GROW_VOLUME':
      return resizing(call.grow_volume.volume);
    case 'SHRINK_VOLUME':
      return resizing(call.shrink_volume.volume);
    default:
      return never(call);
  }
}

/** Why a framework's operation is not carried out, in Mesos's words; null: it may be. */
export function operationDenied(
  tx: MasterTx,
  principal: string | undefined,
  operation: ResourceOperation,
): string | null {
  const [deeds, what] = operationDeeds(operation);
  return isAllowed(tx, principal, deeds) ? null : `Not authorized to ${what} as '${principal ?? ''}'`;
}

function operationDeeds(operation: ResourceOperation): [readonly Deed[], string] {
  switch (operation.type) {
    case 'RESERVE':
      return [reserving(operation.reserve.resources), 'reserve resources'];
    case 'UNRESERVE':
      return [unreserving(operation.unreserve.resources), 'unreserve resources'];
    case 'CREATE':
      return [creating(operation.create.volumes), 'create persistent volumes'];
    case 'DESTROY':
      return [destroying(operation.destroy.volumes), 'destroy persistent volumes'];
    case 'GROW_VOLUME':
      return [resizing(operation.grow_volume.volume), 'grow a volume'];
    case 'SHRINK_VOLUME':
      return [resizing(operation.shrink_volume.volume), 'shrink a volume'];
    default:
      return never(operation);
  }
}

const reserving = (resources: readonly MesosResource[] = []): Deed[] =>
  resources.map((each) => ['reserve_resources', roleOf(each)]);

const unreserving = (resources: readonly MesosResource[] = []): Deed[] =>
  resources.map((each) => ['unreserve_resources', reservationsOf(each).at(-1)?.principal]);

const creating = (volumes: readonly MesosResource[] = []): Deed[] =>
  volumes.map((each) => ['create_volumes', roleOf(each)]);

const destroying = (volumes: readonly MesosResource[] = []): Deed[] =>
  volumes.map((each) => ['destroy_volumes', each.disk?.persistence?.principal]);

const resizing = (volume: MesosResource): Deed[] => [['resize_volumes', roleOf(volume)]];

function roleOf(resource: MesosResource): string {
  return reservationsOf(resource).at(-1)?.role ?? '*';
}
