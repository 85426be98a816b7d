import type { OfferId } from '../../shared/ids.ts';
import type { Offer } from '../../shared/mesos/v1.ts';
import type { Resources } from '../../shared/resources.ts';
import { NO_RESOURCES, toMesos } from '../../shared/resources.ts';
import { isFiltered } from './filters.ts';
import { Shares } from './shares.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterFramework } from './world.ts';
import { rolesOf } from './world.ts';

interface Taker {
  readonly framework: MasterFramework;
  readonly role: string;
}

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
  const agents = world.allDirty
    ? world.agents.values()
    : [...world.dirtyAgents].flatMap((id) => world.agents.get(id) ?? []);
  const shares = frameworks.length > 1 ? new Shares(world, frameworks) : null;
  const offers = new Map<MasterFramework, Offer[]>();
  if (frameworks.length > 0) {
    for (const agent of agents) {
      if (agent.connection === null || !isWorthOffering(agent.free)) continue;
      const taker = choose(tx, frameworks, shares, agent);
      if (!taker) continue;
      shares?.add(taker.framework, agent.free);
      const offer = makeOffer(tx, taker.framework, taker.role, agent);
      const list = offers.get(taker.framework);
      if (list) list.push(offer);
      else offers.set(taker.framework, [offer]);
    }
  }
  world.dirtyAgents.clear();
  world.allDirty = false;
  for (const [framework, list] of offers)
    tx.toFramework(framework, { type: 'OFFERS', offers: { offers: list } });
}

function isWorthOffering(free: Resources): boolean {
  return free.cpusMilli >= MIN_CPUS_MILLI || free.memMb >= MIN_MEM_MB;
}

/** The one with the smallest share; each framework competes with the first of its roles that wants offers. */
function choose(
  tx: MasterTx,
  frameworks: readonly MasterFramework[],
  shares: Shares | null,
  agent: MasterAgent,
): Taker | undefined {
  let best: Taker | undefined;
  let bestShare = Infinity;
  for (const framework of frameworks) {
    const wants = (each: string): boolean =>
      !framework.suppressed.has(each) && !isFiltered(tx, framework, each, agent);
    const role = rolesOf(framework).find(wants);
    if (role === undefined) continue;
    const share = shares?.of(framework) ?? 0;
    if (share < bestShare) {
      best = { framework, role };
      bestShare = share;
    }
  }
  return best;
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
    url: {
      scheme: 'http',
      address: { hostname: agent.info.hostname, ip: agent.info.ip, port: agent.info.port },
      path: '/slave(1)',
    },
  };
}
