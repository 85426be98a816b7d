/** The other side of `frameworks.ts`: frameworks in a process of their own, so that they take no time from the master's. */
import { Pool } from 'undici';
import type { Offer } from '../../shared/mesos/v1.ts';
import type { Call, Event } from '../../shared/mesos/scheduler.ts';
import { RecordDecoder } from '../../shared/mesos/recordio.ts';
import { type MediaType, decodeMessage, encodeMessage } from '../../shared/mesos/wire/codec.ts';

export type Work =
  | { readonly kind: 'subscribe'; readonly url: string; readonly frameworks: number }
  | { readonly kind: 'tasks'; readonly url: string; readonly type: MediaType; readonly tasks: number }
  | { readonly kind: 'bare'; readonly url: string; readonly requests: number; readonly inFlight: number };

/** Milliseconds; what was not asked for is zero or empty. */
export interface Findings {
  readonly latencies: readonly number[];
  readonly runningMs: number;
  readonly doneMs: number;
  readonly calls: number;
}

const NOTHING: Findings = { latencies: [], runningMs: 0, doneMs: 0, calls: 0 };
const RECORD_MAX = 64 * 1024 * 1024;
const IN_FLIGHT = 32;
const TASKS_PER_ACCEPT = 50;

class Framework {
  calls = 0;
  private readonly pool: Pool;
  private readonly type: MediaType;
  private id = '';
  private stream = '';

  constructor(url: string, type: MediaType, connections: number) {
    // One connection is the subscription's.
    this.pool = new Pool(url, { connections: connections + 1, bodyTimeout: 0 });
    this.type = type;
  }

  /** Goes on for as long as the process lives. */
  async subscribe(name: string, onEvent: (event: Event) => void): Promise<void> {
    const framework_info = { user: 'u', name, roles: [name], capabilities: [{ type: 'MULTI_ROLE' }] };
    const response = await this.post({ type: 'SUBSCRIBE', subscribe: { framework_info } });
    this.stream = String(response.headers['mesos-stream-id']);
    const decoder = new RecordDecoder(RECORD_MAX);
    for await (const chunk of response.body) {
      const decoded = decoder.pushBytes(chunk as Buffer);
      if (!decoded.ok) throw new Error(decoded.message);
      for (const record of decoded.records) {
        const event = this.read(record);
        if (event.type === 'SUBSCRIBED') this.id = event.subscribed.framework_id.value;
        onEvent(event);
      }
    }
    throw new Error(`${name}: the stream ended`);
  }

  async call(call: Call): Promise<void> {
    this.calls += 1;
    const { statusCode, body } = await this.post({ framework_id: { value: this.id }, ...call });
    const text = await body.text();
    if (statusCode !== 202) throw new Error(`${call.type}: ${statusCode} ${text}`);
  }

  private read(record: Buffer): Event {
    if (this.type === 'application/json') return JSON.parse(record.toString()) as Event;
    const decoded = decodeMessage('mesos.v1.scheduler.Event', this.type, record);
    if (!decoded.ok) throw new Error(decoded.problem);
    return decoded.message as unknown as Event;
  }

  private post(call: object) {
    const headers = {
      'content-type': this.type,
      accept: this.type,
      ...(this.stream === '' ? {} : { 'mesos-stream-id': this.stream }),
    };
    const body =
      this.type === 'application/json'
        ? JSON.stringify(call)
        : encodeMessage('mesos.v1.scheduler.Call', this.type, call);
    return this.pool.request({ method: 'POST', path: '/api/v1/scheduler', headers, body });
  }
}

async function subscribeAll({ url, frameworks }: Extract<Work, { kind: 'subscribe' }>): Promise<Findings> {
  const first = (name: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const framework = new Framework(url, 'application/json', 1);
      const begun = performance.now();
      const decline = (event: Event): void => {
        if (event.type !== 'OFFERS') return;
        resolve(performance.now() - begun);
        const offer_ids = event.offers.offers.map(({ id }) => id);
        framework
          .call({ type: 'DECLINE', decline: { offer_ids, filters: { refuse_seconds: 600 } } })
          .catch(reject);
      };
      framework.subscribe(name, decline).catch(reject);
    });
  return {
    ...NOTHING,
    latencies: await Promise.all(Array.from({ length: frameworks }, (_, at) => first(`f${at}`))),
  };
}

/** Takes what it is offered until every task is launched; every status is acknowledged. */
async function runTasks({ url, type, tasks }: Extract<Work, { kind: 'tasks' }>): Promise<Findings> {
  const framework = new Framework(url, type, IN_FLIGHT);
  const begun = performance.now();
  let [launched, running, acknowledged, runningMs] = [0, 0, 0, 0];
  const accept = (offer: Offer): void => {
    const infos = Array.from({ length: Math.min(TASKS_PER_ACCEPT, tasks - launched) }, () =>
      task(launched++, offer),
    );
    if (infos.length === 0) return;
    const operations = [{ type: 'LAUNCH', launch: { task_infos: infos } } as const];
    void framework.call({
      type: 'ACCEPT',
      accept: { offer_ids: [offer.id], operations, filters: { refuse_seconds: 0 } },
    });
  };
  await new Promise<void>((resolve, reject) => {
    const onEvent = (event: Event): void => {
      if (event.type === 'OFFERS') event.offers.offers.forEach(accept);
      if (event.type !== 'UPDATE') return;
      const { task_id, agent_id, uuid, state } = event.update.status;
      if (state === 'TASK_RUNNING' && (running += 1) === tasks) runningMs = performance.now() - begun;
      if (uuid === undefined || !agent_id) return;
      const heard = framework.call({ type: 'ACKNOWLEDGE', acknowledge: { task_id, agent_id, uuid } });
      heard.then(() => state === 'TASK_RUNNING' && (acknowledged += 1) === tasks && resolve(), reject);
    };
    framework.subscribe('tasks', onEvent).catch(reject);
  });
  return { ...NOTHING, runningMs, doneMs: performance.now() - begun, calls: framework.calls };
}

function task(number: number, offer: Offer) {
  const id = `task-${number}`;
  const scalar = (name: string, value: number) => ({ name, type: 'SCALAR', scalar: { value } }) as const;
  return {
    name: id,
    task_id: { value: id },
    agent_id: offer.agent_id,
    command: { value: 'sleep 100' },
    resources: [scalar('cpus', 0.1), scalar('mem', 32)],
  };
}

async function bare({ url, requests, inFlight }: Extract<Work, { kind: 'bare' }>): Promise<Findings> {
  const pool = new Pool(url, { connections: inFlight });
  const body = JSON.stringify({ type: 'ACKNOWLEDGE', acknowledge: { task_id: { value: 'task-1' } } });
  const begun = performance.now();
  const latencies = await Promise.all(
    Array.from({ length: requests }, async () => {
      const at = performance.now();
      await (await pool.request({ method: 'POST', path: '/', body })).body.dump();
      return performance.now() - at;
    }),
  );
  return { ...NOTHING, latencies, doneMs: performance.now() - begun };
}

process.once('message', (message) => {
  const work = message as Work;
  const found =
    work.kind === 'subscribe' ? subscribeAll(work) : work.kind === 'tasks' ? runTasks(work) : bare(work);
  void found.then((findings) => process.send?.(findings));
});
