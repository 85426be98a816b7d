import type { OfferId, TaskId } from '../../shared/ids.ts';
import type { Call, Filters, TaskInfo, TaskStatus } from '../../shared/mesos/v1.ts';
import type { Resources } from '../../shared/resources.ts';
import { NO_RESOURCES, addResources, containsResources, fromMesos, subtractResources } from '../../shared/resources.ts';
import { recoverOffer } from './offers.ts';
import { addTask, masterUpdate } from './tasks.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterFramework, MasterOffer } from './world.ts';

type Accept = Extract<Call, { type: 'ACCEPT' }>['accept'];

/** Mesos's default filter, and its cap. */
const REFUSE_SECONDS_DEFAULT = 5;
const REFUSE_SECONDS_MAX = 365 * 24 * 3600;

/** Launches tasks on offers of one agent; what is left of them is declined with the call's filters. */
export function accept(tx: MasterTx, framework: MasterFramework, call: Accept): void {
  const offers = call.offer_ids.map(({ value }) => tx.world.offers.get(value as OfferId));
  const tasks = call.operations.flatMap((operation) => operation.launch.task_infos);
  const problem = offerProblem(framework, call, offers);
  if (problem !== null) {
    for (const offer of offers) if (offer && offer.framework === framework.id) recoverOffer(tx.world, offer);
    for (const task of tasks) tx.toFramework(framework, masterUpdate(tx, framework, named(task), 'TASK_DROPPED', 'REASON_INVALID_OFFERS', `Task launched with invalid offers: ${problem}`));
    return;
  }
  const valid = offers.filter((offer) => offer !== undefined);
  const agent = tx.world.agents.get(valid[0]!.agent)!;
  let left = take(tx, agent, framework, valid);
  for (const task of tasks) {
    const wrong = taskProblem(tx, agent, task, left);
    if (wrong !== null) {
      tx.toFramework(framework, { type: 'UPDATE', update: { status: errorStatus(tx, task, wrong) } });
      continue;
    }
    const resources = fromMesos(task.resources);
    left = subtractResources(left, resources);
    launch(tx, framework, agent, task, resources);
  }
  agent.free = addResources(agent.free, left);
  refuse(tx, framework, agent, left, call.filters);
}

/** Gives offers back, not to be made again for a while. Ids that are no longer valid are passed over. */
export function decline(tx: MasterTx, framework: MasterFramework, ids: readonly { readonly value: string }[], filters: Filters | undefined): void {
  for (const { value } of ids) {
    const offer = tx.world.offers.get(value as OfferId);
    if (!offer || offer.framework !== framework.id) continue;
    recoverOffer(tx.world, offer);
    const agent = tx.world.agents.get(offer.agent);
    if (agent) refuse(tx, framework, agent, offer.resources, filters);
  }
}

/** In Mesos's order: known, the framework's own, all of one agent. */
function offerProblem(framework: MasterFramework, call: Accept, offers: readonly (MasterOffer | undefined)[]): string | null {
  if (offers.length === 0) return 'No offers specified';
  if (new Set(call.offer_ids.map(({ value }) => value)).size < offers.length) return 'Duplicate offer in offer list';
  const at = offers.findIndex((offer) => !offer || offer.framework !== framework.id);
  if (at >= 0) return `Offer ${call.offer_ids[at]?.value ?? ''} is no longer valid`;
  if (new Set(offers.map((offer) => offer?.agent)).size > 1) return 'Aggregated offers must belong to one single agent';
  if (new Set(offers.map((offer) => offer?.role)).size > 1) return 'Aggregated offers must be allocated to the same role';
  return null;
}

/** Offers end without their resources going back: they are split into tasks and the rest. */
function take(tx: MasterTx, agent: MasterAgent, framework: MasterFramework, offers: readonly MasterOffer[]): Resources {
  let sum: Resources = NO_RESOURCES;
  for (const offer of offers) {
    tx.world.offers.delete(offer.id);
    framework.offers.delete(offer.id);
    agent.offers.delete(offer.id);
    sum = addResources(sum, offer.resources);
  }
  return sum;
}

function launch(tx: MasterTx, framework: MasterFramework, agent: MasterAgent, info: TaskInfo, resources: Resources): void {
  const id = info.task_id.value as TaskId;
  const status: TaskStatus = { task_id: info.task_id, state: 'TASK_STAGING', agent_id: { value: agent.id }, timestamp: tx.now / 1000 };
  addTask(tx.world, agent, { id, framework: framework.id, agent: agent.id, info, resources, status, released: false });
  tx.toAgent(agent, { type: 'RUN_TASK', run_task: { framework_id: { value: framework.id }, task: info } });
}

/** Mesos's task validation, as far as our tasks go (mesos-api: TASK_ERROR, REASON_TASK_INVALID). */
function taskProblem(tx: MasterTx, agent: MasterAgent, task: TaskInfo, left: Resources): string | null {
  const id = task.task_id.value;
  if (id === '' || id.length > 255 || /[/\\\u0000-\u001f\u007f]/.test(id) || id === '.' || id === '..') return `'${id}' is not a valid task id`;
  if (tx.world.tasks.has(id as TaskId)) return `Task has duplicate ID: ${id}`;
  if (task.agent_id.value !== agent.id) return `Task uses invalid agent ${task.agent_id.value} while agent ${agent.id} is expected`;
  if (!task.command) return 'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present';
  const resources = fromMesos(task.resources);
  if ([resources.cpusMilli, resources.memMb, resources.diskMb, resources.gpus].some((value) => !Number.isFinite(value) || value < 0)) return 'Task uses invalid resources';
  if (!containsResources(left, resources)) return 'Total resources required by task and its executor is more than available';
  return null;
}

function errorStatus(tx: MasterTx, task: TaskInfo, message: string): TaskStatus {
  return {
    task_id: task.task_id,
    state: 'TASK_ERROR',
    source: 'SOURCE_MASTER',
    reason: 'REASON_TASK_INVALID',
    message,
    agent_id: task.agent_id,
    timestamp: tx.now / 1000,
  };
}

function named(task: TaskInfo): { id: TaskId; agent: string } {
  return { id: task.task_id.value as TaskId, agent: task.agent_id.value };
}

/** Remembers a refusal. Negative or missing seconds mean the default; 0 means none. */
function refuse(tx: MasterTx, framework: MasterFramework, agent: MasterAgent, refused: Resources, filters: Filters | undefined): void {
  const given = filters?.refuse_seconds ?? REFUSE_SECONDS_DEFAULT;
  const seconds = given < 0 || !Number.isFinite(given) ? REFUSE_SECONDS_DEFAULT : Math.min(given, REFUSE_SECONDS_MAX);
  tx.world.dirtyAgents.add(agent.id);
  if (seconds === 0) return;
  const untilMs = tx.now + seconds * 1000;
  framework.filters.set(agent.id, { untilMs, refused });
  tx.world.timers.push(untilMs, { kind: 'filter', framework: framework.id, agent: agent.id });
}

