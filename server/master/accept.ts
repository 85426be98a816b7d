import type { OfferId, TaskId } from '../../shared/ids.ts';
import type { Call, Filters, Id, TaskInfo, TaskStatus } from '../../shared/mesos/v1.ts';
import type { Resources } from '../../shared/resources.ts';
import { NO_RESOURCES, addResources, fromMesos, subtractResources } from '../../shared/resources.ts';
import { refuse } from './filters.ts';
import { masterUpdate } from './master-update.ts';
import { recoverOffer } from './offers.ts';
import { taskProblem } from './task-problem.ts';
import { addTask } from './tasks.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterFramework, MasterOffer } from './world.ts';

type Accept = Extract<Call, { type: 'ACCEPT' }>['accept'];

/** Launches tasks on offers of one agent; what is left of them is declined with the call's filters. */
export function accept(tx: MasterTx, framework: MasterFramework, call: Accept): void {
  const offers = call.offer_ids.map(({ value }) => tx.world.offers.get(value as OfferId));
  const tasks = call.operations.flatMap((operation) => operation.launch.task_infos);
  const problem = offerProblem(framework, call, offers);
  const valid = offers.filter((offer) => offer !== undefined);
  const agent = valid[0] && tx.world.agents.get(valid[0].agent);
  if (problem !== null || !agent)
    return dropAll(tx, framework, valid, tasks, problem ?? 'No offers specified');
  const role = valid[0]?.role ?? '*';
  let left = take(tx, agent, framework, valid);
  let launched = 0;
  for (const task of tasks) {
    const message = taskProblem(framework, agent, task, left);
    if (message !== null) {
      const told = { state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', message } as const;
      tx.toFramework(framework, masterUpdate(tx, framework, named(task), told));
      continue;
    }
    const resources = fromMesos(task.resources);
    left = subtractResources(left, resources);
    launch(tx, framework, agent, task, resources);
    launched += 1;
  }
  agent.free = addResources(agent.free, left);
  tx.world.dirtyAgents.add(agent.id);
  const given = call.filters?.refuse_seconds;
  refuse(tx, framework, agent, { role, refused: left, given, progress: launched > 0 });
}

/** Gives offers back, not to be made again for a while. Ids that are no longer valid are passed over. */
export function decline(
  tx: MasterTx,
  framework: MasterFramework,
  ids: readonly Id[],
  filters: Filters | undefined,
): void {
  for (const { value } of ids) {
    const offer = tx.world.offers.get(value as OfferId);
    if (!offer || offer.framework !== framework.id) continue;
    recoverOffer(tx.world, offer);
    const agent = tx.world.agents.get(offer.agent);
    const { role, resources: refused } = offer;
    if (agent)
      refuse(tx, framework, agent, { role, refused, given: filters?.refuse_seconds, progress: false });
  }
}

/** One bad offer spoils the call: all of the framework's that it names end, without a filter, and no task is launched. */
function dropAll(
  tx: MasterTx,
  framework: MasterFramework,
  offers: readonly MasterOffer[],
  tasks: readonly TaskInfo[],
  problem: string,
): void {
  for (const offer of new Set(offers)) if (offer.framework === framework.id) recoverOffer(tx.world, offer);
  const message = `Task launched with invalid offers: ${problem}`;
  const told = { state: 'TASK_DROPPED', reason: 'REASON_INVALID_OFFERS', message } as const;
  for (const task of tasks) tx.toFramework(framework, masterUpdate(tx, framework, named(task), told));
}

/** In Mesos's order: known, the framework's own, all of one role and one agent. */
function offerProblem(
  framework: MasterFramework,
  call: Accept,
  offers: readonly (MasterOffer | undefined)[],
): string | null {
  if (offers.length === 0) return 'No offers specified';
  if (new Set(call.offer_ids.map(({ value }) => value)).size < offers.length)
    return 'Duplicate offer in offer list';
  const at = offers.findIndex((offer) => !offer || offer.framework !== framework.id);
  if (at >= 0) return `Offer ${call.offer_ids[at]?.value ?? ''} is no longer valid`;
  if (new Set(offers.map((offer) => offer?.role)).size > 1)
    return 'Aggregated offers must be allocated to the same role';
  if (new Set(offers.map((offer) => offer?.agent)).size > 1)
    return 'Aggregated offers must belong to one single agent';
  return null;
}

/** Offers end without their resources going back: they are split into tasks and the rest. */
function take(
  tx: MasterTx,
  agent: MasterAgent,
  framework: MasterFramework,
  offers: readonly MasterOffer[],
): Resources {
  let sum: Resources = NO_RESOURCES;
  for (const offer of offers) {
    tx.world.offers.delete(offer.id);
    framework.offers.delete(offer.id);
    agent.offers.delete(offer.id);
    sum = addResources(sum, offer.resources);
  }
  return sum;
}

function launch(
  tx: MasterTx,
  framework: MasterFramework,
  agent: MasterAgent,
  info: TaskInfo,
  resources: Resources,
): void {
  const id = info.task_id.value as TaskId;
  const status: TaskStatus = {
    task_id: info.task_id,
    state: 'TASK_STAGING',
    agent_id: { value: agent.id },
    timestamp: tx.now / 1000,
  };
  addTask(tx.world, agent, {
    id,
    framework: framework.id,
    agent: agent.id,
    info,
    resources,
    status,
    inFlight: null,
    kill: null,
    released: false,
  });
  tx.toAgent(agent, { type: 'RUN_TASK', run_task: { framework_id: { value: framework.id }, task: info } });
}

function named(task: TaskInfo): { id: string; agent: string } {
  return { id: task.task_id.value, agent: task.agent_id.value };
}
