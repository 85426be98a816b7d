import { never } from '../../shared/errors.ts';
import type { AgentId, FrameworkId } from '../../shared/ids.ts';
import type { AgentCall } from '../../shared/mesos/agent.ts';
import { sameJson } from '../../shared/same-json.ts';
import { bundleOf } from '../../shared/mesos/bundle.ts';
import { admissionProblem } from './admission.ts';
import { withKept } from './convert.ts';
import type { Connection, MasterFact } from './facts.ts';
import { dropExecutors, executorExited, forwardMessage, learnExecutors } from './executors.ts';
import { enterPool, leavePool } from './ledger.ts';
import { endInverseOffers } from './inverse-offers.ts';
import type { Told } from './master-update.ts';
import { rescindAgentOffers } from './offers.ts';
import { sendResources } from './operations.ts';
import { sendDrain } from './operator/send-drain.ts';
import { forwardStatus } from './status.ts';
import { forgetTask, learnTasks, loseTasks, tellReturned } from './tasks.ts';
import type { MasterTx } from './tx.ts';
import type { MasterAgent } from './entities.ts';
import { wakeAgent } from './wake.ts';
import { isUncheckpointed } from './world.ts';

type Fact = Extract<MasterFact, { kind: 'agent-call' }>;
type Subscribe = Extract<AgentCall, { type: 'SUBSCRIBE' }>['subscribe'];

/** What an agent says. Calls on a connection that another one has replaced are ignored. */
export function agentCall(tx: MasterTx, { connection, call, principal }: Fact): void {
  if (call.type === 'SUBSCRIBE') return subscribe(tx, connection, call.subscribe, principal);
  const agent = tx.world.agents.get(call.agent_id.value as AgentId);
  if (!agent || agent.connection !== connection) return;
  switch (call.type) {
    case 'PONG':
      agent.missedPings = 0;
      return;
    case 'UPDATE':
      return forwardStatus(tx, agent, call.update);
    case 'FRAMEWORK_MESSAGE':
      return forwardMessage(tx, agent, call.framework_message);
    case 'EXITED_EXECUTOR':
      return executorExited(tx, agent, call.exited_executor);
    case 'UNREGISTER':
      return unregister(tx, agent);
    default:
      never(call);
  }
}

/** The stream broke: nothing is offered of it. Its tasks are waited for, but those of frameworks that do not checkpoint, which Mesos gives up at once. */
export function agentClosed(tx: MasterTx, connection: Connection): void {
  const id = tx.world.agentByConnection.get(connection);
  tx.world.agentByConnection.delete(connection);
  const agent = id === undefined ? undefined : tx.world.agents.get(id);
  if (!agent || agent.connection !== connection) return;
  agent.connection = null;
  rescindAgentOffers(tx, agent);
  loseUncheckpointed(tx, agent);
  const { pingTimeoutMs, pingMissesMax } = tx.env.limits;
  wakeAgent(tx.world, agent, tx.now + pingTimeoutMs * Math.max(1, pingMissesMax - agent.missedPings));
}

function loseUncheckpointed(tx: MasterTx, agent: MasterAgent): void {
  const gone = ({ framework }: { readonly framework: FrameworkId }): boolean =>
    isUncheckpointed(tx.world, framework);
  const lost = [...agent.tasks].filter(gone);
  loseTasks(tx, lost, {
    state: 'TASK_LOST',
    reason: 'REASON_AGENT_DISCONNECTED',
    message: `Agent ${agent.info.hostname} disconnected`,
  });
  for (const task of lost) forgetTask(tx.world, task);
  dropExecutors(tx, agent, gone);
}

/** A ping is due, or the wait for its return is over. */
export function wakeUp(tx: MasterTx, agent: MasterAgent): void {
  const { pingTimeoutMs, pingMissesMax } = tx.env.limits;
  if (agent.connection !== null && agent.missedPings < pingMissesMax) {
    agent.missedPings += 1;
    tx.toAgent(agent, { type: 'PING' });
    return wakeAgent(tx.world, agent, tx.now + pingTimeoutMs);
  }
  unreachable(tx, agent);
}

/** After a restart: agents of the registry have a while to come back before their tasks count as unreachable. */
export function awaitAgents(tx: MasterTx): void {
  for (const agent of tx.world.agents.values()) {
    if (agent.connection === null && agent.state === 'reachable')
      wakeAgent(tx.world, agent, tx.now + tx.env.limits.reregisterTimeoutMs);
  }
}

function subscribe(
  tx: MasterTx,
  connection: Connection,
  call: Subscribe,
  principal: string | undefined,
): void {
  const { world } = tx;
  const info = call.agent_info;
  const id = (info.id?.value ?? '') as AgentId;
  const known = world.agents.get(id);
  const problem = admissionProblem(tx, known, call, principal);
  if (problem !== null) {
    tx.effects.push(
      { kind: 'agent-event', connection, event: { type: 'ERROR', error: { message: problem } } },
      { kind: 'close', connection },
    );
    return;
  }
  const agent = known ?? admit(tx, call);
  const returned = agent.state === 'unreachable';
  const isNew = agent.bootId === '';
  if (agent.connection !== null && agent.connection !== connection) replaceConnection(tx, agent.connection);
  // Before what it has is written down anew: what leaves the pool is what entered it.
  rescindAgentOffers(tx, agent);
  leavePool(world, agent);
  const withId = { ...info, id: { value: agent.id } };
  if (known && !sameJson(known.info, withId))
    tx.write({ w: 'agent', id: agent.id, info: withId, atMs: tx.now });
  if (returned) tx.write({ w: 'agent-state', id: agent.id, state: 'reachable', atMs: tx.now });
  world.agentByConnection.set(connection, agent.id);
  agent.connection = connection;
  agent.bootId = call.boot_id;
  if (isNew || returned) agent.registeredAtMs = tx.now;
  if (known) agent.reregisteredAtMs = tx.now;
  agent.total = world.alike.of(withKept(bundleOf(info.resources), agent.kept) ?? bundleOf(info.resources));
  agent.missedPings = 0;
  agent.sinceMs = tx.now;
  tx.toAgent(agent, {
    type: 'SUBSCRIBED',
    subscribed: {
      agent_id: { value: agent.id },
      cluster_id: world.id,
      ping_timeout_seconds: tx.env.limits.pingTimeoutMs / 1000,
    },
  });
  learnTasks(tx, agent, call.tasks, { returned, isNew });
  learnExecutors(agent, call.executors ?? []);
  enterPool(world, agent);
  sendDrain(tx, agent);
  // What was destroyed while it was away.
  if (known) sendResources(tx, agent);
  if (isNew || returned) tx.toOperators({ type: 'AGENT_ADDED', agent });
  // A kill or an update may have been lost while it was away: whoever holds a task dead hears that it lives, and kills it again.
  if (known) tellReturned(tx, agent, returned ? 'Unreachable agent re-reregistered' : 'Agent re-registered');
  wakeAgent(world, agent, tx.now + tx.env.limits.pingTimeoutMs);
}

/** A new agent gets an id of ours; one that brings an id we never gave (another cluster's, or a lost registry's) gets a new one too. */
function admit(tx: MasterTx, { agent_info: info }: Subscribe): MasterAgent {
  const id = `${tx.world.id}-S${tx.world.nextAgent}` as AgentId;
  tx.write({ w: 'agent', id, info: { ...info, id: { value: id } }, atMs: tx.now });
  const agent = tx.world.agents.get(id);
  if (!agent) throw new Error(`agent ${id} was not admitted`);
  return agent;
}

function replaceConnection(tx: MasterTx, old: Connection): void {
  tx.world.agentByConnection.delete(old);
  tx.effects.push({ kind: 'close', connection: old });
}

/** Missed its pings: its tasks may or may not run. It is not told; when it comes back it learns that it was away. */
function unreachable(tx: MasterTx, agent: MasterAgent): void {
  if (agent.connection !== null) {
    replaceConnection(tx, agent.connection);
    agent.connection = null;
  }
  wakeAgent(tx.world, agent, null);
  if (agent.state === 'unreachable') return;
  tx.write({ w: 'agent-state', id: agent.id, state: 'unreachable', atMs: tx.now });
  loseTasks(tx, agent.tasks, {
    state: 'TASK_UNREACHABLE',
    reason: 'REASON_AGENT_REMOVED',
    message: 'health check timed out',
    sinceMs: agent.sinceMs,
  });
  rescindAgentOffers(tx, agent);
  leavePool(tx.world, agent);
  tellFailure(tx, agent);
}

/** It ended its tasks and goes for good; to everybody what it still had is TASK_LOST, as Mesos has it. */
function unregister(tx: MasterTx, agent: MasterAgent): void {
  removeAgent(tx, agent, {
    state: 'TASK_LOST',
    reason: 'REASON_AGENT_REMOVED',
    message: `Agent ${agent.info.hostname} removed: the agent unregistered`,
  });
}

/** Forgets an agent for good, and tells frameworks what became of their tasks there. */
export function removeAgent(tx: MasterTx, agent: MasterAgent, told: Told): void {
  loseTasks(tx, agent.tasks, told);
  rescindAgentOffers(tx, agent);
  endInverseOffers(tx, agent);
  tellFailure(tx, agent);
  for (const framework of tx.world.frameworks.values()) framework.filters.delete(agent.id);
  leavePool(tx.world, agent);
  for (const task of agent.tasks) forgetTask(tx.world, task);
  if (agent.connection !== null) replaceConnection(tx, agent.connection);
  tx.write({ w: 'agent-gone', id: agent.id, atMs: tx.now });
  tx.toOperators({ type: 'AGENT_REMOVED', agent_id: { value: agent.id } });
}

/** FAILURE goes to every framework, also to those that had nothing there. */
function tellFailure(tx: MasterTx, agent: MasterAgent): void {
  const failure = { agent_id: { value: agent.id } };
  for (const framework of tx.world.frameworks.values())
    tx.toFramework(framework, { type: 'FAILURE', failure });
}
