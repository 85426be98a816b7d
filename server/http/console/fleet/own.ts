import type { Replies } from '../../../../shared/api/operations.ts';
import type { Bundle } from '../../../../shared/mesos/bundle.ts';
import { scalarOf } from '../../../../shared/mesos/bundle.ts';
import { resourcesOf } from '../../../../shared/mesos/bundle-format.ts';
import type { Resources } from '../../../../shared/resources.ts';
import { isOfferable } from '../../../master/allocator/allocate.ts';
import type { MasterAgent } from '../../../master/entities.ts';
import { unavailabilityOf } from '../../../master/machines.ts';
import type { MasterWorld } from '../../../master/world.ts';
import type { AgentView } from '../../../scheduler/capacity.ts';
import { FRAMEWORK_ROLE } from '../../../scheduler/framework.ts';
import { poolsOf, sumOf } from '../../../scheduler/placement/pools.ts';
import type { TaskRow } from '../../../scheduler/rows.ts';
import { agentOf, openAgent, readText } from '../agent-proxy.ts';
import type { Fleet, LogRequest } from '../fleet.ts';
import { hostViews } from '../views/host.ts';

/** The agents of the master in this process. @param authorization who this server is, for agents that ask */
export function ownFleet(master: MasterWorld, authorization?: string): Fleet {
  const infoOf = (task: TaskRow): MasterAgent['info'] => agentOf(task, (id) => master.agents.get(id)).info;
  return {
    refresh: () => Promise.resolve(),
    agents: () => agentViews(master),
    hosts: () => hostViews(master),
    fullness: () => fullness(master),
    hostname: (id) => master.agents.get(id)?.info.hostname,
    logs: async (task, wanted, signal) =>
      openAgent(infoOf(task), task, logsPath(wanted), { signal, endless: wanted.follow, authorization }),
    async files(task, path, signal) {
      const rest = `files?path=${encodeURIComponent(path)}`;
      const text = await readText(
        await openAgent(infoOf(task), task, rest, { signal, endless: false, authorization }),
      );
      return JSON.parse(text) as Replies['task.files'];
    },
  };
}

function agentViews(master: MasterWorld): AgentView[] {
  return [...master.agents.values()].flatMap((agent) => {
    if (agent.connection === null) return [];
    const window = unavailabilityOf(master, agent);
    return [
      {
        agent: agent.id,
        host: agent.info.hostname,
        attributes: agent.info.attributes,
        free: usableBy(FRAMEWORK_ROLE, agent.free),
        total: usableBy(FRAMEWORK_ROLE, agent.total),
        unavailableAtMs: !isOfferable(master, agent) ? 0 : window ? window.start.nanoseconds / 1e6 : Infinity,
      },
    ];
  });
}

/** What of these resources tasks of a role could use. */
export function usableBy(role: string, bundle: Bundle): Resources {
  return sumOf(poolsOf({ resources: resourcesOf(bundle), allocation_info: { role } }));
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
