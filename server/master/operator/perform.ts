import { never } from '../../../shared/errors.ts';
import type { AgentId, FrameworkId } from '../../../shared/ids.ts';
import type { OperatorCall } from '../../../shared/mesos/operator.ts';
import type { ResourceOperation } from '../../../shared/mesos/v1.ts';
import { deedsOf, isAllowed } from '../authorization.ts';
import type { CallAnswer } from '../facts.ts';
import { removeFramework } from '../frameworks.ts';
import type { MasterTx } from '../tx.ts';
import { deactivateAgent, drainAgent, markGone, reactivateAgent } from './drain.ts';
import { startMaintenance, stopMaintenance, updateSchedule } from './maintenance.ts';
import { removeQuota, setQuota, updateQuota, updateWeights } from './quota.ts';
import { operateOn } from './resources.ts';

const DONE: CallAnswer = { status: 200 };
const FORBIDDEN: CallAnswer = { status: 403, message: '403 Forbidden.' };

/** An operator's call: all of it happens, or nothing does and the answer says why (status and text as Mesos has them). */
export function operatorCall(tx: MasterTx, call: OperatorCall, principal: string | undefined): CallAnswer {
  if (!isAllowed(tx, principal, deedsOf(tx.world, call))) return FORBIDDEN;
  switch (call.type) {
    case 'TEARDOWN': {
      const framework = tx.world.frameworks.get(call.teardown.framework_id.value as FrameworkId);
      if (!framework) return bad('No framework found with specified ID');
      removeFramework(tx, framework);
      return DONE;
    }
    case 'UPDATE_WEIGHTS':
      return updateWeights(tx, call.update_weights.weight_infos ?? []);
    case 'UPDATE_QUOTA':
      return updateQuota(tx, call.update_quota.quota_configs ?? [], call.update_quota.force === true);
    case 'SET_QUOTA':
      return setQuota(tx, call.set_quota.quota_request);
    case 'REMOVE_QUOTA':
      return removeQuota(tx, call.remove_quota.role);
    case 'UPDATE_MAINTENANCE_SCHEDULE':
      return updateSchedule(tx, call.update_maintenance_schedule.schedule.windows ?? []);
    case 'START_MAINTENANCE':
      return startMaintenance(tx, call.start_maintenance.machines ?? []);
    case 'STOP_MAINTENANCE':
      return stopMaintenance(tx, call.stop_maintenance.machines ?? []);
    case 'DRAIN_AGENT':
      return drainAgent(tx, call.drain_agent);
    case 'DEACTIVATE_AGENT':
      return deactivateAgent(tx, call.deactivate_agent.agent_id.value as AgentId);
    case 'REACTIVATE_AGENT':
      return reactivateAgent(tx, call.reactivate_agent.agent_id.value as AgentId);
    case 'MARK_AGENT_GONE':
      return markGone(tx, call.mark_agent_gone.agent_id.value as AgentId);
    default:
      return changeResources(tx, call);
  }
}

type ResourceCall = Extract<
  OperatorCall,
  {
    type:
      | 'RESERVE_RESOURCES'
      | 'UNRESERVE_RESOURCES'
      | 'CREATE_VOLUMES'
      | 'DESTROY_VOLUMES'
      | 'GROW_VOLUME'
      | 'SHRINK_VOLUME';
  }
>;

function changeResources(tx: MasterTx, call: ResourceCall): CallAnswer {
  const [agent, operation] = operationOf(call);
  return operateOn(tx, agent as AgentId, operation);
}

/** The operation that a framework would ask for on an offer. */
function operationOf(call: ResourceCall): [agent: string, operation: ResourceOperation] {
  switch (call.type) {
    case 'RESERVE_RESOURCES': {
      const { agent_id, ...reserve } = call.reserve_resources;
      return [agent_id.value, { type: 'RESERVE', reserve }];
    }
    case 'UNRESERVE_RESOURCES': {
      const { agent_id, ...unreserve } = call.unreserve_resources;
      return [agent_id.value, { type: 'UNRESERVE', unreserve }];
    }
    case 'CREATE_VOLUMES': {
      const { agent_id, ...create } = call.create_volumes;
      return [agent_id.value, { type: 'CREATE', create }];
    }
    case 'DESTROY_VOLUMES': {
      const { agent_id, ...destroy } = call.destroy_volumes;
      return [agent_id.value, { type: 'DESTROY', destroy }];
    }
    case 'GROW_VOLUME': {
      const { agent_id, ...grow_volume } = call.grow_volume;
      return [agent_id?.value ?? '', { type: 'GROW_VOLUME', grow_volume }];
    }
    case 'SHRINK_VOLUME': {
      const { agent_id, ...shrink_volume } = call.shrink_volume;
      return [agent_id?.value ?? '', { type: 'SHRINK_VOLUME', shrink_volume }];
    }
    default:
      return never(call);
  }
}

export function bad(message: string): CallAnswer {
  return { status: 400, message };
}
