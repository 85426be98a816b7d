import type { AgentId } from '../../shared/ids.ts';
import { authorize } from '../../shared/mesos/acls.ts';
import type { AgentCall } from '../../shared/mesos/agent.ts';
import { type Bundle, EMPTY, bundleOf, contains } from '../../shared/mesos/bundle.ts';
import { TERMINAL_TASK_STATES } from '../../shared/mesos/v1.ts';
import { countPorts } from '../../shared/resources.ts';
import { withKept } from './convert.ts';
import type { MasterAgent } from './entities.ts';
import { isDown } from './machines.ts';
import type { MasterTx } from './tx.ts';

type Subscribe = Extract<AgentCall, { type: 'SUBSCRIBE' }>['subscribe'];

/** Why an agent is not let in: it says so and ends, its containers stay. Null: it is. */
export function admissionProblem(
  tx: MasterTx,
  known: MasterAgent | undefined,
  call: Subscribe,
  principal: string | undefined,
): string | null {
  return shutOut(tx, call, principal) ?? incompatible(known, call);
}

/** Why no agent is let in by this name, from this machine or for this principal; null: it may be. */
function shutOut(
  { world, env }: MasterTx,
  { agent_info: { id, hostname, ip } }: Subscribe,
  principal: string | undefined,
): string | null {
  if (id && world.goneAgents.has(id.value as AgentId)) return 'Agent has been marked gone';
  if (isDown(world, hostname, ip)) return "Machine is in 'DOWN' mode";
  if (authorize(env.limits.acls, principal, 'register_agents', undefined)) return null;
  const who = principal === undefined ? '' : ` as '${principal}'`;
  return `Not authorized to register agents${who} (--acls of the master)`;
}

/** What it brings does not go with what is known of it, or with what it has. */
function incompatible(
  known: MasterAgent | undefined,
  { agent_info: info, tasks, executors = [] }: Subscribe,
): string | null {
  if (known && info.hostname !== known.info.hostname) {
    return `agent ${known.id} is ${known.info.hostname}, not ${info.hostname}; give ${info.hostname} a work directory of its own`;
  }
  const total = withKept(bundleOf(info.resources), known?.kept ?? EMPTY);
  if (!total)
    return `agent ${info.hostname} has less than was reserved on it; start it with at least what it had`;
  const held = new Map(tasks.map((each) => [`${each.framework_id.value}/${each.task.task_id.value}`, each]));
  if (held.size < tasks.length) return `agent ${info.hostname} brings a task twice`;
  const live = tasks.filter(({ status }) => !TERMINAL_TASK_STATES.has(status.state));
  const resources = [
    ...live.flatMap(({ task }) => task.resources),
    ...executors.flatMap(({ executor }) => executor.resources ?? []),
  ];
  const used = bundleOf(resources);
  // One port in two tasks is one port in their sum.
  const ports = resources.reduce((sum, each) => sum + (each.ranges ? portsIn(bundleOf([each])) : 0), 0);
  if (!contains(total, used) || portsIn(used) < ports) {
    return `agent ${info.hostname} offers less than its ${tasks.length} tasks use; start it with at least what it had`;
  }
  return null;
}

function portsIn(bundle: Bundle): number {
  return bundle.reduce((sum, piece) => sum + countPorts(piece.ranges), 0);
}
