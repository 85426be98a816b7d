/** SUBSCRIBE of the operator API: everything there is, then every change. */
import type { ServerResponse } from 'node:http';
import { encodeMessage, type MediaType } from '../../../../shared/mesos/wire/codec.ts';
import type { Clock } from '../../../engine/clock.ts';
import type { OperatorNews } from '../../../master/facts.ts';
import type { Viewer } from '../../../master/visible.ts';
import type { MasterWorld } from '../../../master/world.ts';
import { begin } from '../../../libprocess/respond.ts';
import { agentMessage, frameworkInfoMessage, frameworkMessage, taskMessage } from './messages.ts';
import type { OperatorHub } from './parts.ts';
import { type Field, writeFields } from '../../../libprocess/wire-tree.ts';

const HEARTBEAT_MS = 15_000;
/** max_operator_event_stream_subscribers: the one that came first goes. */
const SUBSCRIBERS_MAX = 1000;
/** Beyond what was there when it came: one that does not read is cut off, and subscribes anew. */
const BACKLOG_BYTES_MAX = 8 * 1024 * 1024;
/**
 * A change is told at once; those that follow within this time are told together, as many as this. What a change costs is a write for each who reads, and a busy master would do
 * little else.
 */
const GATHER_MS = 10;
const GATHERED_MAX = 100;

interface Subscriber {
  readonly type: MediaType;
  readonly response: ServerResponse;
  /** Undefined: may see everything. */
  readonly viewer: Viewer | undefined;
  /** Where not: what of the events that are not written yet. */
  seen: object[];
  backlogMax: number;
  stopBeat: () => void;
}

export class OperatorStream {
  private readonly world: MasterWorld;
  private readonly clock: Clock;
  private readonly subscribers = new Set<Subscriber>();
  /** Events that are not written yet. */
  private told: object[] = [];
  private toldAtMs = -Infinity;
  private isComing = false;

  constructor(world: MasterWorld, operators: OperatorHub, clock: Clock) {
    this.world = world;
    this.clock = clock;
    operators.watch((news) => this.tell(news));
  }

  get size(): number {
    return this.subscribers.size;
  }

  /** From here on the answer is a stream of RecordIO, one record a chunk, until either side ends it. @param state the fields of get_state @param viewer who asks, where not everybody may see everything */
  open(response: ServerResponse, type: MediaType, state: readonly Field[], viewer?: Viewer): void {
    if (this.subscribers.size >= SUBSCRIBERS_MAX) {
      for (const oldest of this.subscribers) {
        this.end(oldest);
        break;
      }
    }
    begin(response);
    response.writeHead(200, { 'Content-Type': type, 'Transfer-Encoding': 'chunked' });
    response.flushHeaders();
    response.socket?.setNoDelay(true);
    response.socket?.setTimeout(0);
    // What was told before it came is in its state.
    this.flush();
    const first = record([subscribed(type, state)]);
    const backlogMax = first.length + BACKLOG_BYTES_MAX;
    const subscriber: Subscriber = {
      type,
      response,
      viewer,
      seen: [],
      backlogMax,
      stopBeat: () => undefined,
    };
    response.on('close', () => this.forget(subscriber));
    this.subscribers.add(subscriber);
    this.write(subscriber, chunkOf(first));
    this.beat(subscriber);
  }

  /** Put into words at once, and shown to whoever may see it now. */
  private tell(news: OperatorNews): void {
    if (this.subscribers.size === 0) return;
    const event = eventOf(this.world, news);
    this.told.push(event);
    for (const { viewer, seen } of this.subscribers)
      if (viewer?.sees(this.world, news)) seen.push(this.seenBy(viewer, news) ?? event);
    if (this.told.length >= GATHERED_MAX) return this.flush();
    if (this.isComing) return;
    this.isComing = true;
    const atMs = this.toldAtMs + GATHER_MS;
    if (atMs <= this.clock.now()) queueMicrotask(() => this.flush());
    else this.clock.at(atMs, () => this.flush());
  }

  /** Encoded once for each type that somebody reads, and one write for each who reads. */
  private flush(): void {
    this.isComing = false;
    const told = this.told.splice(0);
    if (told.length === 0) return;
    this.toldAtMs = this.clock.now();
    const encoded = new Map<MediaType, Buffer>();
    const encode = (type: MediaType, events: readonly object[]): Buffer =>
      Buffer.concat(events.map((event) => eventChunk(type, event)));
    for (const subscriber of this.subscribers) {
      const { type, viewer } = subscriber;
      if (viewer) {
        const seen = subscriber.seen.splice(0);
        if (seen.length > 0) this.write(subscriber, encode(type, seen));
        continue;
      }
      let chunks = encoded.get(type);
      if (!chunks) encoded.set(type, (chunks = encode(type, told)));
      this.write(subscriber, chunks);
    }
  }

  /** An agent without what is reserved for roles that are hidden. Undefined: it is no agent that is told of. */
  private seenBy({ seesRole }: Viewer, news: OperatorNews): object | undefined {
    return news.type === 'AGENT_ADDED' ? eventOf({ ...this.world, seesRole }, news) : undefined;
  }

  private beat(subscriber: Subscriber): void {
    this.flush();
    this.write(subscriber, eventChunk(subscriber.type, { type: 'HEARTBEAT' }));
    subscriber.stopBeat = this.clock.at(this.clock.now() + HEARTBEAT_MS, () => this.beat(subscriber));
  }

  /** Past the response's own framing, which would make one chunk of several records, or a write of each. */
  private write({ response, backlogMax }: Subscriber, chunks: Buffer): void {
    if (response.writableEnded || response.destroyed) return;
    response.socket?.write(chunks);
    if (response.writableLength > backlogMax) response.destroy();
  }

  private end(subscriber: Subscriber): void {
    this.forget(subscriber);
    subscriber.response.end();
  }

  private forget(subscriber: Subscriber): void {
    subscriber.stopBeat();
    this.subscribers.delete(subscriber);
  }
}

/** mesos.v1.master.Event, but for the state in SUBSCRIBED, which is put together from encoded parts. */
export function eventOf(world: MasterWorld, news: OperatorNews): object {
  const { type } = news;
  const field = type.toLowerCase();
  switch (news.type) {
    case 'TASK_ADDED':
      return { type, [field]: { task: taskMessage(news.task, news.state, news.statuses) } };
    case 'TASK_UPDATED': {
      const { framework_id, status, state } = news;
      return { type, [field]: { framework_id, status, state } };
    }
    case 'AGENT_ADDED':
      return { type, [field]: { agent: agentMessage(world, news.agent, true) } };
    case 'AGENT_REMOVED':
      return { type, [field]: { agent_id: news.agent_id } };
    case 'FRAMEWORK_ADDED':
    case 'FRAMEWORK_UPDATED':
      return { type, [field]: { framework: frameworkMessage(world, news.framework, true) } };
    case 'FRAMEWORK_REMOVED':
      return { type, [field]: { framework_info: frameworkInfoMessage(news.framework_info) } };
  }
}

function eventChunk(type: MediaType, event: object): Buffer {
  return chunkOf(record([Buffer.from(encodeMessage('mesos.v1.master.Event', type, event))]));
}

function record(parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from(`${length}\n`), ...parts]);
}

/** As HTTP/1.1 frames what is sent in chunks. */
function chunkOf(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

/** `get_state` from its encoded parts, and the interval as the last field. */
function subscribed(type: MediaType, state: readonly Field[]): Buffer {
  const seconds = HEARTBEAT_MS / 1000;
  const fields: Field[] = [
    { name: 'get_state', number: 1, fields: state },
    { name: 'heartbeat_interval_seconds', number: 2, double: seconds },
  ];
  return Buffer.concat(
    writeFields(
      [
        { name: 'type', number: 1, word: { name: 'SUBSCRIBED', number: 1 } },
        { name: 'subscribed', number: 2, fields },
      ],
      type,
    ),
  );
}
