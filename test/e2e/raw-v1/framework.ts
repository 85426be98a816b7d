import { RecordDecoder } from '../../../shared/mesos/recordio.ts';

type Json = Record<string, unknown>;
export interface Heard {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface HeardStatus {
  readonly task_id: { readonly value: string };
  readonly state: string;
  readonly agent_id?: { readonly value: string };
  readonly executor_id?: { readonly value: string };
  readonly uuid?: string;
  readonly source?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly healthy?: boolean;
  readonly container_status?: { readonly container_id?: { readonly parent?: { readonly value: string } } };
}

const PATIENCE_MS = 60_000;

/** A framework of nothing but HTTP: every call is JSON written by hand, every status is acknowledged and remembered. */
export class RawFramework {
  readonly heard: Heard[] = [];
  readonly statuses: HeardStatus[] = [];
  id = '';
  private readonly url: string;
  private readonly print: (line: string) => void;
  private stream = '';
  private readonly gone = new AbortController();
  private waiting: (() => void)[] = [];

  constructor(master: string, print: (line: string) => void) {
    this.url = `${master}/api/v1/scheduler`;
    this.print = print;
  }

  async subscribe(info: Json): Promise<void> {
    const id = this.id === '' ? {} : { framework_id: { value: this.id } };
    const framework_info = this.id === '' ? info : { ...info, id: { value: this.id } };
    const response = await this.post({ type: 'SUBSCRIBE', ...id, subscribe: { framework_info } });
    if (response.status !== 200) throw new Error(`SUBSCRIBE: ${response.status} ${await response.text()}`);
    this.stream = response.headers.get('mesos-stream-id') ?? '';
    void this.listen(response).catch(() => undefined);
    const { subscribed } = await this.event(({ type }) => type === 'SUBSCRIBED');
    this.id = (subscribed as { framework_id: { value: string } }).framework_id.value;
  }

  /** @throws Error for whatever is not 202 */
  async call(type: string, body?: Json): Promise<void> {
    const field = body === undefined ? {} : { [type.toLowerCase()]: body };
    const response = await this.post({ type, framework_id: { value: this.id }, ...field });
    if (response.status !== 202) throw new Error(`${type}: ${response.status} ${await response.text()}`);
  }

  /** Accepts all offers that are out, once one of them fits; what is left over comes back. */
  async accept(operations: readonly Json[], fits: (offer: Json) => boolean = () => true): Promise<void> {
    const offers = await this.find(() => {
      const out = this.offers();
      return out.some(fits) ? out : undefined;
    }, 'offer that fits');
    for (const offer of offers) this.used.add(idOf(offer));
    await this.call('ACCEPT', {
      offer_ids: offers.map((offer) => ({ value: idOf(offer) })),
      operations,
      filters: { refuse_seconds: 0 },
    });
  }

  private offers(): Json[] {
    const rescinded = this.heard.flatMap((event) =>
      event.type === 'RESCIND' ? [(event['rescind'] as { offer_id: { value: string } }).offer_id.value] : [],
    );
    return this.heard
      .flatMap((event) => (event.type === 'OFFERS' ? (event['offers'] as { offers: Json[] }).offers : []))
      .filter((offer) => !this.used.has(idOf(offer)) && !rescinded.includes(idOf(offer)));
  }

  private readonly used = new Set<string>();

  /** The agent that the newest offer is of. */
  async agent(): Promise<string> {
    const { offers } = await this.event(({ type }) => type === 'OFFERS');
    const [first] = (offers as { offers: { agent_id: { value: string } }[] }).offers;
    if (!first) throw new Error('an OFFERS event without an offer');
    return first.agent_id.value;
  }

  event(wanted: (event: Heard) => boolean): Promise<Heard> {
    return this.find(() => this.heard.find(wanted));
  }

  status(task: string, wanted: string | ((status: HeardStatus) => boolean)): Promise<HeardStatus> {
    const fits = typeof wanted === 'string' ? ({ state }: HeardStatus) => state === wanted : wanted;
    return this.find(
      () => this.statuses.find((each) => each.task_id.value === task && fits(each)),
      `${task} ${String(wanted)}`,
    );
  }

  /** What was said of a task, in its order. */
  states(task: string): string[] {
    return this.statuses.filter(({ task_id }) => task_id.value === task).map(({ state }) => state);
  }

  /** Goes away without a word. */
  disconnect(): void {
    this.gone.abort();
  }

  private post(call: Json): Promise<Response> {
    const stream: Record<string, string> = this.stream === '' ? {} : { 'mesos-stream-id': this.stream };
    return fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...stream },
      body: JSON.stringify(call),
      // What was said before it went away arrives.
      signal: call['type'] === 'SUBSCRIBE' ? this.gone.signal : null,
    });
  }

  private async listen(response: Response): Promise<void> {
    const decoder = new RecordDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      const decoded = decoder.push(chunk);
      if (!decoded.ok) throw new Error(decoded.message);
      for (const record of decoded.records) this.hear(JSON.parse(record) as Heard);
    }
  }

  private hear(event: Heard): void {
    this.heard.push(event);
    if (event.type === 'UPDATE') this.update((event['update'] as { status: HeardStatus }).status);
    if (event.type === 'FAILURE' || event.type === 'MESSAGE' || event.type === 'ERROR')
      this.print(`${event.type} ${JSON.stringify(event[event.type.toLowerCase()])}`);
    for (const wake of this.waiting.splice(0)) wake();
  }

  private update(status: HeardStatus): void {
    const { task_id, state, source, reason, message, healthy, agent_id, uuid } = status;
    this.statuses.push(status);
    const health = healthy === undefined ? '' : ` healthy=${healthy}`;
    this.print([task_id.value, state + health, source, reason, message].filter(Boolean).join('  '));
    if (uuid !== undefined) void this.call('ACKNOWLEDGE', { agent_id, task_id, uuid }).catch(() => undefined);
  }

  private async find<Found>(look: () => Found | undefined, what = 'an event'): Promise<Found> {
    const endMs = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const left = endMs - Date.now();
      if (left <= 0) throw new Error(`no ${what}; heard: ${JSON.stringify(this.heard.slice(-8))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
}

function idOf(offer: Json): string {
  return (offer['id'] as { value: string }).value;
}
