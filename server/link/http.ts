import { setMaxListeners } from 'node:events';
import { Agent } from 'undici';
import type { Call, Event } from '../../shared/mesos/scheduler.ts';
import { Backoff } from './backoff.ts';
import { readError } from './errors-heard.ts';
import { CallQueue } from './call-queue.ts';
import type { FrameworkIdentity } from './identity.ts';
import { basicAuthorization, withIdentity } from './identity.ts';
import type { Link, LinkListener } from './link.ts';
import { Masters } from '../../shared/masters.ts';
import type { Door } from './subscription.ts';
import { ANSWER_MS, openSubscription, postCall, sentence } from './subscription.ts';
import type { MediaType } from './wire.ts';

/** Missed heartbeats after which a master counts as gone (75 s with Mesos's interval of 15 s). */
const HEARTBEATS_MISSED = 5;
const HEARTBEAT_SECONDS_DEFAULT = 15;
/** Until the first record tells the interval. */
const FIRST_RECORD_MS = 30_000;

/** Calls that wait for their answers at the same time, each on a connection of its own. */
const CALLS_IN_FLIGHT = 16;

/** Time, as `engine/clock.ts` has it. */
interface Waiting {
  now(): number;
  at(atMs: number, run: () => void): () => void;
}

export interface HttpLinkOptions {
  readonly masters: readonly URL[];
  readonly identity: FrameworkIdentity;
  /** The principal's, with HTTP Basic. */
  readonly secret: string | undefined;
  readonly mediaType: MediaType;
  readonly clock: Waiting;
  /** Chance in [0, 1), for the back-off. */
  readonly fraction: () => number;
  readonly callsInFlight?: number;
  readonly log: (message: string, detail?: Readonly<Record<string, unknown>>) => void;
  /** A master took the subscription. */
  readonly subscribed?: (master: URL) => void;
}

/** One subscription, from the SUBSCRIBE call to the end of its stream. */
interface Session {
  readonly abort: AbortController;
  master: URL | undefined;
  calls: CallQueue | undefined;
  framework: string | undefined;
  silenceMs: number;
  heardAtMs: number;
  subscribedAtMs: number | undefined;
  cancelTimer: (() => void) | undefined;
}

/**
 * The scheduler as a framework of a Mesos master elsewhere: one RecordIO stream of events in, calls out with its `Mesos-Stream-Id`. Whatever
 * breaks ends the subscription; after a back-off the scheduler is told that the link is up and subscribes anew with the framework id it keeps.
 */
export function httpLink(options: HttpLinkOptions, listener: LinkListener): Link {
  return new HttpLink(options, listener);
}

class HttpLink implements Link {
  private readonly options: HttpLinkOptions;
  private readonly listener: LinkListener;
  private readonly masters: Masters;
  private readonly backoff: Backoff;
  private readonly door: Door & { readonly dispatcher: Agent };
  private session: Session | undefined;
  private cancelRetry: (() => void) | undefined;
  private closed = false;

  constructor(options: HttpLinkOptions, listener: LinkListener) {
    const { principal } = options.identity;
    this.options = options;
    this.listener = listener;
    this.masters = new Masters(options.masters);
    this.backoff = new Backoff(options.fraction);
    this.door = {
      dispatcher: new Agent({ connect: { timeout: ANSWER_MS }, pipelining: 1 }),
      mediaType: options.mediaType,
      authorization:
        principal === undefined || options.secret === undefined
          ? undefined
          : basicAuthorization(principal, options.secret),
    };
  }

  start(): void {
    this.listener.link(true);
  }

  send(calls: readonly Call[]): void {
    for (const call of calls) {
      if (call.type === 'SUBSCRIBE') this.subscribe(call);
      else if (this.session?.calls && this.session.framework !== undefined)
        this.session.calls.push({ ...call, framework_id: { value: this.session.framework } });
    }
  }

  close(): void {
    this.closed = true;
    this.cancelRetry?.();
    this.endSession();
    void this.door.dispatcher.destroy();
  }

  private subscribe(call: Extract<Call, { type: 'SUBSCRIBE' }>): void {
    if (this.closed) return;
    this.cancelRetry?.();
    this.endSession();
    const session: Session = {
      abort: new AbortController(),
      master: undefined,
      calls: undefined,
      framework: undefined,
      silenceMs: FIRST_RECORD_MS,
      heardAtMs: this.options.clock.now(),
      subscribedAtMs: undefined,
      cancelTimer: undefined,
    };
    // Each call that waits for its answer listens to it.
    setMaxListeners(0, session.abort.signal);
    this.session = session;
    void this.run(session, withIdentity(call, this.options.identity));
  }

  /** Asks one master after the other until one of them streams, and reads that stream to its end. */
  private async run(session: Session, call: Call): Promise<void> {
    const { masters } = this;
    masters.begin();
    for (;;) {
      const master = masters.current;
      const opened = await openSubscription(this.door, master, call, session.abort.signal, () => {
        session.heardAtMs = this.options.clock.now();
      });
      if (this.session !== session) return;
      if (opened.kind === 'open') {
        this.opened(session, master, opened.stream);
        return this.read(session, opened.events);
      }
      if (opened.kind === 'elsewhere' && masters.follow(opened.location)) {
        this.options.log('another master leads', { asked: master.host, leader: masters.current.host });
        continue;
      }
      const why = opened.kind === 'failed' ? opened.why : `it redirects to ${opened.location ?? 'nowhere'}`;
      this.options.log('no subscription with this master', { master: master.host, why });
      if (!masters.next()) return this.lost(session, 'no master took the subscription');
    }
  }

  private opened(session: Session, master: URL, stream: string): void {
    session.master = master;
    session.heardAtMs = this.options.clock.now();
    session.calls = new CallQueue({
      inFlightMax: this.options.callsInFlight ?? CALLS_IN_FLIGHT,
      post: (call) => postCall(this.door, master, stream, call, session.abort.signal),
      refused: (call, { status, text }) => {
        this.options.log('the master refused a call', { call: call.type, status, text });
        // What it offered is ours until we say otherwise.
        const { offer_ids = [] } = call.type === 'ACCEPT' ? call.accept : {};
        if (offer_ids.length > 0 && session === this.session)
          this.send([{ type: 'DECLINE', decline: { offer_ids } }]);
      },
      broken: (why) => this.lost(session, why),
    });
    this.watchSilence(session);
  }

  private async read(session: Session, events: AsyncIterable<Event>): Promise<void> {
    let why = 'the master ended the stream';
    try {
      for await (const event of events) {
        if (this.session !== session) return;
        this.hear(session, event);
      }
    } catch (error) {
      why = `the stream broke: ${sentence(error)}`;
    }
    this.lost(session, why);
  }

  private hear(session: Session, event: Event): void {
    const { log, clock, subscribed } = this.options;
    if (event.type === 'SUBSCRIBED') {
      const { framework_id: id, heartbeat_interval_seconds: seconds } = event.subscribed;
      session.framework = id.value;
      session.subscribedAtMs = clock.now();
      session.silenceMs = HEARTBEATS_MISSED * 1000 * (seconds || HEARTBEAT_SECONDS_DEFAULT);
      this.watchSilence(session);
      log('subscribed', { master: session.master?.host, framework: id.value });
      if (session.master) subscribed?.(session.master);
    } else if (event.type === 'ERROR') this.hearError(event.error.message);
    this.listener.event(event);
  }

  private hearError(message: string): void {
    const { say, patiently } = readError(message);
    if (patiently) this.backoff.toMaximum();
    this.options.log(say, { message });
  }

  /** A master that says nothing for five heartbeats is gone, or the network to it is. */
  private watchSilence(session: Session): void {
    const { clock } = this.options;
    session.cancelTimer?.();
    session.cancelTimer = clock.at(session.heardAtMs + session.silenceMs, () => {
      const silentMs = clock.now() - session.heardAtMs;
      if (silentMs >= session.silenceMs)
        this.lost(session, `nothing heard for ${Math.round(silentMs / 1000)} s`);
      else this.watchSilence(session);
    });
  }

  private lost(session: Session, why: string): void {
    if (this.session !== session || this.closed) return;
    const { clock, log } = this.options;
    const heldMs = session.subscribedAtMs === undefined ? 0 : clock.now() - session.subscribedAtMs;
    this.endSession();
    this.listener.link(false);
    const waitMs = this.backoff.next(heldMs);
    log('the link to the master is down', { why, againInMs: waitMs });
    this.cancelRetry = clock.at(clock.now() + waitMs, () => this.listener.link(true));
  }

  private endSession(): void {
    const { session } = this;
    this.session = undefined;
    session?.cancelTimer?.();
    session?.calls?.end();
    session?.abort.abort();
  }
}
