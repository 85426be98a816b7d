import type { AgentCall } from '../../shared/mesos/agent.ts';
import type { AgentParts } from './parts.ts';

/** Who this agent is and what it holds, as it tells its master at each (re-)registration. */
export function subscribeCall({ info, state }: AgentParts, bootId: string): AgentCall {
  const id = state.agentId === undefined ? {} : { id: { value: state.agentId } };
  const tasks = [...state.tasks.values()].map(({ framework, task, status }) => ({
    framework_id: { value: framework },
    task,
    status,
  }));
  const executors = [...state.executors.values()].map(({ framework, info: executor }) => ({
    framework_id: { value: framework },
    executor,
  }));
  return {
    type: 'SUBSCRIBE',
    subscribe: { agent_info: { ...info, ...id }, tasks, executors, boot_id: bootId },
  };
}
