import { never } from '../../shared/errors.ts';
import type { FrameworkId } from '../../shared/ids.ts';
import type { Call, FrameworkInfo } from '../../shared/mesos/v1.ts';
import { TERMINAL_TASK_STATES } from '../../shared/mesos/v1.ts';
import { accept, decline } from './accept.ts';
import type { Connection } from './facts.ts';
import { clearFilters } from './filters.ts';
import { recoverOffer } from './offers.ts';
import { reconcile } from './reconcile.ts';
import { acknowledge, kill, resendStatuses } from './status.ts';
import { forgetTask, killTask } from './tasks.ts';
import type { MasterTx } from './tx.ts';
import type { MasterFramework } from './world.ts';
import { rolesOf, tasksOf } from './world.ts';

/** Mesos's heartbeat of a scheduler's stream. */
const HEARTBEAT_SECONDS = 15;

/** A scheduler's call. Calls on a stream that another one has replaced are dropped, as are those of unknown frameworks. */
export function frameworkCall(tx: MasterTx, connection: Connection, call: Call): void {
  if (call.type === 'SUBSCRIBE') return subscribe(tx, connection, call);
  const id = tx.world.frameworkByConnection.get(connection);
  const framework = id === undefined ? undefined : tx.world.frameworks.get(id);
  if (!framework || framework.connection !== connection) return;
  switch (call.type) {
    case 'TEARDOWN':
      return removeFramework(tx, framework);
    case 'ACCEPT':
      return accept(tx, framework, call.accept);
    case 'DECLINE':
      return decline(tx, framework, call.decline.offer_ids, call.decline.filters);
    case 'REVIVE':
      return revive(tx, framework, namedRoles(framework, call.revive?.roles));
    case 'SUPPRESS':
      for (const role of namedRoles(framework, call.suppress?.roles)) framework.suppressed.add(role);
      return;
    case 'KILL':
      return kill(tx, framework, call.kill);
    case 'ACKNOWLEDGE':
      return acknowledge(tx, framework, call.acknowledge);
    case 'RECONCILE':
      return reconcile(tx, framework, call.reconcile.tasks);
    default:
      never(call);
  }
}

/** Its stream broke: nothing is offered to it; after the failover timeout it is gone, and its tasks with it. */
export function frameworkClosed(tx: MasterTx, connection: Connection): void {
  const id = tx.world.frameworkByConnection.get(connection);
  tx.world.frameworkByConnection.delete(connection);
  const framework = id === undefined ? undefined : tx.world.frameworks.get(id);
  if (!framework || framework.connection !== connection) return;
  framework.connection = null;
  takeOffersBack(tx, framework);
  framework.wakeAtMs = tx.now + (framework.info.failover_timeout ?? 0) * 1000;
  tx.world.timers.push(framework.wakeAtMs, { kind: 'framework', id: framework.id });
}

/** Ends a framework: its tasks are killed, its id is never accepted again. */
export function removeFramework(tx: MasterTx, framework: MasterFramework): void {
  takeOffersBack(tx, framework);
  for (const task of framework.tasks.values()) {
    if (TERMINAL_TASK_STATES.has(task.status.state)) forgetTask(tx.world, task);
    else killTask(tx, task, { framework_id: { value: framework.id }, task_id: { value: task.id } });
  }
  if (framework.connection !== null) {
    tx.world.frameworkByConnection.delete(framework.connection);
    tx.effects.push({ kind: 'close', connection: framework.connection });
  }
  tx.world.frameworks.delete(framework.id);
  if (framework.tasks.size === 0) tx.world.tasks.delete(framework.id);
  tx.write({ w: 'framework-gone', id: framework.id, atMs: tx.now });
}

function subscribe(tx: MasterTx, connection: Connection, call: Extract<Call, { type: 'SUBSCRIBE' }>): void {
  const { world } = tx;
  const info = call.subscribe.framework_info;
  const given = (info.id?.value ?? '') as FrameworkId;
  if (world.goneFrameworks.has(given)) return refuseStream(tx, connection, 'Framework has been removed');
  const before = world.frameworks.get(given)?.info;
  if (before && before.principal !== info.principal) {
    return refuseStream(tx, connection, "Changing framework's principal is not allowed");
  }
  // An id that the master never saw is accepted as it is: schedulers survive a master that lost its registry.
  const id =
    given === '' ? (`${world.id}-${String(world.nextFramework).padStart(4, '0')}` as FrameworkId) : given;
  const framework = world.frameworks.get(id) ?? newFramework(tx, id, info);
  if (framework.connection !== null && framework.connection !== connection)
    failOver(tx, framework, framework.connection);
  takeOffersBack(tx, framework);
  framework.filters.clear();
  framework.info = before ? keepFixed(info, before) : info;
  framework.connection = connection;
  framework.wakeAtMs = null;
  framework.suppressed.clear();
  for (const role of call.subscribe.suppressed_roles ?? []) framework.suppressed.add(role);
  world.frameworkByConnection.set(connection, id);
  if (!world.knownFrameworks.has(id)) tx.write({ w: 'framework', id, name: info.name, atMs: tx.now });
  tx.toFramework(framework, {
    type: 'SUBSCRIBED',
    subscribed: { framework_id: { value: id }, heartbeat_interval_seconds: HEARTBEAT_SECONDS },
  });
  tx.toFramework(framework, { type: 'HEARTBEAT' });
  resendStatuses(tx, framework);
  world.allDirty = true;
}

/** Mesos ignores a change of user or of checkpointing at re-subscription. */
function keepFixed(info: FrameworkInfo, before: FrameworkInfo): FrameworkInfo {
  const { checkpoint: _checkpoint, ...changed } = info;
  const fixed = before.checkpoint === undefined ? {} : { checkpoint: before.checkpoint };
  return { ...changed, ...fixed, user: before.user };
}

function refuseStream(tx: MasterTx, connection: Connection, message: string): void {
  tx.effects.push({ kind: 'framework-event', connection, event: { type: 'ERROR', error: { message } } });
  tx.effects.push({ kind: 'close', connection });
}

function newFramework(tx: MasterTx, id: FrameworkId, info: FrameworkInfo): MasterFramework {
  const framework: MasterFramework = {
    id,
    info,
    connection: null,
    offers: new Set(),
    tasks: tasksOf(tx.world, id),
    suppressed: new Set(),
    filters: new Map(),
    wakeAtMs: null,
  };
  tx.world.frameworks.set(id, framework);
  return framework;
}

function failOver(tx: MasterTx, framework: MasterFramework, old: Connection): void {
  tx.world.frameworkByConnection.delete(old);
  tx.toFramework(framework, { type: 'ERROR', error: { message: 'Framework failed over' } });
  tx.effects.push({ kind: 'close', connection: old });
}

/** Silently: a subscriber that comes or goes knows that its offers are void. */
function takeOffersBack(tx: MasterTx, framework: MasterFramework): void {
  for (const id of framework.offers) {
    const offer = tx.world.offers.get(id);
    if (offer) recoverOffer(tx.world, offer);
  }
}

function revive(tx: MasterTx, framework: MasterFramework, roles: ReadonlySet<string>): void {
  for (const role of roles) framework.suppressed.delete(role);
  clearFilters(framework, roles);
  tx.world.allDirty = true;
}

/** None named means all; one that the framework is not subscribed with spoils the whole call, silently. */
function namedRoles(framework: MasterFramework, roles: readonly string[] | undefined): ReadonlySet<string> {
  const own = rolesOf(framework);
  if (roles === undefined || roles.length === 0) return new Set(own);
  return new Set(roles.every((role) => own.includes(role)) ? roles : []);
}
