import type { Replies } from '../../../../shared/api/operations.ts';
import { scalarOf } from '../../../../shared/mesos/bundle.ts';
import type { MasterAgent } from '../../../master/entities.ts';
import type { MasterWorld } from '../../../master/world.ts';
import type { TaskRow } from '../../../scheduler/rows.ts';
import { agentOf, openAgent, readText } from '../agent-proxy.ts';
import type { Fleet, LogRequest } from '../fleet.ts';
import { hostViews } from '../views/host.ts';

/** The agents of the master in this process. */
export function ownFleet(master: MasterWorld): Fleet {
  const infoOf = (task: TaskRow): MasterAgent['info'] => agentOf(task, (id) => master.agents.get(id)).info;
  return {
    hosts: () => hostViews(master),
    fullness: () => fullness(master),
    hostname: (id) => master.agents.get(id)?.info.hostname,
    logs: async (task, wanted, signal) =>
      openAgent(infoOf(task), task, logsPath(wanted), { signal, endless: wanted.follow }),
    async files(task, path, signal) {
      const rest = `files?path=${encodeURIComponent(path)}`;
      const text = await readText(await openAgent(infoOf(task), task, rest, { signal, endless: false }));
      return JSON.parse(text) as Replies['task.files'];
    },
  };
}

export function logsPath({ stream, tail, follow }: LogRequest): string {
  return `logs?stream=${stream}&tail=${tail}&follow=${follow}`;
}

function fullness(master: MasterWorld): ReturnType<Fleet['fullness']> {
  const total = { agents: 0, cpus: 0, mem: 0 };
  const used = { cpus: 0, mem: 0 };
  for (const agent of master.agents.values()) {
    if (agent.connection === null) continue;
    total.agents += 1;
    total.cpus += scalarOf(agent.total, 'cpus');
    total.mem += scalarOf(agent.total, 'mem');
    for (const { released, resources } of agent.tasks.values()) {
      if (released) continue;
      used.cpus += scalarOf(resources, 'cpus');
      used.mem += scalarOf(resources, 'mem');
    }
  }
  return {
    agents: { up: total.agents, total: master.agents.size },
    cpus: { total: total.cpus / 1000, used: used.cpus / 1000 },
    ramMb: { total: Math.floor(total.mem / 1000), used: Math.floor(used.mem / 1000) },
  };
}
