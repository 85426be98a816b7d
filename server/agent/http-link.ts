import { Agent, type Dispatcher, request } from 'undici';
import type { AgentCall, AgentEvent } from '../../shared/mesos/agent.ts';
import { AGENT_PATH } from '../../shared/mesos/agent.ts';
import { Masters } from '../../shared/masters.ts';
import { RecordDecoder } from '../../shared/mesos/recordio.ts';
import type { MasterLink, MasterLinkHandler } from './master-link.ts';

const ANSWER_MS = 10_000;
const RETRY_MS_MIN = 200;
const RETRY_MS_MAX = 5_000;
/** The master pings every 15 s; five missed pings are a lost connection on our side too. */
const SILENCE_MS = 75_000;

/** How an attempt to subscribe ended: there was a stream, which is over; another master leads; or there was none. */
type Ended =
  | { readonly kind: 'over' }
  | { readonly kind: 'elsewhere'; readonly location: string | undefined }
  | { readonly kind: 'failed' };

/**
 * Speaks to the master that leads over HTTP: one RecordIO stream of events in, calls out. Tries for ever, with jitter, never more than 5 s apart: the master that led
 * last, each that was named, and wherever one that does not lead sends it on to, always with the same credential.
 * @param authorization who this is, for a master that asks
 */
export function httpLink(
  named: readonly URL[],
  authorization: string | undefined,
  log: (message: string, detail?: Readonly<Record<string, unknown>>) => void,
): MasterLink {
  const masters = new Masters(named);
  const dispatcher = new Agent({ connect: { timeout: ANSWER_MS }, pipelining: 1, connections: 8 });
  const closing = new AbortController();
  const headers = {
    'content-type': 'application/json',
    ...(authorization === undefined ? {} : { authorization }),
  };
  const inFlight = new Set<Promise<void>>();
  let stream: string | undefined;

  const post = (call: AgentCall): Promise<void> =>
    request(new URL(AGENT_PATH, masters.current), {
      method: 'POST',
      dispatcher,
      headers: { ...headers, 'mesos-stream-id': stream ?? '' },
      body: JSON.stringify(call),
      headersTimeout: ANSWER_MS,
      bodyTimeout: ANSWER_MS,
    }).then(
      ({ body }) => body.dump(),
      (error: unknown) =>
        log('a call to the master was lost; it is repeated', { call: call.type, error: String(error) }),
    );

  const subscribeOnce = async (call: AgentCall, handler: MasterLinkHandler): Promise<Ended> => {
    const master = masters.current.host;
    const failed = (error: string): Ended => {
      if (!closing.signal.aborted) log('no subscription with the master', { master, error });
      return { kind: 'failed' };
    };
    try {
      const response = await request(new URL(AGENT_PATH, masters.current), {
        method: 'POST',
        dispatcher,
        headers: { ...headers, accept: 'application/json' },
        body: JSON.stringify(call),
        signal: closing.signal,
        headersTimeout: ANSWER_MS,
        bodyTimeout: SILENCE_MS,
      });
      if (response.statusCode === 307) {
        await response.body.dump();
        return { kind: 'elsewhere', location: response.headers['location']?.toString() };
      }
      if (response.statusCode !== 200) return failed(await refusal(response));
      stream = String(response.headers['mesos-stream-id'] ?? '');
      const decoder = new RecordDecoder();
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        const decoded = decoder.push(chunk);
        if (!decoded.ok) throw new Error(decoded.message);
        for (const record of decoded.records) handler.onEvent(JSON.parse(record) as AgentEvent);
      }
    } catch (error) {
      const ended = failed((error as Error).message);
      if (stream === undefined) return ended;
    }
    return { kind: 'over' };
  };

  /** One master after the other, until there was a stream or all had their turn. */
  const subscribe = async (call: () => AgentCall, handler: MasterLinkHandler): Promise<void> => {
    masters.begin();
    while (!closing.signal.aborted) {
      const ended = await subscribeOnce(call(), handler);
      if (ended.kind === 'over') return;
      if (ended.kind === 'elsewhere' && masters.follow(ended.location)) {
        log('another master leads', { leader: masters.current.host });
        continue;
      }
      if (!masters.next()) return;
    }
  };

  const loop = async (call: () => AgentCall, handler: MasterLinkHandler): Promise<void> => {
    let waitMs = RETRY_MS_MIN;
    while (!closing.signal.aborted) {
      const begunMs = performance.now();
      await subscribe(call, handler);
      stream = undefined;
      handler.onDown();
      if (performance.now() - begunMs > RETRY_MS_MAX) waitMs = RETRY_MS_MIN;
      await pause(waitMs * (0.5 + Math.random()), closing.signal);
      waitMs = Math.min(waitMs * 2, RETRY_MS_MAX);
    }
  };

  return {
    start: (call, handler) => void loop(call, handler),
    send(call) {
      if (stream === undefined) return;
      const sent = post(call).finally(() => inFlight.delete(sent));
      inFlight.add(sent);
    },
    async close() {
      await Promise.race([Promise.allSettled(inFlight), pause(2_000, undefined)]);
      closing.abort();
      await dispatcher.destroy();
    },
  };
}

async function refusal({ statusCode, body }: Dispatcher.ResponseData): Promise<string> {
  const text = (await body.text()).slice(0, 500);
  const hint =
    statusCode === 401 ? '; it asks who this is: name a principal and its secret with --credential' : '';
  return `the master answered ${statusCode}: ${text}${hint}`;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
