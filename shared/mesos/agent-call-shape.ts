/** What of an agent's call are Mesos's own messages: the master reads any part of them, so all of it must be what it says it is. */
import type { AgentCall } from './agent.ts';
import { messageType } from './wire/schema.ts';
import { shapeProblem } from './wire/shape.ts';

/** @param call one that `agentCallProblem` found nothing wrong with @returns what is wrong with a message in it, or null */
export function agentShapeProblem(call: AgentCall): string | null {
  if (call.type === 'UPDATE') return of('TaskStatus', 'update.status', [call.update.status]);
  if (call.type !== 'SUBSCRIBE') return null;
  const { agent_info: info, tasks, executors = [] } = call.subscribe;
  return (
    of('Resource', 'subscribe.agent_info.resources', info.resources) ??
    of('Attribute', 'subscribe.agent_info.attributes', info.attributes) ??
    of(
      'TaskInfo',
      'subscribe.tasks.task',
      tasks.map(({ task }) => task),
    ) ??
    of(
      'TaskStatus',
      'subscribe.tasks.status',
      tasks.map(({ status }) => status),
    ) ??
    of(
      'ExecutorInfo',
      'subscribe.executors.executor',
      executors.map(({ executor }) => executor),
    )
  );
}

function of(name: string, where: string, messages: readonly unknown[]): string | null {
  const type = messageType(`mesos.v1.${name}`);
  for (const message of messages) {
    const problem = shapeProblem(type, message);
    if (problem !== null) return where + problem;
  }
  return null;
}
