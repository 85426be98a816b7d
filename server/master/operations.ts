/** What frameworks hear about operations that they gave an id: told once, repeated when they subscribe anew, until acknowledged. */
import type { AgentId } from '../../shared/ids.ts';
import { resourcesOf } from '../../shared/mesos/bundle-format.ts';
import { isKept } from './convert.ts';
import type { Call, Event } from '../../shared/mesos/scheduler.ts';
import type { Id, OperationStatus } from '../../shared/mesos/v1.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterFramework } from './entities.ts';

type Asked = NonNullable<
  Extract<Call, { type: 'RECONCILE_OPERATIONS' }>['reconcile_operations']['operations']
>[number];

/** The agent's resources are of other kinds now: noted in the registry, checkpointed at the agent, told to the framework. */
export function finishOperation(
  tx: MasterTx,
  framework: MasterFramework | undefined,
  agent: MasterAgent,
  { id }: { readonly id?: Id },
): void {
  saveResources(tx, agent);
  if (!id || !framework) return;
  const status: OperationStatus = {
    operation_id: id,
    state: 'OPERATION_FINISHED',
    uuid: { value: base64(tx.env.random.stream('operation').uuid()) },
    agent_id: { value: agent.id },
  };
  framework.operations.set(id.value, status);
  tx.toFramework(framework, told(status));
}

/** Nothing was changed. Without an id nobody hears of it, as in Mesos. */
export function refuseOperation(
  tx: MasterTx,
  framework: MasterFramework,
  { id }: { readonly id?: Id },
  message: string,
): void {
  if (!id) return;
  tx.toFramework(framework, told({ operation_id: id, state: 'OPERATION_ERROR', message }));
}

/** What is reserved dynamically, and volumes, outlive master and agent. */
export function saveResources(tx: MasterTx, agent: MasterAgent): void {
  const resources = resourcesOf(agent.total.filter(isKept));
  tx.write({ w: 'agent-resources', id: agent.id, resources, atMs: tx.now });
  sendResources(tx, agent);
}

/** So that the agent keeps the volumes that there are, and no others. */
export function sendResources(tx: MasterTx, agent: MasterAgent): void {
  const resources = resourcesOf(agent.total.filter(isKept));
  tx.toAgent(agent, { type: 'CHECKPOINT_RESOURCES', checkpoint_resources: { resources } });
}

export function acknowledgeOperation(
  framework: MasterFramework,
  {
    operation_id,
    uuid,
  }: Extract<Call, { type: 'ACKNOWLEDGE_OPERATION_STATUS' }>['acknowledge_operation_status'],
): void {
  if (framework.operations.get(operation_id.value)?.uuid?.value === uuid)
    framework.operations.delete(operation_id.value);
}

/** To a framework that subscribes anew: what it has not acknowledged. */
export function resendOperations(tx: MasterTx, framework: MasterFramework): void {
  for (const status of framework.operations.values()) tx.toFramework(framework, told(status));
}

/** An empty list asks about everything that is not acknowledged. */
export function reconcileOperations(tx: MasterTx, framework: MasterFramework, asked: readonly Asked[]): void {
  if (asked.length === 0) {
    for (const { uuid: _uuid, ...status } of framework.operations.values())
      tx.toFramework(framework, told(status));
    return;
  }
  for (const { operation_id, agent_id } of asked) {
    const known = framework.operations.get(operation_id.value);
    if (known) {
      const { uuid: _uuid, ...status } = known;
      tx.toFramework(framework, told(status));
    } else tx.toFramework(framework, told(verdict(tx, operation_id, agent_id)));
  }
}

function verdict(tx: MasterTx, operation_id: Id, agent_id: Id | undefined): OperationStatus {
  const about = (state: OperationStatus['state'], message: string): OperationStatus => ({
    operation_id,
    state,
    message: `Reconciliation: ${message}`,
    ...(agent_id ? { agent_id } : {}),
  });
  if (!agent_id) return about('OPERATION_UNKNOWN', "Operation is unknown and no 'agent_id' was provided");
  const agent = tx.world.agents.get(agent_id.value as AgentId);
  if (!agent) return about('OPERATION_UNKNOWN', 'Both operation and agent are unknown');
  if (agent.state === 'unreachable') return about('OPERATION_UNREACHABLE', 'Agent is unreachable');
  if (agent.bootId === '') return about('OPERATION_RECOVERING', 'Operation is pending recovery');
  return about('OPERATION_UNKNOWN', 'Operation is unknown');
}

function told(status: OperationStatus): Event {
  return { type: 'UPDATE_OPERATION_STATUS', update_operation_status: { status } };
}

/** The 16 bytes of a UUID. */
function base64(uuid: string): string {
  const digits = uuid.replaceAll('-', '');
  const bytes = Array.from({ length: 16 }, (_, at) => Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16));
  return btoa(String.fromCharCode(...bytes));
}
