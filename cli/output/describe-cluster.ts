import type { ClusterView } from '../../shared/api/views.ts';
import { printable } from './printable.ts';
import { age, cores, megabytes } from './units.ts';

/** The cluster for a person: a name and a value a line. */
export function describeCluster(cluster: ClusterView, nowMs: number): string {
  const tasks = Object.entries(cluster.tasks).map(([status, count]) => `${count} ${status}`);
  const lines: readonly (readonly [string, string])[] = [
    ['cluster', cluster.name],
    [
      'server',
      `${cluster.url}, pid ${cluster.pid}, up ${age(cluster.startedAt, nowMs)}, version ${cluster.version}`,
    ],
    ['agents', `${cluster.agents.up} up of ${cluster.agents.total}`],
    ['cpu', `${cores(cluster.cpus.used)} of ${cores(cluster.cpus.total)} cores in use`],
    ['ram', `${megabytes(cluster.ramMb.used)} of ${megabytes(cluster.ramMb.total)} in use`],
    ['jobs', String(cluster.jobs)],
    ['tasks', tasks.length > 0 ? tasks.join(', ') : 'none'],
    ['updates', `${cluster.updates} active`],
    ['journal', `${cluster.seq} commits, opened ${cluster.epoch} times, ${cluster.store}`],
    ['framework', cluster.framework ?? 'not registered yet'],
  ];
  return lines.map(([name, value]) => `${name.padEnd(10)} ${printable(value)}\n`).join('');
}
