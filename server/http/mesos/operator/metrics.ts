import { scalarOf } from '../../../../shared/mesos/bundle.ts';
import type { TaskState } from '../../../../shared/mesos/v1.ts';
import { systemMetrics } from '../../../libprocess/process-pages.ts';
import type { MasterWorld } from '../../../master/world.ts';
import { together, usedOfAgent } from './holdings.ts';
import { isListed, isUnreachable } from './listed.ts';
import { isActive } from './messages.ts';

const RESOURCES = ['cpus', 'mem', 'disk', 'gpus'] as const;
/** Shown as what there is now; of the others those that are remembered as completed count. */
const LIVE_STATES: readonly TaskState[] = [
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
  'TASK_UNREACHABLE',
];

interface Circumstances {
  readonly nowMs: number;
  readonly startedAtMs: number;
  readonly elected: boolean;
  /** Readers of the operators' stream. */
  readonly watchers: number;
}

/** Those are there though none is remembered. */
const ENDS: readonly TaskState[] = [
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_LOST',
  'TASK_ERROR',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
];

/** Mesos's metrics that are true of this master, by name, sorted. Whatever it does not measure is left out. */
export function metricsOf(
  world: MasterWorld,
  { nowMs, startedAtMs, elected, watchers }: Circumstances,
): ReadonlyMap<string, number> {
  const agents = [...world.agents.values()];
  const listed = agents.filter(isListed);
  const frameworks = [...world.frameworks.values()].filter(({ registeredAtMs }) => registeredAtMs !== null);
  const connected = listed.filter(({ connection }) => connection !== null).length;
  const here = frameworks.filter(({ connection }) => connection !== null).length;
  const active = listed.filter(isActive).length;
  const pooled = agents.filter(({ pooled: isPooled }) => isPooled);
  const metrics: Record<string, number> = {
    'master/elected': elected ? 1 : 0,
    'master/uptime_secs': (nowMs - startedAtMs) / 1000,
    'master/slaves_active': active,
    'master/slaves_inactive': listed.length - active,
    'master/slaves_connected': connected,
    'master/slaves_disconnected': listed.length - connected,
    'master/slaves_unreachable': agents.filter(({ state }) => state === 'unreachable').length,
    'master/frameworks_active': here,
    'master/frameworks_inactive': frameworks.length - here,
    'master/frameworks_connected': here,
    'master/frameworks_disconnected': frameworks.length - here,
    'master/outstanding_offers': world.offers.size,
    'master/operator_event_stream_subscribers': watchers,
    ...systemMetrics(),
    ...taskMetrics(world),
  };
  for (const name of RESOURCES) {
    const total = sum(listed.map((agent) => scalarOf(agent.total, name)));
    const used = sum(listed.map((agent) => scalarOf(together(usedOfAgent(agent)), name)));
    metrics[`master/${name}_total`] = total / 1000;
    metrics[`master/${name}_used`] = used / 1000;
    metrics[`master/${name}_percent`] = total === 0 ? 0 : used / total;
    // Nothing is oversubscribed here.
    for (const what of ['total', 'used', 'percent']) metrics[`master/${name}_revocable_${what}`] = 0;
  }
  for (const name of ['cpus', 'mem', 'disk']) {
    const there = sum(pooled.map((agent) => scalarOf(agent.total, name)));
    const free = sum(pooled.map((agent) => scalarOf(agent.free, name)));
    metrics[`allocator/mesos/resources/${name}/total`] = there / 1000;
    metrics[`allocator/mesos/resources/${name}/offered_or_allocated`] = (there - free) / 1000;
  }
  return new Map(Object.entries(metrics).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function taskMetrics(world: MasterWorld): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const state of LIVE_STATES) metrics[metricOf(state)] = 0;
  for (const [id, tasks] of world.tasks) {
    if (!world.frameworks.has(id)) continue;
    for (const task of tasks.values()) {
      const name = metricOf(isUnreachable(world, task) ? 'TASK_UNREACHABLE' : task.state);
      metrics[name] = (metrics[name] ?? 0) + 1;
    }
  }
  const over = [...world.completed.tasks.values(), ...world.completed.frameworks.map(({ tasks }) => tasks)];
  for (const state of ENDS) metrics[metricOf(state)] ??= 0;
  for (const tasks of over)
    for (const { state } of tasks) metrics[metricOf(state)] = (metrics[metricOf(state)] ?? 0) + 1;
  return metrics;
}

function metricOf(state: TaskState): string {
  return `master/${state.replace('TASK_', 'tasks_').toLowerCase()}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
