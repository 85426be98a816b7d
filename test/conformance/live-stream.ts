import type { RawConnection } from '../support/raw-http.ts';
import { decoded } from './conversations.ts';
import type { Names } from './names.ts';
import { at, type Exchange, type Json, type JsonObject } from './recorded.ts';

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
  private readonly offers = new Map<string, { readonly agent: string; readonly cpus: number }>();
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

  /** The largest offer of an agent, to be answered now. */
  takeOffer(agent: string): string | undefined {
    const [offer] = [...this.offers]
      .filter(([, of]) => of.agent === agent)
      .sort(([, a], [, b]) => b.cpus - a.cpus);
    if (offer) this.offers.delete(offer[0]);
    return offer?.[0];
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
      this.hear(decoded('mesos.v1.scheduler.Event', this.exchange.type, record));
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
        this.offers.set(String(at(offer, 'id', 'value')), { agent, cpus });
      }
    } else if (event['type'] === 'RESCIND') {
      this.offers.delete(String(at(event, 'rescind', 'offer_id', 'value')));
    }
    const status = at(event, 'update', 'status') as JsonObject | undefined;
    if (status?.['uuid'] !== undefined) this.onUpdate(this, status);
  }
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
