import { sameJson } from '../../shared/same-json.ts';
import { type Bundle, EMPTY, add, sameBundle } from '../../shared/mesos/bundle.ts';
import { countPorts } from '../../shared/resources.ts';
import { named, quantitiesOf } from './allocator/quantities.ts';
import { QuotaBook } from './allocator/quota.ts';
import { holdings } from './ledger.ts';
import type { MasterAgent } from './entities.ts';
import type { MasterWorld } from './world.ts';

/** What must hold of the master after every decision; a sentence for each thing that does not. */
export function checkMaster(world: MasterWorld): string[] {
  return [
    ...[...world.agents.values()].flatMap(checkAgent),
    ...checkOffers(world),
    ...checkShares(world),
    ...checkQuotas(world),
    ...checkTasks(world),
    ...checkStreams(world),
  ];
}

/** total = free + offered + used, exactly; no port twice. One that never registered in this life has nothing yet. */
function checkAgent(agent: MasterAgent): string[] {
  const wrong: string[] = [];
  if (agent.connection !== null && agent.wakeAtMs === null) wrong.push(`agent ${agent.id} is not pinged`);
  if (agent.connection !== null && agent.state === 'unreachable')
    wrong.push(`agent ${agent.id} is here and out of reach`);
  if (!agent.pooled)
    return agent.connection === null ? wrong : [...wrong, `agent ${agent.id} is not counted`];
  const parts: Bundle[] = [agent.free, ...holdings(agent).map(({ resources }) => resources)];
  if (!sameBundle(agent.total, parts.reduce(add, EMPTY)))
    wrong.push(`agent ${agent.id}: free, offered and used do not add up to what it has`);
  const ports = parts.reduce((count, part) => count + portsIn(part), 0);
  if (ports !== portsIn(agent.total)) wrong.push(`agent ${agent.id}: a port is given twice or lost`);
  if (parts.some((part) => part.some(({ milli }) => milli < 0))) wrong.push(`agent ${agent.id} is oversold`);
  return wrong;
}

function portsIn(bundle: Bundle): number {
  return bundle.reduce((sum, { ranges }) => sum + countPorts(ranges), 0);
}

/** What each role and framework was given is what it holds. */
function checkShares(world: MasterWorld): string[] {
  const held = new Map<string, number>();
  const count = (sums: Map<string, number>, what: string, milli: number): void => {
    const sum = (sums.get(what) ?? 0) + milli;
    if (sum === 0) sums.delete(what);
    else sums.set(what, sum);
  };
  for (const agent of world.agents.values()) {
    if (!agent.pooled) continue;
    for (const { framework, role, resources } of holdings(agent))
      for (const { name, milli } of resources) count(held, `${framework} ${role} ${name}`, milli);
  }
  for (const { framework, role, allocated } of world.roles.leaves())
    for (const [name, milli] of named(allocated)) count(held, `${framework} ${role} ${name}`, -milli);
  return [...held].map(([what, milli]) => `the share of ${what} is ${-milli} more than what it holds`);
}

/** What the allocator keeps up is what it would be, counted anew. */
function checkQuotas(world: MasterWorld): string[] {
  const wrong: string[] = [];
  const pooled = [...world.agents.values()].filter((agent) => agent.pooled);
  const total = named(quantitiesOf(pooled.flatMap((agent) => agent.total)));
  if (!sameJson([...total], [...named(world.roles.total)]))
    wrong.push('the whole is not what the agents have');
  const marks = new Map<string, [lacks: boolean, isFull: boolean]>();
  const anew = new QuotaBook({
    topLevel: (role) => world.roles.topLevel(role),
    mark: (role, ...mark) => marks.set(role, mark),
  });
  for (const agent of pooled) if (!agent.deactivated) anew.changeFree(agent.free, 1);
  for (const [role, quota] of world.quotas) anew.set(role, quota);
  const [kept, counted] = [world.quotas.sums, anew.sums];
  if (!sameJson(kept, counted))
    wrong.push(`quota: kept ${JSON.stringify(kept)}, counted ${JSON.stringify(counted)}`);
  for (const { path, lacks, isFull } of world.roles.root.children.values()) {
    const mark = marks.get(path) ?? [false, false];
    if (lacks !== mark[0] || isFull !== mark[1]) wrong.push(`role ${path} is not marked as its quota has it`);
  }
  return wrong;
}

/** An offer is known to both its sides, and both are here. */
function checkOffers(world: MasterWorld): string[] {
  const wrong: string[] = [];
  let listed = 0;
  for (const agent of world.agents.values()) listed += agent.offers.length;
  for (const framework of world.frameworks.values()) listed += framework.offers.length;
  if (listed !== 2 * world.offers.size) wrong.push('an offer that has ended is still listed');
  for (const offer of world.offers.values()) {
    const agent = world.agents.get(offer.agent);
    const framework = world.frameworks.get(offer.framework);
    if (agent?.offers.includes(offer) !== true) wrong.push(`offer ${offer.id} is unknown to its agent`);
    if (framework?.offers[offer.place] !== offer) wrong.push(`offer ${offer.id} is unknown to its framework`);
    if (agent?.connection === null) wrong.push(`offer ${offer.id} is of an agent that is away`);
    if (framework?.connection === null) wrong.push(`offer ${offer.id} is with a framework that is away`);
  }
  return wrong;
}

/** A task is on one agent and in one framework, in both indexes. */
function checkTasks(world: MasterWorld): string[] {
  const wrong: string[] = [];
  let onAgents = 0;
  for (const agent of world.agents.values()) onAgents += agent.tasks.size;
  let inFrameworks = 0;
  for (const [id, tasks] of world.tasks) {
    inFrameworks += tasks.size;
    const framework = world.frameworks.get(id);
    if (framework && framework.tasks !== tasks) wrong.push(`framework ${id} has a list of tasks of its own`);
    for (const task of tasks.values()) {
      if (task.framework !== id) wrong.push(`task ${task.id} is with the wrong framework`);
      if (!world.agents.get(task.agent)?.tasks.has(task))
        wrong.push(`task ${task.id} is unknown to its agent`);
    }
  }
  if (onAgents !== inFrameworks) wrong.push(`agents hold ${onAgents} tasks, frameworks ${inFrameworks}`);
  return wrong;
}

/** A stream leads to one agent or one framework, and back. */
function checkStreams(world: MasterWorld): string[] {
  const wrong: string[] = [];
  for (const agent of world.agents.values()) {
    if (agent.connection !== null && world.agentByConnection.get(agent.connection) !== agent.id)
      wrong.push(`the stream of agent ${agent.id} is not its own`);
  }
  for (const framework of world.frameworks.values()) {
    if (
      framework.connection !== null &&
      world.frameworkByConnection.get(framework.connection) !== framework.id
    ) {
      wrong.push(`the stream of framework ${framework.id} is not its own`);
    }
  }
  return wrong;
}
