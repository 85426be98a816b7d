import { stopCluster } from './start-cluster.ts';
import { readCluster } from './state.ts';

/** Ends a local cluster that `up` left running. */
export async function down(name: string, say: (text: string) => void): Promise<number> {
  const cluster = readCluster(name);
  if (!cluster) {
    say(`no local cluster ${name} is running; nothing to do`);
    return 0;
  }
  await stopCluster(cluster);
  say(`ended ${name}: server, ${cluster.agentPids.length} agents and what they ran`);
  return 0;
}
