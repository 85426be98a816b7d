import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClusterFixture } from '../../shared/cluster-fixture.ts';
import { readClusterFixture } from '../../shared/cluster-fixture.ts';
import { DawnError } from '../../shared/errors.ts';
import { followEvents } from './follow-events.ts';
import { freePort } from './port.ts';
import type { Choice } from './start-cluster.ts';
import { startCluster, stopCluster } from './start-cluster.ts';
import type { LocalCluster } from './state.ts';
import { readCluster, writeCluster } from './state.ts';
import { submitJobs } from './submit-jobs.ts';

export interface UpOptions {
  /** Path of a fixture; the local cluster when absent. */
  readonly fixture?: string;
  readonly port?: number;
  /** Leave it running and return. */
  readonly detach: boolean;
  /** Leave it running after the console is closed. */
  readonly keep: boolean;
  /** Opens the console on a terminal; resolves when it is closed. */
  openConsole(url: string): Promise<number>;
  /** Somebody sits at a terminal. */
  readonly interactive: boolean;
  say(text: string): void;
  out(line: string): void;
}

/** Starts a local cluster, shows it, and ends it again. Resolves to the exit code. */
export async function up(options: UpOptions): Promise<number> {
  const { path, fixture } = readFixture(options.fixture);
  const running = readCluster(fixture.name);
  if (running) throw alreadyRunning(running);
  const wanted = options.port ?? fixture.port;
  const port = await freePort(wanted);
  if (port !== wanted) options.say(`port ${wanted} is taken; using ${port}`);

  const { cluster, choice } = await startCluster({ fixture, port, say: options.say });
  if (options.detach || options.keep) writeCluster({ ...cluster, upPid: null });
  let keep = false;
  try {
    await submitJobs(cluster.url, demoJobs(fixture, path), options.say);
    announce(cluster, choice, options);
    keep = options.detach || options.keep;
    return options.detach ? 0 : await show(cluster, options);
  } finally {
    if (!keep) {
      options.say('ending the cluster');
      await stopCluster(cluster);
    } else if (!options.detach)
      options.say(
        `the cluster goes on: \`dawn console\` opens it, \`dawn down${nameFlag(cluster)}\` ends it`,
      );
  }
}

async function show(cluster: LocalCluster, options: UpOptions): Promise<number> {
  const interrupted = new AbortController();
  const stop = (): void => interrupted.abort();
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', stop);
  if (options.interactive) return options.openConsole(cluster.url);
  await followEvents(cluster.url, options.out, interrupted.signal);
  return 0;
}

function announce(cluster: LocalCluster, choice: Choice, { say, detach }: UpOptions): void {
  const agents = cluster.agentPids.length;
  say(
    `cluster ${cluster.name} is up at ${cluster.url}${agents > 0 ? ` with ${agents} ${choice.containerizer} agents` : ''}`,
  );
  if (detach) say(`open it with \`dawn console\`, end it with \`dawn down${nameFlag(cluster)}\``);
}

function alreadyRunning(cluster: LocalCluster): DawnError {
  return new DawnError({
    code: 'command_failed',
    message: `cluster ${cluster.name} is already running at ${cluster.url} since ${cluster.startedAt} (server pid ${cluster.serverPid}, ${cluster.agentPids.length} agents)`,
    hint: `attach with \`dawn console --cluster ${cluster.url}\`, or end it with \`dawn down${nameFlag(cluster)}\``,
  });
}

function nameFlag(cluster: LocalCluster): string {
  return cluster.name === 'local' ? '' : ` --name ${cluster.name}`;
}

function readFixture(given: string | undefined): { path: string; fixture: ClusterFixture } {
  const path = given ?? join(packageRoot(), 'fixtures', 'clusters', 'local.yaml');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new DawnError({
      code: 'invalid_parameter',
      message: `cannot read the fixture ${path}: ${(error as Error).message}`,
    });
  }
  return { path, fixture: readClusterFixture(text, path) };
}

function demoJobs(fixture: ClusterFixture, path: string): string[] {
  return fixture.jobs.map((job) => join(dirname(path), job));
}

/** Where `fixtures/` is: one level above dist/ in a build, two above this file in the sources. */
function packageRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const [root = here] = here.split(/[\\/](?:dist|cli)(?:[\\/]|$)/);
  return root;
}
