import { TERMINAL_TASK_STATES } from '../../../shared/mesos/v1.ts';
import type { AgentInfo } from '../../../shared/mesos/agent.ts';
import { systemMetrics } from '../../libprocess/process-pages.ts';
import type { AgentState } from '../state.ts';
import { executorsOf } from './view.ts';

const NAMES = ['cpus', 'mem', 'disk', 'gpus'] as const;

/** Of Mesos's metrics those that this agent knows, by their names, sorted. */
export function agentMetrics(
  state: AgentState,
  info: Omit<AgentInfo, 'id'>,
  uptimeMs: number,
): Map<string, number> {
  const held = [...state.tasks.values()].filter(({ status }) => !TERMINAL_TASK_STATES.has(status.state));
  const views = executorsOf(state);
  const running = views.filter((view) => view.running);
  const metrics = new Map<string, number>([
    ['slave/executors_running', running.length],
    ['slave/executors_terminated', views.length - running.length],
    ['slave/frameworks_active', new Set(running.map(({ framework }) => framework)).size],
    ['slave/registered', state.agentId === undefined ? 0 : 1],
    ['slave/uptime_secs', uptimeMs / 1000],
    ...Object.entries(systemMetrics()),
  ]);
  for (const state_ of ['staging', 'starting', 'running', 'killing'] as const) {
    const wanted = `TASK_${state_.toUpperCase()}`;
    metrics.set(`slave/tasks_${state_}`, held.filter(({ status }) => status.state === wanted).length);
  }
  const sum = (list: readonly { name: string; scalar?: { value: number } }[], name: string): number =>
    list.reduce((total, each) => total + (each.name === name ? (each.scalar?.value ?? 0) : 0), 0);
  const used = [
    ...held.flatMap(({ task }) => task.resources),
    ...[...state.executors.values()].flatMap((executor) => executor.info.resources ?? []),
  ];
  for (const name of NAMES) {
    const total = sum(info.resources, name);
    metrics.set(`slave/${name}_total`, total);
    metrics.set(`slave/${name}_used`, sum(used, name));
    metrics.set(`slave/${name}_percent`, total === 0 ? 0 : sum(used, name) / total);
    // Nothing is oversubscribed here.
    for (const what of ['total', 'used', 'percent']) metrics.set(`slave/${name}_revocable_${what}`, 0);
  }
  return new Map([...metrics].sort(([a], [b]) => (a < b ? -1 : 1)));
}
