import type { ClusterView } from '../../../../shared/api/views.ts';
import { NO_RESOURCES, addResources } from '../../../../shared/resources.ts';
import type { ConsoleContext } from '../context.ts';
import type { Handlers } from '../routes.ts';
import { hostViews } from '../views/host.ts';
import { iso } from '../views/times.ts';

export function clusterHandlers(context: ConsoleContext): Pick<Handlers, 'cluster.info' | 'host.list'> {
  return {
    'cluster.info': () => clusterView(context),
    'host.list': () => ({ hosts: context.master ? hostViews(context.master) : [] }),
  };
}

export function clusterView(context: ConsoleContext): ClusterView {
  const { info, master, journal } = context;
  const world = context.scheduler();
  const agents = [...(master?.agents.values() ?? [])];
  const up = agents.filter((agent) => agent.connection !== null);
  const total = up.map((agent) => agent.total).reduce(addResources, NO_RESOURCES);
  const running = [...(master?.tasks.values() ?? [])].flatMap((tasks) => [...tasks.values()]).filter((task) => !task.released);
  const used = { cpus: 0, ramMb: 0 };
  for (const { resources } of running) {
    used.cpus += resources.cpusMilli / 1000;
    used.ramMb += resources.memMb;
  }
  const tasks: Record<string, number> = {};
  for (const task of world.tasks.values()) tasks[task.status] = (tasks[task.status] ?? 0) + 1;
  return {
    name: info.name,
    version: info.version,
    url: context.url(),
    pid: info.pid,
    startedAt: iso(info.startedAtMs),
    epoch: journal.epoch,
    seq: journal.seq,
    framework: world.framework,
    agents: { up: up.length, total: agents.length },
    jobs: [...world.jobs.values()].filter((job) => job.instances > 0).length,
    tasks,
    cpus: { total: total.cpusMilli / 1000, used: Math.round(used.cpus * 1000) / 1000 },
    ramMb: { total: total.memMb, used: used.ramMb },
    updates: world.activeUpdateByJob.size,
    store: info.store,
  };
}
