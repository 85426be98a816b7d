import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentFixture, ClusterFixture } from '../../shared/cluster-fixture.ts';
import { expandAgents } from '../../shared/cluster-fixture.ts';
import type { Part } from './processes.ts';
import { endProcesses, startPart } from './processes.ts';
import type { LocalCluster } from './state.ts';
import { clusterDirectory, removeCluster, writeCluster } from './state.ts';

const SERVER_READY_MS = 20_000;
/** A slow engine, or an image that is pulled at the first start. */
const AGENT_READY_MS = 60_000;
/** Containers are given their own grace inside this. */
const END_GRACE_MS = 20_000;

/** What runs tasks here, and why that. */
export interface Choice {
  readonly containerizer: 'docker' | 'process' | 'simulated';
  readonly why: string;
  readonly image: string | null;
}

export interface StartOptions {
  readonly fixture: ClusterFixture;
  readonly port: number;
  readonly say: (text: string) => void;
}

/** Starts server and agents; what was started is ended again when a part of it fails. */
export async function startCluster({
  fixture,
  port,
  say,
}: StartOptions): Promise<{ cluster: LocalCluster; choice: Choice }> {
  const directory = clusterDirectory(fixture.name);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const parts: Part[] = [];
  try {
    const [server, choice] = await Promise.all([
      startServer(fixture, port, directory),
      choose(fixture, directory),
    ]);
    parts.push(server);
    say(
      `tasks run ${choice.containerizer === 'docker' ? 'in Docker containers' : choice.containerizer === 'process' ? 'as processes' : 'in simulation'}: ${choice.why}`,
    );
    const url = String(server.ready['url']);
    const agents = await startAgents(fixture, choice, url, directory);
    parts.push(...agents);
    const cluster: LocalCluster = {
      name: fixture.name,
      url,
      startedAt: new Date().toISOString(),
      upPid: process.pid,
      serverPid: server.pid,
      agentPids: agents.map((agent) => agent.pid),
    };
    writeCluster(cluster);
    return { cluster, choice };
  } catch (error) {
    await endProcesses(
      parts.map((part) => part.pid),
      END_GRACE_MS,
    );
    throw error;
  }
}

/** Ends agents (which end their tasks), then the server, and forgets the cluster. */
export async function stopCluster(cluster: LocalCluster): Promise<void> {
  await endProcesses(cluster.agentPids, END_GRACE_MS);
  await endProcesses([cluster.serverPid], END_GRACE_MS);
  removeCluster(cluster.name);
}

function startServer(fixture: ClusterFixture, port: number, directory: string): Promise<Part> {
  const simulated = fixture.containerizer === 'simulated' ? ['--simulate', JSON.stringify(fixture)] : [];
  const args = [
    'server',
    '--name',
    fixture.name,
    '--port',
    String(port),
    '--data-dir',
    join(directory, 'server'),
    ...simulated,
  ];
  return startPart([...args, '--ready-line'], join(directory, 'server.log'), SERVER_READY_MS);
}

async function choose(fixture: ClusterFixture, directory: string): Promise<Choice> {
  if (fixture.containerizer === 'simulated')
    return { containerizer: 'simulated', why: 'the fixture says so', image: null };
  const args = [
    'agent',
    '--detect',
    '--containerizer',
    fixture.containerizer,
    '--default-image',
    fixture.image,
  ];
  const found = await startPart(args, join(directory, 'detect.log'), AGENT_READY_MS);
  return found.ready as unknown as Choice;
}

async function startAgents(
  fixture: ClusterFixture,
  choice: Choice,
  url: string,
  directory: string,
): Promise<Part[]> {
  if (choice.containerizer === 'simulated') return [];
  return Promise.all(
    expandAgents(fixture).map((agent) =>
      startPart(
        agentArgs(agent, choice, url, join(directory, agent.name)),
        join(directory, `${agent.name}.log`),
        AGENT_READY_MS,
      ),
    ),
  );
}

function agentArgs(agent: AgentFixture, choice: Choice, url: string, workDir: string): string[] {
  const args = ['agent', '--master', url, '--hostname', agent.name, '--work-dir', workDir];
  args.push('--resources', resourcesFlag(agent), '--attributes', attributesFlag(agent));
  args.push('--containerizer', choice.containerizer, '--kill-on-exit', '--ready-line');
  if (choice.image !== null) args.push('--default-image', choice.image);
  return args;
}

/** Mesos's own way to write them: `cpus:2;mem:2048;disk:10240;ports:[31000-31099]`. */
function resourcesFlag({ cpus, memMb, diskMb, ports }: AgentFixture): string {
  return `cpus:${cpus};mem:${memMb};disk:${diskMb};ports:[${ports[0]}-${ports[1]}]`;
}

function attributesFlag({ attributes }: AgentFixture): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}:${value}`)
    .join(';');
}
