import type { OfferId } from '../../shared/ids.ts';
import type { Offer } from '../../shared/mesos/v1.ts';
import type { Resources } from '../../shared/resources.ts';
import { NO_RESOURCES, containsResources, toMesos } from '../../shared/resources.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterFramework, MasterWorld } from './world.ts';

/** Mesos's min_allocatable_resources: less than this of both is not worth an offer. */
const MIN_CPUS_MILLI = 10;
const MIN_MEM_MB = 32;

/**
 * Offers what is free, all of an agent to one framework and role, to the one with the smallest dominant share first. Only agents that changed are looked
 * at; nothing changed, nothing is done. Each freed fragment is an offer of its own; outstanding ones stay.
 */
export function allocate(tx: MasterTx): void {
  const { world } = tx;
  if (!world.allDirty && world.dirtyAgents.size === 0) return;
  const frameworks = [...world.frameworks.values()].filter((framework) => framework.connection !== null);
  const agents = world.allDirty ? world.agents.values() : [...world.dirtyAgents].flatMap((id) => world.agents.get(id) ?? []);
  const offers = new Map<MasterFramework, Offer[]>();
  if (frameworks.length > 0) {
    for (const agent of agents) {
      if (agent.connection === null || !isWorthOffering(agent.free)) continue;
      const taker = choose(tx, frameworks, agent);
      if (!taker) continue;
      const offer = makeOffer(tx, taker.framework, taker.role, agent);
      const list = offers.get(taker.framework);
      if (list) list.push(offer);
      else offers.set(taker.framework, [offer]);
    }
  }
  world.dirtyAgents.clear();
  world.allDirty = false;
  for (const [framework, list] of offers) tx.toFramework(framework, { type: 'OFFERS', offers: { offers: list } });
}

function isWorthOffering(free: Resources): boolean {
  return free.cpusMilli >= MIN_CPUS_MILLI || free.memMb >= MIN_MEM_MB;
}

function choose(tx: MasterTx, frameworks: readonly MasterFramework[], agent: MasterAgent): { framework: MasterFramework; role: string } | undefined {
  let best: { framework: MasterFramework; role: string } | undefined;
  let bestShare = Infinity;
  for (const framework of frameworks) {
    const role = (framework.info.roles ?? ['*']).find((each) => !framework.suppressed.has(each));
    if (role === undefined || isFiltered(tx, framework, agent)) continue;
    if (frameworks.length === 1) return { framework, role };
    const share = dominantShare(tx.world, framework);
    if (share < bestShare) {
      best = { framework, role };
      bestShare = share;
    }
  }
  return best;
}

/** Refused not long ago, and there is no more of it now. */
function isFiltered(tx: MasterTx, framework: MasterFramework, agent: MasterAgent): boolean {
  const filter = framework.filters.get(agent.id);
  return filter !== undefined && filter.untilMs > tx.now && containsResources(filter.refused, agent.free);
}

/** The largest share that a framework's tasks and offers have of any resource in the cluster (DRF). */
function dominantShare(world: MasterWorld, framework: MasterFramework): number {
  const total = { cpusMilli: 0, memMb: 0, diskMb: 0 };
  for (const agent of world.agents.values()) {
    total.cpusMilli += agent.total.cpusMilli;
    total.memMb += agent.total.memMb;
    total.diskMb += agent.total.diskMb;
  }
  const used = { cpusMilli: 0, memMb: 0, diskMb: 0 };
  const add = (resources: Resources): void => {
    used.cpusMilli += resources.cpusMilli;
    used.memMb += resources.memMb;
    used.diskMb += resources.diskMb;
  };
  for (const id of framework.offers) add(world.offers.get(id)?.resources ?? NO_RESOURCES);
  for (const id of framework.tasks) {
    const task = world.tasks.get(id);
    if (task && !task.released) add(task.resources);
  }
  return Math.max(...(['cpusMilli', 'memMb', 'diskMb'] as const).map((name) => (total[name] > 0 ? used[name] / total[name] : 0)));
}

function makeOffer(tx: MasterTx, framework: MasterFramework, role: string, agent: MasterAgent): Offer {
  const { world } = tx;
  const id = `${world.offerPrefix}${world.nextOffer++}` as OfferId;
  const resources = agent.free;
  agent.free = NO_RESOURCES;
  agent.offers.add(id);
  framework.offers.add(id);
  world.offers.set(id, { id, framework: framework.id, role, agent: agent.id, resources });
  return {
    id: { value: id },
    framework_id: { value: framework.id },
    agent_id: { value: agent.id },
    hostname: agent.info.hostname,
    resources: toMesos(resources, role),
    attributes: agent.info.attributes,
    allocation_info: { role },
    url: { scheme: 'http', address: { hostname: agent.info.hostname, ip: agent.info.ip, port: agent.info.port }, path: '/slave(1)' },
  };
}
