import { request } from 'undici';
import type { AgentId } from '../../shared/ids.ts';
import type { Bundle } from '../../shared/mesos/bundle.ts';
import { EMPTY, bundleOf, subtract } from '../../shared/mesos/bundle.ts';
import type { Event } from '../../shared/mesos/scheduler.ts';
import type { Attribute, Id, MesosResource } from '../../shared/mesos/v1.ts';
import { ANSWER_MS, sentence } from './subscription.ts';

const OPERATOR_PATH = '/api/v1';
/** How often the master is asked which agents it has while nothing happens … */
const ASK_EVERY_MS = 30_000;
/** … and how soon after something did. */
const ASK_SOON_MS = 1_000;
/** No more than a tenth of the time is spent on asking: an answer about ten thousand agents takes its time. */
const PAUSE_BY_DURATION = 9;
/** An answer as old as this is as good as a new one. */
const FRESH_MS = 250;
/** So long somebody waits for a new one. */
const REFRESH_MS_MAX = 1_000;

/** An agent of a master elsewhere, as that master tells of it. */
export interface RemoteAgent {
  readonly id: AgentId;
  readonly hostname: string;
  /** Where its files are read. */
  readonly ip: string;
  readonly port: number;
  readonly attributes: readonly Attribute[];
  readonly total: Bundle;
  /** By all frameworks. */
  readonly used: Bundle;
  /** Neither used nor offered to anybody. */
  readonly free: Bundle;
  /** Start of a maintenance window as offers told it, ms; 0 while an operator has it drained or deactivated; Infinity: none known. */
  readonly unavailableAtMs: number;
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
  readonly deactivated?: boolean;
  readonly version?: string;
  readonly pid?: string;
  readonly registered_time?: { readonly nanoseconds: number };
  readonly total_resources?: readonly MesosResource[];
  readonly allocated_resources?: readonly MesosResource[];
  readonly offered_resources?: readonly MesosResource[];
}

export interface RemoteAgentsOptions {
  readonly clock: { now(): number; at(atMs: number, run: () => void): () => void };
  readonly log: (message: string, detail?: Readonly<Record<string, unknown>>) => void;
  readonly authorization: string | undefined;
}

/**
 * The agents of a master elsewhere: asked for when we subscribe, soon after something happened and every 30 s; those that only offers told of where the operator
 * API is not open to us.
 */
export class RemoteAgents {
  private readonly options: RemoteAgentsOptions;
  private agents = new Map<AgentId, RemoteAgent>();
  /** Maintenance windows, which only offers tell of. */
  private readonly unavailableAtMs = new Map<AgentId, number>();
  private master: URL | undefined;
  private cancel: (() => void) | undefined;
  private nextAtMs = Infinity;
  private asking: Promise<void> | undefined;
  private askedAtMs = -Infinity;
  private notBeforeMs = -Infinity;
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

  /** As of now, or after a second as of before. */
  async refresh(): Promise<void> {
    const { clock } = this.options;
    if (clock.now() - this.askedAtMs < FRESH_MS) return;
    // One that is under way may have been answered before what we want to see happened.
    await this.atMost(REFRESH_MS_MAX, this.asking?.then(() => this.ask()) ?? this.ask());
  }

  /** Offers tell where an agent is, before or without GET_AGENTS; statuses, that what is used there may have changed. */
  hear(event: Event): void {
    if (event.type === 'UPDATE') {
      this.askedAtMs = -Infinity;
      this.askWithin(ASK_SOON_MS);
    }
    if (event.type !== 'OFFERS') return;
    for (const { agent_id: id, hostname, url, attributes = [], resources, unavailability } of event.offers
      .offers) {
      const agent = id.value as AgentId;
      if (unavailability) this.unavailableAtMs.set(agent, unavailability.start.nanoseconds / 1e6);
      else this.unavailableAtMs.delete(agent);
      if (this.agents.has(agent) || !url) continue;
      const offered = bundleOf(resources);
      this.agents.set(agent, {
        id: agent,
        hostname,
        ip: url.address.ip ?? url.address.hostname ?? hostname,
        port: url.address.port,
        attributes,
        total: offered,
        used: EMPTY,
        free: offered,
        unavailableAtMs: this.unavailableAtMs.get(agent) ?? Infinity,
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

  private askWithin(ms: number): void {
    const { clock } = this.options;
    const atMs = Math.max(clock.now() + ms, this.notBeforeMs);
    if (this.closed || atMs >= this.nextAtMs) return;
    this.cancel?.();
    this.nextAtMs = atMs;
    this.cancel = clock.at(atMs, () => void this.ask());
  }

  /** Asks, unless somebody does already. */
  private ask(): Promise<void> {
    return (this.asking ??= this.askNow().finally(() => {
      this.asking = undefined;
    }));
  }

  private async askNow(): Promise<void> {
    const { clock, log } = this.options;
    const { master } = this;
    if (!master || this.closed) return;
    this.cancel?.();
    this.nextAtMs = Infinity;
    const begunMs = clock.now();
    const problem = await this.fetch(master).catch(sentence);
    this.askedAtMs = begunMs;
    this.notBeforeMs = clock.now() + Math.min(PAUSE_BY_DURATION * (clock.now() - begunMs), ASK_EVERY_MS);
    this.askWithin(ASK_EVERY_MS);
    // Said once, not every half minute.
    if (problem !== undefined && problem !== this.problem && !this.closed)
      log('the master does not tell its agents; hosts are those that were offered', {
        master: master.host,
        problem,
      });
    this.problem = problem;
  }

  private atMost(ms: number, what: Promise<void>): Promise<void> {
    const { clock } = this.options;
    return new Promise((resolve) => {
      const cancel = clock.at(clock.now() + ms, resolve);
      void what.finally(() => (cancel(), resolve()));
    });
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
    this.agents = new Map(
      found.map((agent) => [
        agent.id,
        {
          ...agent,
          unavailableAtMs: Math.min(agent.unavailableAtMs, this.unavailableAtMs.get(agent.id) ?? Infinity),
        },
      ]),
    );
    return undefined;
  }
}

/** Where it listens is in its pid: `slave(1)@10.0.0.1:5051`. */
export function readAgent(message: AgentMessage, nowMs: number): RemoteAgent[] {
  const { agent_info: info, pid = '' } = message;
  if (info?.id?.value === undefined) return [];
  const total = bundleOf(message.total_resources ?? info.resources ?? []);
  const used = bundleOf(message.allocated_resources ?? []);
  const [, ip = info.hostname, port = ''] = /@\[?([^\]]+)\]?:(\d+)$/.exec(pid) ?? [];
  return [
    {
      id: info.id.value as AgentId,
      hostname: info.hostname,
      ip,
      port: Number(port) || (info.port ?? 5051),
      attributes: info.attributes ?? [],
      total,
      used,
      free: subtract(subtract(total, used), bundleOf(message.offered_resources ?? [])),
      unavailableAtMs: message.deactivated === true ? 0 : Infinity,
      active: message.active ?? true,
      version: message.version ?? null,
      sinceMs: message.registered_time ? message.registered_time.nanoseconds / 1e6 : nowMs,
    },
  ];
}
