import type { Replies } from '../../../../shared/api/operations.ts';
import type { HostView } from '../../../../shared/api/views.ts';
import type { AgentId } from '../../../../shared/ids.ts';
import { scalarOf } from '../../../../shared/mesos/bundle.ts';
import { flatOf } from '../../../../shared/mesos/bundle-format.ts';
import { ASSIGNED_STATUSES } from '../../../../shared/task-states.ts';
import type { RemoteAgent } from '../../../link/remote-agents.ts';
import type { AgentView } from '../../../scheduler/capacity.ts';
import type { TaskRow } from '../../../scheduler/rows.ts';
import type { World } from '../../../scheduler/world.ts';
import { type Reading, agentOf, askAgent, messageIn, readText, refusedByAgent } from '../agent-proxy.ts';
import type { Fleet } from '../fleet.ts';
import { attributeTexts } from '../views/host.ts';
import { iso } from '../views/times.ts';
import { MesosSandbox } from './mesos-sandbox.ts';
import { logsPath, usableBy } from './own.ts';

/** What is known of the agents of a master elsewhere. */
export interface RemoteAgentList {
  all(): Iterable<RemoteAgent>;
  get(id: AgentId): RemoteAgent | undefined;
  /** Resolves when the master told of them anew, or takes too long for it. */
  refresh(): Promise<void>;
}

/**
 * The agents of a Mesos master elsewhere: Dawn's own (asked as we ask ours) or real Mesos's (asked for the files of their sandboxes).
 * @param role the one that we are offered resources in
 * @param authorization who this server is, for agents that ask
 */
export function remoteFleet(
  agents: RemoteAgentList,
  role: string,
  world: () => World,
  authorization?: string,
): Fleet {
  const sandboxOf = (task: TaskRow, agent: RemoteAgent): MesosSandbox =>
    new MesosSandbox(agent, { framework: world().framework ?? '', task: task.id, authorization });
  return {
    refresh: () => agents.refresh(),
    agents: () => [...agents.all()].filter(({ active }) => active).map((agent) => agentView(agent, role)),
    hosts: () =>
      [...agents.all()].map((agent) => hostView(agent, world())).sort((a, b) => (a.host < b.host ? -1 : 1)),
    fullness: () => fullness([...agents.all()]),
    hostname: (id) => agents.get(id)?.hostname ?? world().hosts.get(id)?.host,
    async logs(task, wanted, signal) {
      const agent = agentOf(task, (id) => agents.get(id));
      return (
        (await ofDawn(agent, task, logsPath(wanted), { signal, endless: wanted.follow, authorization })) ??
        (await sandboxOf(task, agent).logs(wanted, signal))
      );
    },
    async files(task, path, signal) {
      const agent = agentOf(task, (id) => agents.get(id));
      const rest = `files?path=${encodeURIComponent(path)}`;
      const body = await ofDawn(agent, task, rest, { signal, endless: false, authorization });
      if (body) return JSON.parse(await readText(body)) as Replies['task.files'];
      return sandboxOf(task, agent).read(path, signal);
    },
  };
}

type Body = Parameters<typeof readText>[0];

/** What one of Dawn's agents says; undefined when it is another program that answers there. */
async function ofDawn(
  agent: RemoteAgent,
  task: TaskRow,
  rest: string,
  reading: Reading,
): Promise<Body | undefined> {
  const path = `/dawn/v1/tasks/${encodeURIComponent(task.id)}/${rest}`;
  const { statusCode, body } = await askAgent(agent, path, reading);
  if (statusCode === 200) {
    reading.signal.addEventListener('abort', () => body.destroy());
    return body;
  }
  const message = messageIn(await readText(body));
  if (message === undefined) return undefined;
  throw refusedByAgent(statusCode, message);
}

function agentView({ id, hostname, ...agent }: RemoteAgent, role: string): AgentView {
  return {
    agent: id,
    host: hostname,
    attributes: agent.attributes,
    free: usableBy(role, agent.free),
    total: usableBy(role, agent.total),
    unavailableAtMs: agent.unavailableAtMs,
  };
}

function hostView(agent: RemoteAgent, world: World): HostView {
  const tasks = [...(world.tasksByAgent.get(agent.id) ?? [])].filter((id) =>
    ASSIGNED_STATUSES.has(world.tasks.get(id)?.status ?? 'INIT'),
  );
  const [total, used] = [flatOf(agent.total), flatOf(agent.used)];
  return {
    agent: agent.id,
    host: agent.hostname,
    state: agent.active ? 'UP' : 'DISCONNECTED',
    containerizer: agent.version === null ? null : `Mesos ${agent.version}`,
    since: iso(agent.sinceMs),
    tasks: tasks.length,
    cpus: { total: total.cpusMilli / 1000, used: used.cpusMilli / 1000 },
    ramMb: { total: total.memMb, used: used.memMb },
    diskMb: { total: total.diskMb, used: used.diskMb },
    attributes: attributeTexts(agent.attributes),
    offers: null,
  };
}

function fullness(agents: readonly RemoteAgent[]): ReturnType<Fleet['fullness']> {
  const up = agents.filter(({ active }) => active);
  const sum = (of: 'total' | 'used', name: string): number =>
    up.reduce((so, agent) => so + scalarOf(agent[of], name), 0) / 1000;
  return {
    agents: { up: up.length, total: agents.length },
    cpus: { total: sum('total', 'cpus'), used: sum('used', 'cpus') },
    ramMb: { total: Math.floor(sum('total', 'mem')), used: Math.floor(sum('used', 'mem')) },
  };
}
