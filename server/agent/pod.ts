import { type PortRange, addPorts, fromMesos } from '../../shared/resources.ts';
import type { Pod } from './containerizer.ts';
import type { AgentState, HeldTask } from './state.ts';
import { isOver } from './statuses.ts';

/** What the tasks of an executor's groups share, as far as they are here; undefined: the task is in none. */
export function podOf(state: Pick<AgentState, 'tasks'>, held: HeldTask): Pod | undefined {
  const id = held.group === undefined ? undefined : parentOf(held);
  if (id === undefined) return undefined;
  const members = [...state.tasks.values()].filter((each) => parentOf(each) === id && !isOver(each));
  const ports = members.reduce<readonly PortRange[]>(
    (sum, { task }) => addPorts(sum, fromMesos(task.resources).ports),
    [],
  );
  return { id, ports };
}

function parentOf({ status }: HeldTask): string | undefined {
  return status.container_status?.container_id?.parent?.value;
}
