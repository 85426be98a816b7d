import { never } from '../../shared/errors.ts';
import type { FrameworkId } from '../../shared/ids.ts';
import type { Call } from '../../shared/mesos/scheduler.ts';
import { TERMINAL_TASK_STATES } from '../../shared/mesos/v1.ts';
import { accept, decline } from './accept.ts';
import { updateContender } from './allocator/contenders.ts';
import { completeFramework } from './completed.ts';
import { principalMismatch } from './call-problem.ts';
import type { CallAnswer, Connection, MasterFact } from './facts.ts';
import { clearFilters } from './filters.ts';
import { noteStatus } from './history.ts';
import { messageExecutor, shutDownExecutor, shutDownFramework } from './executors.ts';
import { answerInverseOffers } from './inverse-offers.ts';
import { acknowledgeOperation, reconcileOperations } from './operations.ts';
import { reconcile } from './reconcile.ts';
import { acknowledgeLeft, acknowledge, kill } from './status.ts';
import { awaitReturn, subscribe, takeOffersBack, updateFramework } from './subscribe.ts';
import { forgetTask, killTask } from './tasks.ts';
import type { MasterTx } from './tx.ts';
import type { MasterFramework, MasterTask } from './entities.ts';
import type { MasterWorld } from './world.ts';
import { rolesOf } from './world.ts';

type Said = Extract<MasterFact, { kind: 'framework-call' }>;

const ACCEPTED: CallAnswer = { status: 202 };

/**
 * A scheduler's call. One that names a request is answered: 202 is said of calls without effect too (unknown offers, tasks that are not there), refused are
 * only those that come from nobody. Without a request, calls on a stream that another one has replaced are dropped.
 */
export function frameworkCall(tx: MasterTx, fact: Said): void {
  const { connection, call, request } = fact;
  if (call.type === 'SUBSCRIBE') return subscribe(tx, connection, call.subscribe);
  const sender = request === undefined ? ofConnection(tx.world, connection) : ofCall(tx.world, fact);
  const answer = 'status' in sender ? sender : perform(tx, sender, call);
  if (request !== undefined) tx.effects.push({ kind: 'call-answer', request, answer });
}

function perform(
  tx: MasterTx,
  framework: MasterFramework,
  call: Exclude<Call, { type: 'SUBSCRIBE' }>,
): CallAnswer {
  switch (call.type) {
    case 'TEARDOWN':
      removeFramework(tx, framework);
      break;
    case 'UPDATE_FRAMEWORK':
      return updateFramework(tx, framework, call.update_framework);
    case 'ACCEPT':
      accept(tx, framework, call.accept);
      break;
    case 'DECLINE':
      decline(tx, framework, call.decline.offer_ids ?? [], call.decline.filters);
      break;
    case 'REVIVE':
      revive(tx, framework, namedRoles(framework, call.revive?.roles));
      break;
    case 'SUPPRESS':
      for (const role of namedRoles(framework, call.suppress?.roles)) framework.suppressed.add(role);
      updateContender(tx.world, framework);
      break;
    case 'KILL':
      kill(tx, framework, call.kill);
      break;
    case 'ACKNOWLEDGE':
      acknowledge(tx, framework, call.acknowledge);
      break;
    case 'RECONCILE':
      reconcile(tx, framework, call.reconcile.tasks ?? []);
      break;
    case 'RECONCILE_OPERATIONS':
      reconcileOperations(tx, framework, call.reconcile_operations.operations ?? []);
      break;
    case 'ACKNOWLEDGE_OPERATION_STATUS':
      acknowledgeOperation(framework, call.acknowledge_operation_status);
      break;
    case 'SHUTDOWN':
      shutDownExecutor(tx, framework, call.shutdown);
      break;
    case 'MESSAGE':
      messageExecutor(tx, framework, call.message);
      break;
    case 'ACCEPT_INVERSE_OFFERS':
      answerInverseOffers(tx, framework, call.accept_inverse_offers, 'ACCEPT');
      break;
    case 'DECLINE_INVERSE_OFFERS':
      answerInverseOffers(tx, framework, call.decline_inverse_offers, 'DECLINE');
      break;
    // Mesos's allocator ignores it.
    case 'REQUEST':
      break;
    // Aborts a real master.
    case 'UNKNOWN':
      return { status: 501 };
    default:
      never(call);
  }
  return ACCEPTED;
}

/** Its stream broke: nothing is offered to it; after the failover timeout it is gone, and its tasks with it. */
export function frameworkClosed(tx: MasterTx, connection: Connection): void {
  const id = tx.world.frameworkByConnection.get(connection);
  tx.world.frameworkByConnection.delete(connection);
  const framework = id === undefined ? undefined : tx.world.frameworks.get(id);
  if (!framework || framework.connection !== connection) return;
  framework.connection = null;
  takeOffersBack(tx, framework);
  updateContender(tx.world, framework);
  awaitReturn(tx, framework, (framework.info.failover_timeout ?? 0) * 1000);
}

/** Ends a framework: its tasks are killed, its id is never accepted again. */
export function removeFramework(tx: MasterTx, framework: MasterFramework): void {
  takeOffersBack(tx, framework);
  shutDownFramework(tx, framework);
  const killed: MasterTask[] = [];
  for (const task of framework.tasks.values()) {
    acknowledgeLeft(tx, task);
    if (TERMINAL_TASK_STATES.has(task.status.state)) {
      forgetTask(tx.world, task);
      continue;
    }
    killed.push(endedWith(tx, framework, task));
    killTask(tx, task, { framework_id: { value: framework.id }, task_id: { value: task.id } });
  }
  completeFramework(tx.world, framework, tx.now, killed);
  if (framework.connection !== null) {
    tx.world.frameworkByConnection.delete(framework.connection);
    tx.effects.push({ kind: 'close', connection: framework.connection });
  }
  tx.world.frameworks.delete(framework.id);
  updateContender(tx.world, framework);
  if (framework.tasks.size === 0) tx.world.tasks.delete(framework.id);
  tx.write({ w: 'framework-gone', id: framework.id, atMs: tx.now });
  tx.toOperators({ type: 'FRAMEWORK_REMOVED', framework_info: framework.info });
}

/** To operators a task is over with its framework; that it runs until its agent has ended it shows in what is free there. */
function endedWith(tx: MasterTx, framework: MasterFramework, task: MasterTask): MasterTask {
  const ended = { ...task };
  noteStatus(tx, ended, {
    task_id: { value: task.id },
    state: 'TASK_KILLED',
    source: 'SOURCE_MASTER',
    reason: 'REASON_FRAMEWORK_REMOVED',
    message: `Framework ${framework.id} removed`,
    agent_id: { value: task.agent },
    timestamp: tx.now / 1000,
  });
  return ended;
}

/** A call in process comes from whoever is subscribed on its stream. */
function ofConnection(world: MasterWorld, connection: Connection): MasterFramework | CallAnswer {
  const id = world.frameworkByConnection.get(connection);
  const framework = id === undefined ? undefined : world.frameworks.get(id);
  return framework?.connection === connection ? framework : notSubscribed();
}

/** A call over HTTP names its framework and, apart from it, the stream; an empty one was not given. In Mesos's order. */
function ofCall(
  world: MasterWorld,
  { connection: stream, call, principal }: Said,
): MasterFramework | CallAnswer {
  const id = call.framework_id?.value ?? '';
  const framework = world.frameworks.get(id as FrameworkId);
  if (!framework) return { status: 400, message: 'Framework cannot be found' };
  const { principal: owner } = framework.info;
  if (principal !== undefined && owner !== undefined && principal !== owner)
    return { status: 400, message: principalMismatch(principal, owner) };
  if (framework.connection === null) return notSubscribed();
  if (stream === '') {
    return { status: 400, message: "All non-subscribe calls should include the 'Mesos-Stream-Id' header" };
  }
  if (framework.connection === stream) return framework;
  const other = `didn't match the stream ID currently associated with framework ID ${id}`;
  return { status: 400, message: `The stream ID '${stream}' included in this request ${other}` };
}

function notSubscribed(): CallAnswer {
  return { status: 403, message: 'Framework is not subscribed' };
}

function revive(tx: MasterTx, framework: MasterFramework, roles: ReadonlySet<string>): void {
  for (const role of roles) framework.suppressed.delete(role);
  clearFilters(framework, roles);
  updateContender(tx.world, framework);
  tx.world.allDirty = true;
}

/** None named means all; one that the framework is not subscribed with spoils the whole call, silently. */
function namedRoles(framework: MasterFramework, roles: readonly string[] | undefined): ReadonlySet<string> {
  const own = rolesOf(framework);
  if (roles === undefined || roles.length === 0) return new Set(own);
  return new Set(roles.every((role) => own.includes(role)) ? roles : []);
}
