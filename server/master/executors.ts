/** Frameworks' own executors: they hold resources beside their tasks, hear messages, and say how they ended. */
import type { AgentId, FrameworkId } from '../../shared/ids.ts';
import type { AgentCall } from '../../shared/mesos/agent.ts';
import type { Call } from '../../shared/mesos/scheduler.ts';
import type { ExecutorInfo, Id } from '../../shared/mesos/v1.ts';
import { giveBack, holdingOf } from './ledger.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterExecutor, MasterFramework } from './entities.ts';
import { executorKey } from './world.ts';

type Exited = Extract<AgentCall, { type: 'EXITED_EXECUTOR' }>['exited_executor'];
type Message = Extract<AgentCall, { type: 'FRAMEWORK_MESSAGE' }>['framework_message'];

/** What an agent says it has is what is there. The agent is outside of the pool meanwhile. */
export function learnExecutors(
  agent: MasterAgent,
  reported: readonly { readonly framework_id: Id; readonly executor: ExecutorInfo }[],
): void {
  agent.executors.clear();
  for (const { framework_id, executor: info } of reported) {
    const framework = framework_id.value as FrameworkId;
    const id = info.executor_id.value;
    const holding = holdingOf(framework, info.resources ?? []);
    agent.executors.set(executorKey(framework, id), { id, agent: agent.id, info, ...holding });
  }
}

/** Forgets executors: they are lost with their tasks. */
export function dropExecutors(
  tx: MasterTx,
  agent: MasterAgent,
  gone: (executor: MasterExecutor) => boolean,
): void {
  for (const [key, executor] of agent.executors) {
    if (!gone(executor)) continue;
    agent.executors.delete(key);
    giveBack(tx.world, agent, executor);
  }
}

/** FAILURE tells of every end of an executor, also of a good one. */
export function executorExited(
  tx: MasterTx,
  agent: MasterAgent,
  { framework_id, executor_id, status }: Exited,
): void {
  const key = executorKey(framework_id.value, executor_id.value);
  const executor = agent.executors.get(key);
  if (!executor) return;
  agent.executors.delete(key);
  giveBack(tx.world, agent, executor);
  tx.toFramework(tx.world.frameworks.get(executor.framework), {
    type: 'FAILURE',
    failure: { agent_id: { value: agent.id }, executor_id, status },
  });
}

/** From an executor to its framework, at best effort. */
export function forwardMessage(
  tx: MasterTx,
  agent: MasterAgent,
  { framework_id, executor_id, data }: Message,
): void {
  tx.toFramework(tx.world.frameworks.get(framework_id.value as FrameworkId), {
    type: 'MESSAGE',
    message: { agent_id: { value: agent.id }, executor_id, data },
  });
}

/** From a framework to its executor, at best effort. */
export function messageExecutor(
  tx: MasterTx,
  framework: MasterFramework,
  { agent_id, executor_id, data }: Extract<Call, { type: 'MESSAGE' }>['message'],
): void {
  const agent = tx.world.agents.get(agent_id.value as AgentId);
  const framework_id = { value: framework.id };
  if (agent)
    tx.toAgent(agent, { type: 'FRAMEWORK_MESSAGE', framework_message: { framework_id, executor_id, data } });
}

export function shutDownExecutor(
  tx: MasterTx,
  framework: MasterFramework,
  { agent_id, executor_id }: Extract<Call, { type: 'SHUTDOWN' }>['shutdown'],
): void {
  const agent = tx.world.agents.get(agent_id.value as AgentId);
  const framework_id = { value: framework.id };
  if (agent)
    tx.toAgent(agent, { type: 'SHUTDOWN_EXECUTOR', shutdown_executor: { framework_id, executor_id } });
}

/** A framework is over: its executors end with its tasks, wherever it has some. */
export function shutDownFramework(tx: MasterTx, framework: MasterFramework): void {
  for (const agent of tx.world.agents.values()) {
    for (const executor of agent.executors.values()) {
      if (executor.framework !== framework.id) continue;
      tx.toAgent(agent, {
        type: 'SHUTDOWN_FRAMEWORK',
        shutdown_framework: { framework_id: { value: framework.id } },
      });
      break;
    }
  }
}
