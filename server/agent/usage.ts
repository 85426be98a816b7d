import type { Containerizer, Usage } from './containerizer.ts';
import type { AgentState } from './state.ts';
import { isOver } from './statuses.ts';

/** What every container uses at this moment, by its id; that of a default executor, which is none of its own, uses what its tasks do. */
export async function measure(
  state: Pick<AgentState, 'tasks' | 'executors'>,
  containerizer: Pick<Containerizer, 'usage'>,
): Promise<ReadonlyMap<string, Usage>> {
  if (!containerizer.usage) return new Map();
  const running = [...state.tasks.values()].filter((held) => !isOver(held));
  const executors = [...state.executors.values()].map(({ container }) => container);
  const ids = new Set([...running.map(({ container }) => container), ...executors]);
  const found = new Map(await containerizer.usage([...ids]));
  for (const { container, status } of running) {
    const parent = status.container_status?.container_id?.parent?.value;
    const used = found.get(container);
    if (parent !== undefined && used) found.set(parent, sum(found.get(parent) ?? {}, used));
  }
  return found;
}

function sum(a: Usage, b: Usage): Usage {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
}
