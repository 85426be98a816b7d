import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What runs of a local cluster; written by `dawn up`, read by everything that looks for a cluster. */
export interface LocalCluster {
  readonly name: string;
  readonly url: string;
  readonly startedAt: string;
  /** Of the `dawn up` that holds it; null once detached. */
  readonly upPid: number | null;
  readonly serverPid: number;
  readonly agentPids: readonly number[];
}

/** `$DAWN_HOME`, else `~/.dawn`. */
export function dawnHome(): string {
  return process.env['DAWN_HOME'] ?? join(homedir(), '.dawn');
}

export function clusterDirectory(name: string): string {
  return join(dawnHome(), 'clusters', name);
}

const stateFile = (name: string): string => join(clusterDirectory(name), 'cluster.json');

export function writeCluster(cluster: LocalCluster): void {
  mkdirSync(clusterDirectory(cluster.name), { recursive: true, mode: 0o700 });
  writeFileSync(stateFile(cluster.name), `${JSON.stringify(cluster, null, 2)}\n`, { mode: 0o600 });
}

/** The cluster of that name if any of its processes is alive. */
export function readCluster(name: string): LocalCluster | undefined {
  try {
    const cluster = JSON.parse(readFileSync(stateFile(name), 'utf8')) as LocalCluster;
    return [cluster.serverPid, ...cluster.agentPids].some(isAlive) ? cluster : undefined;
  } catch {
    return undefined;
  }
}

/** Every local cluster that runs, by name. */
export function localClusters(): LocalCluster[] {
  try {
    return readdirSync(join(dawnHome(), 'clusters'))
      .sort()
      .flatMap((name) => readCluster(name) ?? []);
  } catch {
    return [];
  }
}

export function removeCluster(name: string): void {
  rmSync(clusterDirectory(name), { recursive: true, force: true });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
