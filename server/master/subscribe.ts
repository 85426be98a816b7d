import { sameJson } from '../../shared/same-json.ts';
import type { FrameworkId } from '../../shared/ids.ts';
import { authorize } from '../../shared/mesos/acls.ts';
import type { Call } from '../../shared/mesos/scheduler.ts';
import type { FrameworkInfo } from '../../shared/mesos/v1.ts';
import { updateContender } from './allocator/contenders.ts';
import type { CallAnswer, Connection } from './facts.ts';
import { clearFilters } from './filters.ts';
import {
  frameworkOptions,
  frameworkProblem,
  keepFixed,
  rolesOfInfo,
  updateProblem,
} from './framework-problem.ts';
import type { ConstraintsFilter } from './offer-constraints.ts';
import { dropInverseOffers } from './inverse-offers.ts';
import { recoverOffer, rescindOffer } from './offers.ts';
import { resendOperations } from './operations.ts';
import { resendStatuses } from './status.ts';
import type { MasterTx } from './tx.ts';
import type { MasterFramework } from './entities.ts';
import { rolesOf, tasksOf } from './world.ts';

/** Mesos's heartbeat of a scheduler's stream. */
const HEARTBEAT_SECONDS = 15;

type Subscribe = Extract<Call, { type: 'SUBSCRIBE' }>['subscribe'];
type Update = Extract<Call, { type: 'UPDATE_FRAMEWORK' }>['update_framework'];

/**
 * A framework comes, or comes back. Whatever is wrong with it is an ERROR event, after which its stream ends. An id that the master never saw is accepted as it is:
 * schedulers survive a master that lost its registry. A second subscription always wins over the first.
 */
export function subscribe(tx: MasterTx, connection: Connection, call: Subscribe): void {
  const { world } = tx;
  const given = (call.framework_info.id?.value ?? '') as FrameworkId;
  const problem =
    frameworkProblem(call.framework_info) ??
    (world.goneFrameworks.has(given) ? 'Framework has been removed' : null);
  if (problem !== null) return refuseStream(tx, connection, problem);
  const { suppressed_roles: suppressed = [] } = call;
  const denied = rolesDenied(tx, call.framework_info);
  if (denied !== null) return refuseStream(tx, connection, denied);
  const options = frameworkOptions(call.framework_info, suppressed, call.offer_constraints);
  if (!options.ok) return refuseStream(tx, connection, options.problem);
  const before = world.frameworks.get(given)?.info;
  const info = before ? keepFixed(call.framework_info, before) : call.framework_info;
  const change = before ? updateProblem(before, info) : null;
  if (change !== null) return refuseStream(tx, connection, change);
  const id =
    given === '' ? (`${world.id}-${String(world.nextFramework).padStart(4, '0')}` as FrameworkId) : given;
  const framework = world.frameworks.get(id) ?? newFramework(tx, id, info);
  const isNew = framework.registeredAtMs === null;
  // The old stream still hears which of its offers end with a role, then that it is over.
  replaceInfo(tx, framework, info, suppressed, options.constraints);
  if (framework.connection !== null && framework.connection !== connection)
    failOver(tx, framework, framework.connection);
  takeOffersBack(tx, framework);
  framework.filters.clear();
  framework.connection = connection;
  framework.wakeAtMs = null;
  framework.registeredAtMs ??= tx.now;
  // One that brings an id was registered before, be it with another master.
  if (given !== '') framework.reregisteredAtMs = tx.now;
  world.frameworkByConnection.set(connection, id);
  tx.toFramework(framework, {
    type: 'SUBSCRIBED',
    subscribed: { framework_id: { value: id }, heartbeat_interval_seconds: HEARTBEAT_SECONDS },
  });
  tx.toFramework(framework, { type: 'HEARTBEAT' });
  tx.toOperators({ type: isNew ? 'FRAMEWORK_ADDED' : 'FRAMEWORK_UPDATED', framework });
  resendStatuses(tx, framework);
  resendOperations(tx, framework);
  updateContender(world, framework);
}

/** UPDATE_FRAMEWORK: the new FrameworkInfo, suppressed roles and constraints replace the old at once, or nothing changes and the answer says why. */
export function updateFramework(tx: MasterTx, framework: MasterFramework, update: Update): CallAnswer {
  const { framework_info: info, suppressed_roles: suppressed = [] } = update;
  const invalid = frameworkProblem(info);
  if (invalid !== null) return refuse(`Supplied FrameworkInfo is not valid: ${invalid}`);
  const change = updateProblem(framework.info, info);
  if (change !== null) return refuse(`FrameworkInfo update is not valid: ${change}`);
  const denied = rolesDenied(tx, info);
  if (denied !== null) return refuse(denied);
  const options = frameworkOptions(info, suppressed, update.offer_constraints);
  if (!options.ok) return refuse(`'UpdateFramework' call is not valid: ${options.problem}`);
  replaceInfo(tx, framework, info, suppressed, options.constraints);
  updateContender(tx.world, framework);
  tx.toOperators({ type: 'FRAMEWORK_UPDATED', framework });
  return { status: 200 };
}

/**
 * After a restart: frameworks of the registry are known, and have their failover timeout to come back, at least as long as agents have. (It was the master that
 * went away, so one without a failover timeout is not over because of it.)
 */
export function awaitFrameworks(tx: MasterTx): void {
  for (const [id, info] of tx.world.knownFrameworks) {
    if (!info) continue;
    const framework = newFramework(tx, id, info);
    const failoverMs = (info.failover_timeout ?? 0) * 1000;
    awaitReturn(tx, framework, Math.max(failoverMs, tx.env.limits.reregisterTimeoutMs));
  }
}

/** It is away: after this while it is gone for good. */
export function awaitReturn(tx: MasterTx, framework: MasterFramework, ms: number): void {
  framework.wakeAtMs = tx.now + Math.max(0, ms);
  tx.world.timers.push(framework.wakeAtMs, { kind: 'framework', id: framework.id });
}

/** Silently: a subscriber that comes or goes knows that its offers are void. */
export function takeOffersBack(tx: MasterTx, framework: MasterFramework): void {
  dropInverseOffers(tx.world, framework);
  for (const offer of framework.offers.slice()) recoverOffer(tx.world, offer);
}

/** By the operator's list of roles, or by the rules of who may have which. */
function rolesDenied(tx: MasterTx, info: FrameworkInfo): string | null {
  const { roles: allowed = [], acls } = tx.env.limits;
  const roles = rolesOfInfo(info);
  const unknown = allowed.length === 0 ? [] : roles.filter((role) => role !== '*' && !allowed.includes(role));
  if (unknown.length > 0) return `Roles { ${unknown.join(', ')} } are not present in the master's --roles`;
  const denied = roles.some((role) => !authorize(acls, info.principal, 'register_frameworks', role));
  const id = info.id?.value ?? '';
  return denied ? `Not authorized to register framework ${id} with roles { ${roles.join(', ')} }` : null;
}

function refuse(message: string): CallAnswer {
  return { status: 400, message };
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
    offers: [],
    tasks: tasksOf(tx.world, id),
    suppressed: new Set(),
    contends: new Set(),
    operations: new Map(),
    filters: new Map(),
    offerConstraints: null,
    registeredAtMs: null,
    reregisteredAtMs: null,
    wakeAtMs: null,
  };
  tx.world.frameworks.set(id, framework);
  return framework;
}

/** What a framework says about itself, as a whole. Offers of roles that it left are rescinded, and their filters end. */
function replaceInfo(
  tx: MasterTx,
  framework: MasterFramework,
  given: FrameworkInfo,
  suppressed: readonly string[],
  constraints: ConstraintsFilter | null,
): void {
  const { world } = tx;
  const info = { ...given, id: { value: framework.id } };
  const kept = new Set(rolesOfInfo(info));
  const left = new Set(rolesOf(framework).filter((role) => !kept.has(role)));
  for (const offer of framework.offers.filter(({ role }) => left.has(role))) rescindOffer(tx, offer);
  clearFilters(framework, left);
  framework.info = info;
  framework.suppressed.clear();
  for (const role of suppressed) framework.suppressed.add(role);
  framework.offerConstraints = constraints;
  const known = world.knownFrameworks.get(framework.id);
  if (!known || !sameJson(known, info)) tx.write({ w: 'framework', id: framework.id, info, atMs: tx.now });
  world.allDirty = true;
}

function failOver(tx: MasterTx, framework: MasterFramework, old: Connection): void {
  tx.world.frameworkByConnection.delete(old);
  tx.toFramework(framework, { type: 'ERROR', error: { message: 'Framework failed over' } });
  tx.effects.push({ kind: 'close', connection: old });
}
