import type { ClusterView } from '../../../../shared/api/views.ts';
import type { ConsoleContext } from '../context.ts';
import { iso } from './times.ts';

/** What the cluster is and how full: one pass over agents and tasks. */
export function clusterView(context: ConsoleContext): ClusterView {
  const { info, journal } = context;
  const world = context.scheduler();
  const { agents, cpus, ramMb } = context.fleet.fullness();
  const tasks: Record<string, number> = {};
  for (const { status } of world.tasks.values()) tasks[status] = (tasks[status] ?? 0) + 1;
  let jobs = 0;
  for (const job of world.jobs.values()) if (job.instances > 0) jobs += 1;
  return {
    name: info.name,
    version: info.version,
    url: context.url(),
    pid: info.pid,
    startedAt: iso(info.startedAtMs),
    epoch: journal.epoch,
    seq: journal.seq,
    framework: world.framework,
    agents,
    jobs,
    tasks,
    cpus,
    ramMb,
    updates: world.activeUpdateByJob.size,
    store: info.store,
  };
}
