import { request } from 'undici';
import type { AgentId } from '../../shared/ids.ts';
import type { Event } from '../../shared/mesos/scheduler.ts';
import type { Attribute, Id, MesosResource } from '../../shared/mesos/v1.ts';
import type { Resources } from '../../shared/resources.ts';
import { NO_RESOURCES, fromMesos } from '../../shared/resources.ts';
import { ANSWER_MS, sentence } from './subscription.ts';

const OPERATOR_PATH = '/api/v1';
/** How often the master is asked which agents it has. */
const ASK_EVERY_MS = 30_000;

/** An agent of a master elsewhere, as that master tells of it. */
export interface RemoteAgent {
  readonly id: AgentId;
  readonly hostname: string;
  /** Where its files are read. */
  readonly ip: string;
  readonly port: number;
  readonly attributes: readonly Attribute[];
  readonly total: Resources;
  /** By all frameworks. */
  readonly used: Resources;
  readonly active: boolean;
  readonly version: string | null;
  readonly sinceMs: number;
}

/** What is read of GET_AGENTS (mesos.v1.master.Response). */
interface AgentMessage {
  readonly agent_info: {
    readonly id?: Id;
    readonly hostname: string;
    readonly port?: number;
    readonly attributes?: readonly Attribute[];
    readonly resources?: readonly MesosResource[];
  };
  readonly active?: boolean;
  readonly version?: string;
  readonly pid?: string;
  readonly registered_time?: { readonly nanoseconds: number };
  readonly total_resources?: readonly MesosResource[];
  readonly allocated_resources?: readonly MesosResource[];
}

export interface RemoteAgentsOptions {
  readonly clock: { now(): number; at(atMs: number, run: () => void): () => void };
  readonly log: (message: string, detail?: Readonly<Record<string, unknown>>) => void;
  readonly authorization: string | undefined;
}

/** The agents of a master elsewhere: asked for when we subscribe and every 30 s; those that only offers told of where the operator API is not open to us. */
export class RemoteAgents {
  private readonly options: RemoteAgentsOptions;
  private agents = new Map<AgentId, RemoteAgent>();
  private master: URL | undefined;
  private cancel: (() => void) | undefined;
  private problem: string | undefined;
  private closed = false;

  constructor(options: RemoteAgentsOptions) {
    this.options = options;
  }

  all(): Iterable<RemoteAgent> {
    return this.agents.values();
  }

  get(id: AgentId): RemoteAgent | undefined {
    return this.agents.get(id);
  }

  /** This master leads now. */
  follow(master: URL): void {
    this.master = master;
    void this.ask();
  }

  /** Offers tell where an agent is, before or without GET_AGENTS. */
  hear(event: Event): void {
    if (event.type !== 'OFFERS') return;
    for (const { agent_id: id, hostname, url, attributes = [], resources } of event.offers.offers) {
      const agent = id.value as AgentId;
      if (this.agents.has(agent) || !url) continue;
      this.agents.set(agent, {
        id: agent,
        hostname,
        ip: url.address.ip ?? url.address.hostname ?? hostname,
        port: url.address.port,
        attributes,
        total: fromMesos(resources),
        used: NO_RESOURCES,
        active: true,
        version: null,
        sinceMs: this.options.clock.now(),
      });
    }
  }

  close(): void {
    this.closed = true;
    this.cancel?.();
  }

  private async ask(): Promise<void> {
    const { clock, log } = this.options;
    const { master } = this;
    if (!master || this.closed) return;
    this.cancel?.();
    this.cancel = clock.at(clock.now() + ASK_EVERY_MS, () => void this.ask());
    const problem = await this.fetch(master).catch(sentence);
    // Said once, not every half minute.
    if (problem !== undefined && problem !== this.problem && !this.closed)
      log('the master does not tell its agents; hosts are those that were offered', {
        master: master.host,
        problem,
      });
    this.problem = problem;
  }

  /** What was wrong, if anything. */
  private async fetch(master: URL): Promise<string | undefined> {
    const { authorization } = this.options;
    const { statusCode, body } = await request(new URL(OPERATOR_PATH, master), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: JSON.stringify({ type: 'GET_AGENTS' }),
      headersTimeout: ANSWER_MS,
      bodyTimeout: ANSWER_MS,
    });
    const text = await body.text();
    if (statusCode !== 200) return `${statusCode} ${text.slice(0, 200)}`.trim();
    const { get_agents: answer } = JSON.parse(text) as { get_agents?: { agents?: readonly AgentMessage[] } };
    if (!answer) return 'it answered something else than agents';
    const found = (answer.agents ?? []).flatMap((agent) => readAgent(agent, this.options.clock.now()));
    this.agents = new Map(found.map((agent) => [agent.id, agent]));
    return undefined;
  }
}

/** Where it listens is in its pid: `slave(1)@10.0.0.1:5051`. */
export function readAgent(message: AgentMessage, nowMs: number): RemoteAgent[] {
  const { agent_info: info, pid = '' } = message;
  if (info?.id?.value === undefined) return [];
  const [, ip = info.hostname, port = ''] = /@\[?([^\]]+)\]?:(\d+)$/.exec(pid) ?? [];
  return [
    {
      id: info.id.value as AgentId,
      hostname: info.hostname,
      ip,
      port: Number(port) || (info.port ?? 5051),
      attributes: info.attributes ?? [],
      total: fromMesos(message.total_resources ?? info.resources ?? []),
      used: fromMesos(message.allocated_resources ?? []),
      active: message.active ?? true,
      version: message.version ?? null,
      sinceMs: message.registered_time ? message.registered_time.nanoseconds / 1e6 : nowMs,
    },
  ];
}
