import type { ClusterView } from '../../../../shared/api/views.ts';
import type { MasterWorld } from '../../../master/world.ts';
import type { ConsoleContext } from '../context.ts';
import { iso } from './times.ts';

/** What the cluster is and how full: one pass over agents and tasks. */
export function clusterView(context: ConsoleContext): ClusterView {
  const { info, master, journal } = context;
  const world = context.scheduler();
  const { agents, cpus, ramMb } = fullness(master);
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

/** Of the agents that are connected now. */
function fullness(master: MasterWorld | null): Pick<ClusterView, 'agents' | 'cpus' | 'ramMb'> {
  const total = { agents: 0, cpusMilli: 0, memMb: 0 };
  const used = { cpusMilli: 0, memMb: 0 };
  for (const agent of master?.agents.values() ?? []) {
    if (agent.connection === null) continue;
    total.agents += 1;
    total.cpusMilli += agent.total.cpusMilli;
    total.memMb += agent.total.memMb;
    for (const { released, resources } of agent.tasks.values()) {
      if (released) continue;
      used.cpusMilli += resources.cpusMilli;
      used.memMb += resources.memMb;
    }
  }
  return {
    agents: { up: total.agents, total: master?.agents.size ?? 0 },
    cpus: { total: total.cpusMilli / 1000, used: used.cpusMilli / 1000 },
    ramMb: { total: total.memMb, used: used.memMb },
  };
}
