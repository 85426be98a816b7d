import type { MediaType } from '../../shared/mesos/wire/codec.ts';
import type { RawConnection, RawResponse } from '../support/raw-http.ts';
import { decoded } from './conversations.ts';
import type { Names } from './names.ts';
import { at, type Exchange, type Json, type JsonObject } from './recorded.ts';

const PROTOBUF = 'application/x-protobuf';

/** Our stream for a recorded one: what it has said, which offers are out, and what stands for what. */
export class LiveStream {
  readonly exchange: Exchange;
  readonly connection: RawConnection;
  readonly heard: JsonObject[] = [];
  readonly recordedId: string | undefined;
  readonly recordedFramework: string;
  id = '';
  framework = '';
  private readonly names: Names;
  private readonly onUpdate: (stream: LiveStream, status: JsonObject) => void;
  /** Offers that are out, in our names. */
  private readonly offers = new Map<
    string,
    { readonly agent: string; readonly cpus: number; readonly resources: string }
  >();
  /** The last that was rescinded of an agent. */
  private readonly ended = new Map<string, string>();
  private inverseHeard = 0;
  private chunksRead = 0;

  constructor(
    exchange: Exchange,
    connection: RawConnection,
    names: Names,
    onUpdate: (stream: LiveStream, status: JsonObject) => void,
  ) {
    this.exchange = exchange;
    this.connection = connection;
    this.names = names;
    this.onUpdate = onUpdate;
    this.recordedId = exchange.response?.headers.find(([name]) => name === 'Mesos-Stream-Id')?.[1];
    const first = exchange.events?.find(({ event }) => event['type'] === 'SUBSCRIBED')?.event;
    this.recordedFramework = String(at(first, 'subscribed', 'framework_id', 'value') ?? '');
    connection.socket.on('data', () => this.read());
  }

  /** The server ended it. */
  get over(): boolean {
    this.read();
    return this.connection.response()?.complete ?? false;
  }

  /** When the last that was recorded of it was. */
  get lastMs(): number {
    return this.exchange.atMs + (this.exchange.events?.at(-1)?.t ?? 0) * 1000;
  }

  timesHeard(uuid: string): number {
    return this.heard.filter((event) => at(event, 'update', 'status', 'uuid') === uuid).length;
  }

  hasHeard(event: JsonObject): boolean {
    const wanted = this.names.toOurs(keyOf(event));
    return this.heard.some((each) => keyOf(each) === wanted);
  }

  hasHeardAll(): boolean {
    return (this.exchange.events ?? []).every(
      ({ event }) => event['type'] === 'HEARTBEAT' || this.hasHeard(event),
    );
  }

  /** An offer of an agent, to be answered now: one of just so much, or the largest. @param resources see `sizeOf` */
  takeOffer(agent: string, resources?: string): string | undefined {
    const [offer] = [...this.offers]
      .filter(([, of]) => of.agent === agent && (resources === undefined || of.resources === resources))
      .sort(([, a], [, b]) => b.cpus - a.cpus);
    if (offer) this.offers.delete(offer[0]);
    return offer?.[0];
  }

  endedOffer(agent: string): string | undefined {
    return this.ended.get(agent);
  }

  /** Those of an event stand for those of the recorded one that came as the same in order. */
  private learnInverse(event: JsonObject): void {
    const recorded = this.exchange.events?.filter((each) => each.event['type'] === 'INVERSE_OFFERS');
    const theirs = at(recorded?.[this.inverseHeard++]?.event, 'inverse_offers', 'inverse_offers');
    const ours = at(event, 'inverse_offers', 'inverse_offers');
    if (!Array.isArray(theirs) || !Array.isArray(ours)) return;
    for (const [index, each] of ours.entries())
      this.names.learn(at(theirs[index] as Json, 'id', 'value'), at(each as Json, 'id', 'value'));
  }

  /** What its records are. */
  private kind({ headers }: RawResponse): { type: MediaType; message: string } {
    const isProtobuf = headers.some(([name, value]) => name === 'Content-Type' && value === PROTOBUF);
    const api = this.exchange.path.includes('scheduler') ? 'scheduler' : 'master';
    return { type: isProtobuf ? PROTOBUF : 'application/json', message: `mesos.v1.${api}.Event` };
  }

  private read(): void {
    const response = this.connection.response();
    if (!response || response.status !== 200) return;
    if (this.id === '') {
      this.id = response.headers.find(([name]) => name === 'Mesos-Stream-Id')?.[1] ?? '';
      this.names.learn(this.recordedId, this.id);
    }
    for (; this.chunksRead < response.chunks.length; this.chunksRead++) {
      const chunk = response.chunks[this.chunksRead] ?? Buffer.alloc(0);
      const newline = chunk.indexOf('\n');
      const record = chunk.subarray(newline + 1);
      if (chunk.toString('latin1', 0, newline) !== String(record.length))
        throw new Error('a chunk is no record');
      const { type, message } = this.kind(response);
      this.hear(decoded(message, type, record));
    }
  }

  private hear(event: JsonObject): void {
    this.heard.push(event);
    if (event['type'] === 'SUBSCRIBED') {
      this.framework = String(at(event, 'subscribed', 'framework_id', 'value'));
      this.names.learn(this.recordedFramework, this.framework);
      const first = this.exchange.events?.find((each) => each.event['type'] === 'SUBSCRIBED')?.event;
      this.names.learn(
        at(first, 'subscribed', 'master_info', 'id'),
        at(event, 'subscribed', 'master_info', 'id'),
      );
    } else if (event['type'] === 'OFFERS') {
      for (const offer of (at(event, 'offers', 'offers') ?? []) as readonly Json[]) {
        const resources = (at(offer, 'resources') ?? []) as readonly JsonObject[];
        const cpus = Number(
          at(
            resources.find(({ name }) => name === 'cpus'),
            'scalar',
            'value',
          ) ?? 0,
        );
        const agent = String(at(offer, 'agent_id', 'value'));
        this.offers.set(String(at(offer, 'id', 'value')), { agent, cpus, resources: sizeOf(offer) });
      }
    } else if (event['type'] === 'RESCIND') {
      const id = String(at(event, 'rescind', 'offer_id', 'value'));
      const agent = this.offers.get(id)?.agent;
      if (agent !== undefined) this.ended.set(agent, id);
      this.offers.delete(id);
    } else if (event['type'] === 'INVERSE_OFFERS') {
      this.learnInverse(event);
    }
    const status = at(event, 'update', 'status') as JsonObject | undefined;
    if (status?.['uuid'] !== undefined) this.onUpdate(this, status);
  }
}

/** How much an offer is of, to tell one from another. */
export function sizeOf(offer: Json): string {
  const resources = (at(offer, 'resources') ?? []) as readonly JsonObject[];
  return resources
    .map(
      (each) =>
        `${String(each['name'])} ${String(at(each, 'scalar', 'value') ?? '')} ${at(each, 'reservations') ? 'reserved' : ''}`,
    )
    .sort()
    .join();
}

/** What an event is about: two with the same key say the same thing. */
export function keyOf(event: JsonObject): string {
  const type = String(event['type']);
  const status = at(event, 'update', 'status') as JsonObject | undefined;
  if (status) {
    const { state, reason, uuid } = status;
    return [
      type,
      at(status, 'task_id', 'value'),
      state,
      reason ?? '-',
      uuid === undefined ? 'master' : 'agent',
    ].join(' ');
  }
  if (type === 'ERROR') return `${type} ${String(at(event, 'error', 'message'))}`;
  if (type === 'FAILURE') return `${type} ${String(at(event, 'failure', 'agent_id', 'value'))}`;
  return type;
}
