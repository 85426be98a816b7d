import type { OfferId } from '../../shared/ids.ts';
import { authorize } from '../../shared/mesos/acls.ts';
import { operationDenied } from './authorization.ts';
import { type Bundle, EMPTY, add, contains, subtract } from '../../shared/mesos/bundle.ts';
import { describeBundle } from '../../shared/mesos/bundle-format.ts';
import type { Call } from '../../shared/mesos/scheduler.ts';
import type { Filters, Id, Operation, ResourceOperation, TaskInfo } from '../../shared/mesos/v1.ts';
import { conversionOf, volumeClash } from './convert.ts';
import { refuse } from './filters.ts';
import { launchGroup, launchTask } from './launch.ts';
import { convert, giveBack } from './ledger.ts';
import { masterUpdate } from './master-update.ts';
import { recoverOffer } from './offers.ts';
import { finishOperation, refuseOperation } from './operations.ts';
import { groupProblem, taskProblem } from './task-problem.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent, MasterFramework } from './entities.ts';
import type { MasterOffer } from './offer-book.ts';

type Accept = Extract<Call, { type: 'ACCEPT' }>['accept'];

/** Where the operations of one ACCEPT happen: one after another, on what is left. */
interface Site {
  readonly framework: MasterFramework;
  readonly agent: MasterAgent;
  readonly role: string;
  left: Bundle;
  launched: number;
  /** Made by operations of this call: goes back without a filter. */
  converted: Bundle;
}

/** Carries out operations on offers of one agent; what is left of them is declined with the call's filters. */
export function accept(tx: MasterTx, framework: MasterFramework, call: Accept): void {
  const offers = (call.offer_ids ?? []).map(({ value }) => tx.world.offers.get(value as OfferId));
  const operations = call.operations ?? [];
  const problem = offerProblem(framework, call, offers);
  const valid = offers.filter((offer) => offer !== undefined);
  const [first] = valid;
  const agent = first && tx.world.agents.get(first.agent);
  if (problem !== null || !first || !agent)
    return dropAll(tx, framework, valid, operations, problem ?? 'No offers specified');
  const left = take(tx, agent, framework, valid);
  const site: Site = { framework, agent, role: first.role, left, launched: 0, converted: EMPTY };
  for (const operation of operations) operate(tx, site, operation);
  giveBack(tx.world, agent, { framework: framework.id, role: site.role, resources: site.left });
  const refused = subtract(site.left, site.converted);
  const progress = site.launched > 0 || site.converted.length > 0;
  refuse(tx, framework, agent, { role: site.role, refused, given: call.filters?.refuse_seconds, progress });
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

function operate(tx: MasterTx, site: Site, operation: Operation): void {
  switch (operation.type) {
    case 'LAUNCH':
      for (const task of operation.launch?.task_infos ?? []) launch(tx, site, task);
      return;
    case 'LAUNCH_GROUP':
      return launchAll(tx, site, operation.launch_group);
    case 'RESERVE':
    case 'UNRESERVE':
    case 'CREATE':
    case 'DESTROY':
    case 'GROW_VOLUME':
    case 'SHRINK_VOLUME':
      return change(tx, site, operation);
    default:
      // A type that we do not have (or that Mesos would not know either) is passed over.
      return void (operation satisfies never);
  }
}

function launch(tx: MasterTx, site: Site, task: TaskInfo): void {
  const invalid = taskProblem(site, task);
  const message = invalid ?? userDenied(tx, site.framework, task);
  if (message !== null) {
    const reason = invalid === null ? 'REASON_TASK_UNAUTHORIZED' : 'REASON_TASK_INVALID';
    const told = { state: 'TASK_ERROR', reason, message } as const;
    tx.toFramework(site.framework, masterUpdate(tx, site.framework, named(task), told));
    return;
  }
  site.left = subtract(site.left, launchTask(tx, site, task));
  site.launched += 1;
}

/** Who a task runs as is the rules' (ACL run_tasks) to allow. */
function userDenied(tx: MasterTx, { info }: MasterFramework, task: TaskInfo): string | null {
  const user = task.command?.user ?? task.executor?.command?.user ?? info.user;
  return authorize(tx.env.limits.acls, info.principal, 'run_tasks', user)
    ? null
    : `Not authorized to launch as user '${user}'`;
}

function launchAll(
  tx: MasterTx,
  site: Site,
  group: Extract<Operation, { type: 'LAUNCH_GROUP' }>['launch_group'],
): void {
  const tasks = group.task_group.tasks ?? [];
  const invalid = groupProblem(site, group.executor, tasks);
  const denied = tasks.map((task) => userDenied(tx, site.framework, task)).find((each) => each !== null);
  const message = invalid ?? denied ?? null;
  if (message !== null) {
    const reason = invalid === null ? 'REASON_TASK_GROUP_UNAUTHORIZED' : 'REASON_TASK_GROUP_INVALID';
    const told = { state: 'TASK_ERROR', reason, message } as const;
    for (const task of tasks)
      tx.toFramework(site.framework, masterUpdate(tx, site.framework, named(task), told));
    return;
  }
  site.left = subtract(site.left, launchGroup(tx, site, group.executor, tasks));
  site.launched += tasks.length;
}

/** Reservations and volumes: at once here, and made durable before the framework hears of it. */
function change(tx: MasterTx, site: Site, operation: ResourceOperation & { readonly id?: Id }): void {
  const { framework, agent, role } = site;
  const made = conversionOf(operation, { role, principal: framework.info.principal });
  if (!made.ok) return refuseOperation(tx, framework, operation, made.problem);
  const denied = operationDenied(tx, framework.info.principal, operation);
  if (denied !== null) return refuseOperation(tx, framework, operation, denied);
  const problem = contains(site.left, made.before)
    ? volumeClash(agent.total, made.before, made.after)
    : `${describeBundle(site.left, role)} does not contain ${describeBundle(made.before, role)}`;
  if (problem !== null) return refuseOperation(tx, framework, operation, problem);
  site.left = add(subtract(site.left, made.before), made.after);
  site.converted = add(subtract(site.converted, made.before), made.after);
  convert(tx.world, agent, made.before, made.after);
  finishOperation(tx, framework, agent, operation);
}

/** One bad offer spoils the call: all of the framework's that it names end, without a filter, and nothing is carried out. */
function dropAll(
  tx: MasterTx,
  framework: MasterFramework,
  offers: readonly MasterOffer[],
  operations: readonly Operation[],
  problem: string,
): void {
  for (const offer of new Set(offers)) if (offer.framework === framework.id) recoverOffer(tx.world, offer);
  for (const operation of operations) {
    if (operation.type !== 'LAUNCH' && operation.type !== 'LAUNCH_GROUP') {
      refuseOperation(tx, framework, operation, `Operation attempted with invalid offers: ${problem}`);
      continue;
    }
    const message = `Task launched with invalid offers: ${problem}`;
    const told = { state: 'TASK_DROPPED', reason: 'REASON_INVALID_OFFERS', message } as const;
    const tasks =
      operation.type === 'LAUNCH' ? operation.launch?.task_infos : operation.launch_group.task_group.tasks;
    for (const task of tasks ?? []) tx.toFramework(framework, masterUpdate(tx, framework, named(task), told));
  }
}

/** In Mesos's order: known, the framework's own, all of one role and one agent. */
function offerProblem(
  framework: MasterFramework,
  call: Accept,
  offers: readonly (MasterOffer | undefined)[],
): string | null {
  if (offers.length === 0) return 'No offers specified';
  const ids = (call.offer_ids ?? []).map(({ value }) => value);
  if (new Set(ids).size < offers.length) return 'Duplicate offer in offer list';
  const at = offers.findIndex((offer) => !offer || offer.framework !== framework.id);
  if (at >= 0) return `Offer ${ids[at] ?? ''} is no longer valid`;
  if (new Set(offers.map((offer) => offer?.role)).size > 1)
    return 'Aggregated offers must be allocated to the same role';
  const stray = offers.find((offer) => offer?.agent !== offers[0]?.agent);
  if (!stray) return null;
  const both = `Offer ${stray.id} uses agent ${stray.agent} and agent ${offers[0]?.agent ?? ''}`;
  return `Aggregated offers must belong to one single agent. ${both}`;
}

/** Offers end without their resources going back: they are split into tasks and the rest. */
function take(
  tx: MasterTx,
  agent: MasterAgent,
  framework: MasterFramework,
  offers: readonly MasterOffer[],
): Bundle {
  let sum: Bundle = EMPTY;
  for (const offer of offers) {
    tx.world.offers.remove(offer, framework, agent);
    sum = add(sum, offer.resources);
  }
  return sum;
}

function named(task: TaskInfo): { id: string; agent: string } {
  return { id: task.task_id.value, agent: task.agent_id.value };
}
