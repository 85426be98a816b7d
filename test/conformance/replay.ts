/**
 * Plays one folder of recordings against a master of ours: sends what was sent when it was sent, with our ids for the recorded ones, and compares what comes. Time is
 * virtual, so that a minute of waiting takes no time; agents are scripted from what the recorded ones said.
 *
 * What the recordings leave out is made up for: launches and teardowns that were not kept, and acknowledgements, which a client sends when it has heard an update as often as
 * the recorded client heard it.
 */
import type { AgentInfo } from '../../shared/mesos/agent.ts';
import { encodeMessage } from '../../shared/mesos/wire/codec.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { MemoryJournal } from '../support/memory-journal.ts';
import {
  mesosMaster,
  standbyMaster,
  type MesosMaster,
  type MesosMasterOptions,
  type StandbyMaster,
} from '../support/mesos-master.ts';
import { RawConnection, type RawResponse } from '../support/raw-http.ts';
import type { Difference } from './compare.ts';
import { compareResponse, compareStream, readable } from './exchange.ts';
import { Names } from './names.ts';
import { at, jsonOf, type Exchange, type Json, type JsonObject, type Outcome } from './recorded.ts';
import type { Scenario } from './scenarios.ts';
import { ScriptedAgent, linesOf } from './scripted-agent.ts';
import { LiveStream, sizeOf } from './live-stream.ts';
import { launchedIn, reconstruct } from './timing.ts';

const STEP_MS = 50;
/** Real milliseconds for each of those. */
const REAL_STEP_MS = 4;
/** Real milliseconds for an answer that needs no time to pass. */
const SOON_MS = 500;
/** Real milliseconds for the master to notice that a client is gone. */
const NOTICE_MS = 5_000;
/** What came to the recorded client so long before it asked for something, it had surely heard. */
const HEARD_MS = 10;
/** Tasks that were heard of within so long of each other were launched together. */
const TOGETHER_MS = 300;
/** Virtual milliseconds to wait for an offer of just what was offered, before another is taken. */
const EXACTLY_MS = 1_100;
/** Virtual milliseconds to wait for something that the recording says must have come. */
const PATIENCE_MS = 4_000;

export class Replay {
  readonly agents = new Map<string, ScriptedAgent>();
  private readonly clock = new VirtualClock();
  private readonly names = new Names();
  private readonly streams = new Map<string, LiveStream>();
  private readonly connections: RawConnection[] = [];
  private readonly exchanges: readonly Exchange[];
  private readonly scenario: Scenario;
  private readonly session: number;
  private readonly baseMs: number;
  /** The second that the recording begins in. */
  private readonly firstMs: number;
  private readonly startMs = this.clock.now();
  private readonly due: { readonly atMs: number; readonly run: () => Promise<void> | void }[] = [];
  private readonly journal = new MemoryJournal();
  private master!: MesosMaster;
  private standby: StandbyMaster | undefined;

  /** @param session which of the masters of the folder. */
  constructor(exchanges: readonly Exchange[], scenario: Scenario, session: number) {
    const timed = reconstruct(exchanges);
    this.scenario = scenario;
    this.session = session;
    this.firstMs = Math.min(...exchanges.map(({ atMs }) => atMs).filter((ms) => ms > 0));
    const atMs = ({ name, atMs: told }: Exchange): number =>
      scenario.times?.[name] === undefined ? told : this.firstMs + scenario.times[name];
    this.exchanges = timed.exchanges.map((exchange) => ({ ...exchange, atMs: atMs(exchange) }));
    // So much sooner that our ticks, which are whole seconds of the clock, are where the recorded ones were.
    const offMs = (this.firstMs - this.startMs - timed.tickMs) % 1_000;
    this.baseMs = this.firstMs - (offMs < 0 ? offMs + 1_000 : offMs);
  }

  async run(skipped: (exchange: Exchange) => boolean): Promise<Outcome[]> {
    this.master = await mesosMaster(this.options);
    await this.startStandby();
    const outcomes: Outcome[] = [];
    try {
      await this.startAgents();
      this.planFillers();
      this.planTellings();
      await this.subscribeUnrecorded();
      const actions = this.scenario.actions?.[this.session] ?? [];
      for (const action of actions)
        if ('atMs' in action)
          this.due.push({ atMs: this.firstMs + action.atMs, run: () => action.run(this) });
      for (const exchange of this.exchanges) {
        if (skipped(exchange)) continue;
        await this.until(() => this.now >= exchange.atMs, Infinity);
        await this.endStreamsBefore(exchange);
        await this.hearWhatWasHeard(exchange);
        for (const action of actions)
          if ('before' in action && action.before === exchange.name) await action.run(this);
        if (exchange.events) await this.open(exchange);
        else outcomes.push({ exchange, differences: await this.ask(exchange) });
      }
      for (const stream of [...this.streams.values()].sort((a, b) => a.lastMs - b.lastMs))
        await this.end(stream);
      for (const { exchange, stream } of [...this.streams.values()].map((stream) => ({
        stream,
        exchange: stream.exchange,
      })))
        outcomes.push({ exchange, differences: compareStream(exchange, stream, this.names) });
      const faults: Difference[] = this.master.logged.map((line) => ({
        at: 'log',
        recorded: '',
        ours: line,
      }));
      if (faults.length > 0) throw new Error(faults.map(({ ours }) => ours).join('\n'));
    } finally {
      for (const connection of this.connections) connection.close();
      const closing = [this.master.close(), this.standby?.close()];
      await this.clock.advance(1, () => undefined);
      await Promise.all(closing);
    }
    return outcomes;
  }

  /** The client closes a stream. Virtual time stands still until the master has noticed: a socket takes real time. */
  async close(name: string): Promise<void> {
    const stream = this.streams.get(name);
    if (!stream || stream.over || stream.connection.ended) return;
    const connected = (): number => this.master.core.master.frameworkByConnection.size;
    const before = connected();
    stream.connection.close();
    for (const endMs = performance.now() + NOTICE_MS; connected() >= before && performance.now() < endMs;) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await this.clock.advance(0, () => undefined);
    }
  }

  /** Killed, and started again at once at the same place. Agents find out later. */
  async restartMaster(): Promise<void> {
    const { port } = this.master;
    this.killMaster();
    this.master = await mesosMaster({ ...this.options, port });
    for (const agent of this.agents.values()) agent.outlive(this.master.core);
  }

  killMaster(): void {
    this.master.kill();
  }

  /** The one that stood by leads. */
  async elect(): Promise<void> {
    if (this.standby) this.master = await this.standby.lead();
  }

  private get options(): MesosMasterOptions {
    const authentication = this.scenario.authentication?.[this.session];
    return {
      ...(authentication ? { authentication } : {}),
      clock: this.clock,
      anyHost: true,
      flags: flagsIn(this.exchanges),
      limits: { allocationIntervalMs: 1_000, ...this.scenario.limits?.[this.session] },
      journal: this.journal,
    };
  }

  private async startStandby(): Promise<void> {
    const host = this.scenario.standbys?.[this.session];
    if (host === undefined) return;
    this.standby = await standbyMaster(this.options);
    const isAlone = this.exchanges.every(({ head }) => hostOf(head) === host);
    const leader = { hostname: 'localhost', port: this.master.port, pid: 1, sinceMs: 0 };
    if (!isAlone) this.standby.leadership = { kind: 'following', leader };
  }

  /** What an operator did that was not recorded. @param call in recorded names */
  async operate(call: JsonObject): Promise<void> {
    const body = this.names.toOurs(JSON.stringify(call));
    const head = 'POST /api/v1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    const answer = await this.exchange(
      Buffer.from(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`),
    );
    if (answer?.status !== 200 && answer?.status !== 202) throw new Error(`${body}: ${answer?.status}`);
  }

  /** Milliseconds of the recording's clock. */
  private get now(): number {
    return this.clock.now() - this.startMs + this.baseMs;
  }

  private async startAgents(): Promise<void> {
    const script = linesOf(this.exchanges);
    const recorded = this.exchanges.flatMap(({ events = [] }) =>
      events.flatMap(({ event }) => offersOf(event)),
    );
    const offers = [...recorded, ...(this.scenario.agents?.[this.session] ?? [])];
    const ids = [...new Set(offers.map((offer) => String(at(offer, 'agent_id', 'value'))))].sort();
    for (const id of ids) {
      const suffix = id.slice(id.lastIndexOf('-') + 1);
      const offer = offers.find((each) => at(each, 'agent_id', 'value') === id) ?? {};
      const agent = new ScriptedAgent(this.master.core, agentInfo(offer), script);
      this.agents.set(suffix, agent);
      this.names.learn(id.replace(/-S\d+$/, ''), this.master.core.master.id);
      const join = async (): Promise<void> => {
        agent.start();
        await this.until(() => agent.id !== '', PATIENCE_MS);
        this.names.learn(id, agent.id);
      };
      const atMs = this.scenario.joins?.[this.session]?.[suffix];
      if (atMs === undefined) await join();
      else this.due.push({ atMs: this.firstMs + atMs, run: join });
    }
  }

  /** Subscriptions that were not kept, of which calls are: they hold no offers, and say nothing that is compared. */
  private async subscribeUnrecorded(): Promise<void> {
    const recorded = new Set(
      this.exchanges.map(
        ({ response }) => response?.headers.find(([name]) => name === 'Mesos-Stream-Id')?.[1],
      ),
    );
    for (const { head: sent, body } of this.exchanges) {
      const id = /^Mesos-Stream-Id: ([0-9a-f-]{36})\r?$/m.exec(sent)?.[1];
      const framework = /"framework_id": {"value": "([^"]*)"}/.exec(body.toString())?.[1];
      if (id === undefined || framework === undefined || recorded.has(id) || this.names.knows(id)) continue;
      const connection = await this.connect();
      const framework_info = this.scenario.framework ?? { user: 'root', name: 'unrecorded' };
      const subscribe = JSON.stringify({ type: 'SUBSCRIBE', subscribe: { framework_info } });
      const head = `POST /api/v1/scheduler HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
      connection.send(`${head}Content-Length: ${subscribe.length}\r\n\r\n${subscribe}`);
      await this.until(() => (connection.response()?.chunks.length ?? 0) > 0, PATIENCE_MS);
      const response = connection.response();
      this.names.learn(id, response?.headers.find(([name]) => name === 'Mesos-Stream-Id')?.[1]);
      const text = response?.chunks[0]?.toString() ?? '';
      this.names.learn(framework, /"framework_id":{"value":"([^"]*)"}/.exec(text)?.[1]);
    }
  }

  /** Tasks that the recorded agents ran, and whose launch was not kept: launched shortly before they were first heard of, those that were heard of together by one call. */
  private planFillers(): void {
    const launched = new Set(this.exchanges.flatMap(({ body }) => launchedIn(body)));
    const batches: { name: string; agent: string; atMs: number; tasks: string[] }[] = [];
    const lines = [...linesOf(this.exchanges)].sort(([, [a]], [, [b]]) => (a?.atMs ?? 0) - (b?.atMs ?? 0));
    for (const [task, [first]] of lines) {
      if (!first || launched.has(task)) continue;
      const name = this.exchanges.find(({ events = [] }) =>
        events.some(({ event }) => at(event, 'update', 'status', 'uuid') === first.status.uuid),
      )?.name;
      const agent = String(first.status.agent_id?.value);
      const last = batches.at(-1);
      if (last && last.name === name && last.agent === agent && first.atMs - last.atMs < TOGETHER_MS)
        last.tasks.push(task);
      else batches.push({ name: name ?? '', agent, atMs: first.atMs, tasks: [task] });
    }
    for (const { name, agent, atMs, tasks } of batches)
      this.due.push({ atMs: atMs - 100, run: () => this.fill(name, tasks, agent) });
  }

  /** What executors said to their frameworks, and that they ended. */
  private planTellings(): void {
    for (const { name, atMs, events = [] } of this.exchanges)
      for (const { t, event } of events) {
        const told = (at(event, 'message') ?? at(event, 'failure')) as JsonObject | undefined;
        const executor_id = told?.['executor_id'] as { value: string } | undefined;
        if (!executor_id) continue;
        const agent = /S\d+$/.exec(String(at(told, 'agent_id', 'value')))?.[0] ?? '';
        const run = (): void => {
          const teller = this.agents.get(agent);
          const framework_id = { value: this.streams.get(name)?.framework ?? '' };
          const about = { framework_id, executor_id };
          const { data, status = 0 } = told as { data?: string; status?: number };
          const agent_id = { value: teller?.id ?? '' };
          if (data !== undefined)
            teller?.tell({ type: 'FRAMEWORK_MESSAGE', agent_id, framework_message: { ...about, data } });
          else if (teller?.hasRun(executor_id.value) === true)
            teller.tell({ type: 'EXITED_EXECUTOR', agent_id, exited_executor: { ...about, status } });
          // It was launched later here.
          else this.due.push({ atMs: this.now + STEP_MS, run });
        };
        this.due.push({ atMs: atMs + t * 1000, run });
      }
  }

  private async fill(name: string, tasks: readonly string[], recordedAgent: string): Promise<void> {
    const stream = this.streams.get(name);
    const agent = this.names.our(recordedAgent) ?? '';
    if (!stream || stream.over) return;
    const offer = stream.takeOffer(agent);
    // What is free is offered at the next tick.
    if (offer === undefined)
      return void this.due.push({
        atMs: this.now + STEP_MS,
        run: () => this.fill(name, tasks, recordedAgent),
      });
    const resources = [
      { name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } },
      { name: 'mem', type: 'SCALAR', scalar: { value: 32 } },
    ];
    const task_infos = tasks.map((task) => ({
      name: task,
      task_id: { value: task },
      agent_id: { value: agent },
      resources,
      command: { value: 'true' },
    }));
    const operations = [{ type: 'LAUNCH', launch: { task_infos } }];
    await this.call(stream, {
      type: 'ACCEPT',
      accept: { offer_ids: [{ value: offer }], operations, filters: { refuse_seconds: 0 } },
    });
  }

  private async open(exchange: Exchange): Promise<void> {
    const connection = await this.connect(exchange);
    const stream = new LiveStream(exchange, connection, this.names, this.acknowledger(exchange));
    this.streams.set(exchange.name, stream);
    connection.send(this.ourRequest(exchange));
    await this.soon(() => stream.heard.length > 0 || connection.ended);
    await this.until(() => stream.heard.length > 0 || connection.ended, PATIENCE_MS);
  }

  private async ask(exchange: Exchange): Promise<Difference[]> {
    await this.findOffers(exchange);
    const response = await this.exchange(this.ourRequest(exchange), exchange);
    return compareResponse(exchange, response, this.names);
  }

  /** Offers that a request is about: whatever is offered to us of the same agent now. */
  private async findOffers(exchange: Exchange): Promise<void> {
    const call = jsonOf(exchange.body);
    const field = String(call?.['type'] ?? '').toLowerCase();
    const ids = (at(call, field, 'offer_ids') ?? []) as readonly Json[];
    for (const id of Array.isArray(ids) ? ids : []) {
      const recorded = String(at(id, 'value'));
      const wanted = this.recordedOffer(recorded);
      const agent = this.names.our(String(at(wanted, 'agent_id', 'value')));
      const stream = this.streamOf(exchange);
      if (!wanted || agent === undefined || !stream || this.names.knows(recorded)) continue;
      let offer = this.isRescinded(recorded, exchange) ? stream.endedOffer(agent) : undefined;
      if (offer === undefined)
        await this.until(() => (offer = stream.takeOffer(agent, sizeOf(wanted))) !== undefined, EXACTLY_MS);
      if (offer === undefined)
        await this.until(() => (offer = stream.takeOffer(agent)) !== undefined, this.spareMs(exchange));
      this.names.learn(recorded, offer);
    }
  }

  /** How long there is to wait before the next exchange is due. */
  private spareMs(exchange: Exchange): number {
    const next = this.exchanges[this.exchanges.indexOf(exchange) + 1]?.atMs ?? Infinity;
    return Math.max(0, Math.min(PATIENCE_MS, next - this.now));
  }

  private recordedOffer(id: string): Json | undefined {
    for (const { events = [] } of this.exchanges)
      for (const { event } of events)
        for (const offer of offersOf(event)) if (at(offer, 'id', 'value') === id) return offer;
    return undefined;
  }

  /** By the time of a call. */
  private isRescinded(offer: string, { atMs }: Exchange): boolean {
    return this.exchanges.some(
      (stream) =>
        stream.events?.some(
          ({ t, event }) =>
            at(event, 'rescind', 'offer_id', 'value') === offer && stream.atMs + t * 1000 < atMs + STEP_MS,
        ) ?? false,
    );
  }

  private streamOf({ head }: Exchange): LiveStream | undefined {
    const id = /^Mesos-Stream-Id: (.*)$/m.exec(head)?.[1]?.trim();
    return [...this.streams.values()].find((stream) => stream.recordedId === id);
  }

  /** Whatever the recorded client surely had heard by then. */
  private async hearWhatWasHeard(exchange: Exchange): Promise<void> {
    for (const stream of this.streams.values()) {
      if (stream.connection.ended) continue;
      const wanted = (stream.exchange.events ?? []).filter(
        ({ t }) => stream.exchange.atMs + t * 1000 + HEARD_MS <= exchange.atMs,
      );
      for (const { event } of wanted)
        if (event['type'] === 'UPDATE') await this.until(() => stream.hasHeard(event), PATIENCE_MS / 4);
      const count = (events: readonly JsonObject[]): number =>
        events.filter(({ type }) => type === 'INVERSE_OFFERS').length;
      const inverse = count(wanted.map(({ event }) => event));
      await this.until(() => count(stream.heard) >= inverse, PATIENCE_MS / 4);
    }
  }

  /** Streams that were over when another began end now: by a TEARDOWN that was not kept, or because the client left. */
  private async endStreamsBefore(exchange: Exchange): Promise<void> {
    if (!exchange.events) return;
    for (const stream of this.streams.values()) {
      // Its last event was at least so late: it ended some time after that.
      const over = stream.lastMs <= exchange.atMs + 1000;
      if (over && !this.belongsTo(exchange, stream)) await this.end(stream);
    }
  }

  /** A subscription of the same framework ends the other by itself. */
  private belongsTo(exchange: Exchange, stream: LiveStream): boolean {
    return exchange.body.includes(stream.recordedFramework) && stream.recordedFramework !== '';
  }

  private async end(stream: LiveStream): Promise<void> {
    if (stream.over || stream.connection.ended) return;
    await this.until(() => this.now >= stream.lastMs, Infinity);
    await this.until(() => stream.hasHeardAll(), PATIENCE_MS);
    if (!stream.exchange.final) return this.close(stream.exchange.name);
    if (!stream.over) await this.call(stream, { type: 'TEARDOWN' });
    await this.until(() => stream.over, PATIENCE_MS);
  }

  /** Acknowledges an update when it has come as often as it came to the recorded client, unless an acknowledgement of it was recorded. */
  private acknowledger(exchange: Exchange): (stream: LiveStream, status: JsonObject) => void {
    const explicit = this.exchanges
      .map(({ body }) => body.toString())
      .filter((body) => body.includes('"ACKNOWLEDGE"'))
      .join();
    const times = (uuid: string): number =>
      this.exchanges
        .flatMap(({ events = [] }) => events)
        .filter(({ event }) => at(event, 'update', 'status', 'uuid') === uuid).length;
    const heard = new Map<string, number>();
    return (stream, status) => {
      const uuid = String(status['uuid']);
      const count = [...this.streams.values()].reduce((sum, each) => sum + each.timesHeard(uuid), 0);
      heard.set(uuid, count);
      if (explicit.includes(uuid) || count < times(uuid)) return;
      const { agent_id, task_id } = status;
      this.due.push({
        atMs: 0,
        run: () =>
          this.call(stream, { type: 'ACKNOWLEDGE', acknowledge: { agent_id, task_id, uuid } as never }).then(
            () => undefined,
          ),
      });
      void exchange;
    };
  }

  private async call(stream: LiveStream, call: object): Promise<RawResponse | undefined> {
    const body = JSON.stringify({ ...call, framework_id: { value: stream.framework } });
    const head = `POST /api/v1/scheduler HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nMesos-Stream-Id: ${stream.id}\r\n`;
    return this.exchange(Buffer.from(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`));
  }

  private async exchange(request: Buffer, recorded?: Exchange): Promise<RawResponse | undefined> {
    const connection = await this.connect(recorded);
    connection.send(request);
    await this.soon(() => connection.ended || connection.response()?.complete === true);
    await this.until(() => connection.ended || connection.response()?.complete === true, PATIENCE_MS);
    const response = connection.response();
    connection.close();
    return response;
  }

  /** To the master that the recorded request went to. */
  private async connect(exchange?: Exchange): Promise<RawConnection> {
    const host = this.scenario.standbys?.[this.session];
    const asked = exchange && host === hostOf(exchange.head) ? this.standby : undefined;
    const connection = await RawConnection.open((asked ?? this.master).port);
    this.connections.push(connection);
    return connection;
  }

  /** The recorded request in our names; the length of its body told anew. */
  private ourRequest({ head, type, body }: Exchange): Buffer {
    const text = this.names.toOurs(body.toString('latin1'));
    const ours =
      type === 'application/json'
        ? Buffer.from(text, 'latin1')
        : Buffer.from(encodeMessage('mesos.v1.scheduler.Call', type, JSON.parse(text) as object));
    const length = `Content-Length: ${ours.length}`;
    const lines = this.names.toOurs(head).replace(/^Content-Length: .*$/m, length);
    return Buffer.concat([Buffer.from(`${lines}\r\n\r\n`, 'latin1'), ours]);
  }

  /** Virtual time stands still for what takes none: a request and its answer, however busy the machine is. */
  private async soon(condition: () => boolean): Promise<void> {
    for (const endMs = performance.now() + SOON_MS; !condition() && performance.now() < endMs;) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await this.clock.advance(0, () => undefined);
    }
  }

  /** Lets time pass until it is so, at most that long. */
  private async until(condition: () => boolean, patienceMs: number): Promise<void> {
    const endMs = this.clock.now() + patienceMs;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      await this.clock.advance(0, () => undefined);
      if (condition() || this.clock.now() >= endMs) return;
      // Real time for what goes over sockets, also where the machine has other work.
      await new Promise((resolve) => setTimeout(resolve, REAL_STEP_MS));
      await this.clock.advance(0, () => undefined);
      if (condition()) return;
      await this.clock.advance(STEP_MS, () => undefined);
      for (const agent of this.agents.values()) agent.play(this.now);
      await this.runDue();
    }
  }

  private async runDue(): Promise<void> {
    const ready = this.due.filter(({ atMs }) => atMs <= this.now);
    for (const each of ready) this.due.splice(this.due.indexOf(each), 1);
    for (const { run } of ready) await run();
  }
}

function hostOf(head: string): string | undefined {
  return /^Host: (.*)$/m.exec(head)?.[1]?.trim();
}

/** Flags as the recorded master told them of itself. */
function flagsIn(exchanges: readonly Exchange[]): Readonly<Record<string, string>> {
  for (const exchange of exchanges) {
    if (exchange.response?.status !== 200 || exchange.events) continue;
    const flags = at(jsonOf(Buffer.from(readable(exchange, exchange.response))), 'flags');
    if (flags !== undefined) return flags as Readonly<Record<string, string>>;
  }
  return {};
}

export function offersOf(event: JsonObject): readonly Json[] {
  return (at(event, 'offers', 'offers') ?? []) as readonly Json[];
}

/** The agent that an offer of all it has is of. */
function agentInfo(offer: Json): AgentInfo {
  const resources = (at(offer, 'resources') ?? []) as readonly JsonObject[];
  const plain = resources.map(({ name, type, scalar, ranges }) => ({
    name,
    type,
    ...(scalar ? { scalar } : {}),
    ...(ranges ? { ranges } : {}),
  }));
  return {
    hostname: String(at(offer, 'hostname')),
    ip: '127.0.0.1',
    port: Number(at(offer, 'url', 'address', 'port')),
    resources: plain as unknown as AgentInfo['resources'],
    attributes: (at(offer, 'attributes') ?? []) as unknown as AgentInfo['attributes'],
    containerizer: 'simulated',
    version: '1.12.0',
  };
}
