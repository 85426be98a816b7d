import type { AgentId, FrameworkId } from '../../../shared/ids.ts';
import type { AgentCall, AgentEvent, AgentInfo, AgentTask } from '../../../shared/mesos/agent.ts';
import type { Call, Event } from '../../../shared/mesos/scheduler.ts';
import type { FrameworkInfo, Offer, TaskInfo, TaskState, TaskStatus } from '../../../shared/mesos/v1.ts';
import type { Resources } from '../../../shared/resources.ts';
import { toMesos } from '../../../shared/resources.ts';
import type { OperatorCall } from '../../../shared/mesos/operator.ts';
import { decide } from '../../../server/master/decide.ts';
import type {
  CallAnswer,
  Connection,
  MasterFact,
  MasterLimits,
  MasterWrite,
  OperatorNews,
} from '../../../server/master/facts.ts';
import { MASTER_LIMITS } from '../../../server/master/facts.ts';
import { offerMessages } from '../../../server/master/offer-message.ts';
import { checkMaster } from '../../../server/master/invariants.ts';
import type { MasterWorld } from '../../../server/master/world.ts';
import { nextWake } from '../../../server/master/wake.ts';
import { emptyMaster } from '../../../server/master/world.ts';
import { seededRandom } from '../../../server/random.ts';

export const SMALL: Resources = {
  cpusMilli: 4000,
  memMb: 8192,
  diskMb: 10_000,
  gpus: 0,
  ports: [[31000, 31009]],
};

/** A master with its streams, driven by hand; every decision is followed by an allocation and a check of the invariants. */
export class TestMaster {
  now = 1_000_000;
  readonly world: MasterWorld;
  private readonly limits: MasterLimits;
  readonly writes: MasterWrite[] = [];
  private readonly random = seededRandom(1);
  private readonly toAgents = new Map<string, AgentEvent[]>();
  private readonly toFrameworks = new Map<string, Event[]>();
  readonly closed: string[] = [];
  /** Of calls made by `request`, in order. */
  readonly answers: CallAnswer[] = [];
  /** What operators were told. */
  readonly news: OperatorNews[] = [];

  constructor(world: MasterWorld = emptyMaster('m'), limits: Partial<MasterLimits> = {}) {
    this.world = world;
    this.limits = { ...MASTER_LIMITS, ...limits };
  }

  fact(fact: MasterFact): void {
    this.decide(fact);
    this.decide({ kind: 'settle' });
  }

  /** Facts of one turn: allocation comes after the last. */
  together(facts: readonly MasterFact[]): void {
    for (const fact of facts) this.decide(fact);
    this.decide({ kind: 'settle' });
  }

  agent(connection: string, call: AgentCall): void {
    this.fact({ kind: 'agent-call', connection: connection as Connection, call });
  }

  framework(connection: string, call: Call): void {
    this.fact({ kind: 'framework-call', connection: connection as Connection, call });
  }

  /** A call as over HTTP, on the stream of that name; what it is answered. */
  request(stream: string, call: Call): CallAnswer | undefined {
    this.fact({ kind: 'framework-call', connection: stream as Connection, call, request: 'r' });
    return this.answers.at(-1);
  }

  /** An operator's call, and its answer. */
  operator(call: OperatorCall, principal?: string): CallAnswer {
    this.fact({ kind: 'operator-call', call, request: 'operator', principal });
    const answer = this.answers.pop();
    if (!answer) throw new Error(`${call.type} was not answered`);
    return answer;
  }

  closeAgent(connection: string): void {
    this.fact({ kind: 'agent-closed', connection: connection as Connection });
  }

  closeFramework(connection: string): void {
    this.fact({ kind: 'framework-closed', connection: connection as Connection });
  }

  /** Lets time pass, waking the master whenever it asks to be. */
  pass(seconds: number): void {
    const end = this.now + seconds * 1000;
    for (let at = nextWake(this.world); at !== undefined && at <= end; at = nextWake(this.world)) {
      this.now = Math.max(this.now, at);
      this.fact({ kind: 'time' });
    }
    this.now = end;
  }

  /** What has gone out on a framework's stream since the last look. */
  heard(connection: string): Event[] {
    return take(this.toFrameworks, connection);
  }

  agentHeard(connection: string): AgentEvent[] {
    return take(this.toAgents, connection);
  }

  /** Registers an agent on the stream of the same name and tells its id. */
  addAgent(
    connection: string,
    options: { info?: Partial<AgentInfo>; tasks?: AgentTask[]; boot?: string; total?: Resources } = {},
  ): AgentId {
    const info = agentInfo(connection, options.info, options.total);
    this.agent(connection, {
      type: 'SUBSCRIBE',
      subscribe: {
        agent_info: info,
        tasks: options.tasks ?? [],
        boot_id: options.boot ?? `boot-${connection}`,
      },
    });
    return this.world.agentByConnection.get(connection as Connection) ?? ('' as AgentId);
  }

  subscribe(connection: string, info: Partial<FrameworkInfo> = {}, suppressed: string[] = []): FrameworkId {
    this.framework(connection, {
      type: 'SUBSCRIBE',
      ...(info.id ? { framework_id: info.id } : {}),
      subscribe: {
        framework_info: {
          user: 'u',
          name: connection,
          roles: ['dawn'],
          failover_timeout: 60,
          checkpoint: true,
          ...info,
          capabilities: [...(info.capabilities ?? [{ type: 'PARTITION_AWARE' }]), { type: 'MULTI_ROLE' }],
        },
        suppressed_roles: suppressed,
      },
    });
    return this.world.frameworkByConnection.get(connection as Connection) ?? ('' as FrameworkId);
  }

  /** Accepts every outstanding offer of the agent and launches these on it; leftovers come back at once. */
  launch(connection: string, agent: AgentId, tasks: TaskInfo[], refuseSeconds = 0): void {
    const framework = this.world.frameworkByConnection.get(connection as Connection);
    const own = this.world.agents.get(agent)?.offers.filter((offer) => offer.framework === framework) ?? [];
    this.framework(connection, {
      type: 'ACCEPT',
      accept: {
        offer_ids: own.map(({ id }) => ({ value: id })),
        operations: [{ type: 'LAUNCH', launch: { task_infos: tasks } }],
        filters: { refuse_seconds: refuseSeconds },
      },
    });
  }

  update(connection: string, framework: FrameworkId, status: TaskStatus, latest?: TaskState): void {
    const agent = this.world.agentByConnection.get(connection as Connection) ?? '';
    const update = {
      framework_id: { value: framework },
      status,
      ...(latest ? { latest_state: latest } : {}),
    };
    this.agent(connection, { type: 'UPDATE', agent_id: { value: agent }, update });
  }

  private decide(fact: MasterFact): void {
    const outcome = decide(this.world, fact, { now: this.now, random: this.random, limits: this.limits });
    this.writes.push(...outcome.writes);
    for (const effect of outcome.effects) {
      if (effect.kind === 'close') this.closed.push(effect.connection);
      else if (effect.kind === 'agent-event') put(this.toAgents, effect.connection, effect.event);
      else if (effect.kind === 'operator-event') this.news.push(effect.news);
      else if (effect.kind === 'call-answer') this.answers.push(effect.answer);
      else if (effect.kind === 'offers')
        put(this.toFrameworks, effect.connection, {
          type: 'OFFERS',
          offers: { offers: offerMessages(effect.offers, effect.framework) },
        });
      else put(this.toFrameworks, effect.connection, effect.event);
    }
    const wrong = checkMaster(this.world);
    if (wrong.length > 0) throw new Error(`after ${JSON.stringify(fact)}: ${wrong.join('; ')}`);
  }
}

export function agentInfo(hostname: string, more: Partial<AgentInfo> = {}, total = SMALL): AgentInfo {
  return {
    hostname,
    port: 5051,
    ip: '127.0.0.1',
    resources: toMesos(total),
    attributes: [],
    containerizer: 'simulated',
    version: '0',
    ...more,
  };
}

export function taskInfo(
  id: string,
  agent: string,
  resources: Partial<Resources> = { cpusMilli: 1000, memMb: 100 },
): TaskInfo {
  const all: Resources = { cpusMilli: 0, memMb: 0, diskMb: 0, gpus: 0, ports: [], ...resources };
  return {
    name: id,
    task_id: { value: id },
    agent_id: { value: agent },
    resources: toMesos(all),
    command: { value: 'true' },
  };
}

export function status(id: string, state: TaskState, uuid?: string): TaskStatus {
  return { task_id: { value: id }, state, ...(uuid === undefined ? {} : { uuid }) };
}

export function offersIn(events: readonly Event[]): Offer[] {
  return events.flatMap((event) => (event.type === 'OFFERS' ? event.offers.offers : []));
}

export function updatesIn(events: readonly Event[]): TaskStatus[] {
  return events.flatMap((event) => (event.type === 'UPDATE' ? [event.update.status] : []));
}

export const kinds = (events: readonly { readonly type: string }[]): string[] =>
  events.map(({ type }) => type);

function put<Item>(map: Map<string, Item[]>, key: string, item: Item): void {
  const list = map.get(key);
  if (list) list.push(item);
  else map.set(key, [item]);
}

function take<Item>(map: Map<string, Item[]>, key: string): Item[] {
  const list = map.get(key) ?? [];
  map.delete(key);
  return list;
}
