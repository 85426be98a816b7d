import type { Dispatcher } from 'undici';
import { DawnError } from '../shared/errors.ts';
import { Masters } from '../shared/masters.ts';

/** How long a command waits for another server to lead: what did not reach a leader was not done, and can be asked again. */
const PATIENCE_MS = 5_000;
const AGAIN_MS = 200;

/** Nothing of the request arrived. */
const NEVER_ARRIVED =
  /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/;

type Response = Dispatcher.ResponseData;

/** Of the servers of a cluster the one that leads: the one that did last, those that were named, or where one that stands by sends us on to. No other place is asked. */
export class Leader {
  private readonly named: readonly URL[];
  private readonly patienceMs: number;
  private last: URL | undefined;

  /** @param timeoutMs nobody is waited for longer than this */
  constructor(named: readonly URL[], timeoutMs: number) {
    this.named = named;
    this.patienceMs = Math.min(PATIENCE_MS, timeoutMs);
  }

  /**
   * The answer of the leader; where there is none, of the last that said so.
   * @param send to one server; called again only while none has taken the request
   * @throws DawnError where they name a leader that does not answer; what `send` throws
   */
  async ask(send: (server: URL) => Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
    const masters = new Masters(this.named, this.last);
    // One server alone is not waited for.
    let isWorthWaiting = this.named.length > 1;
    for (const endMs = performance.now() + this.patienceMs; ; masters.begin()) {
      const heard = await this.round(masters, send);
      if (heard.leads) return heard.response;
      isWorthWaiting ||= heard.leader !== undefined || heard.response !== undefined;
      if (!isWorthWaiting || performance.now() >= endMs || signal?.aborted) {
        if (heard.response) return heard.response;
        throw heard.leader === undefined ? heard.error : silent(heard.leader);
      }
      await heard.response?.body.dump();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  private async round(masters: Masters, send: (server: URL) => Promise<Response>): Promise<Heard> {
    const heard: { response?: Response; error?: unknown; leader?: string } = {};
    for (let sentOn = true; sentOn || masters.next();) {
      sentOn = false;
      let response: Response;
      try {
        response = await send(masters.current);
      } catch (error) {
        if (!NEVER_ARRIVED.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
        heard.error = error;
        continue;
      }
      if (response.statusCode !== 307) await heard.response?.body.dump();
      if (!standsBy(response)) {
        this.last = masters.current;
        return { leads: true, response };
      }
      if (response.statusCode !== 307) heard.response = response;
      else {
        await response.body.dump();
        const location = response.headers['location']?.toString();
        heard.leader = `${masters.current.host} names ${location ?? 'nobody'}`;
        sentOn = masters.follow(location);
      }
    }
    return { leads: false, ...heard };
  }
}

type Heard =
  | { readonly leads: true; readonly response: Response }
  | {
      readonly leads: false;
      /** Of one that knows no leader. */
      readonly response?: Response;
      readonly error?: unknown;
      /** Who it is that leads, and who says so. */
      readonly leader?: string;
    };

function silent(leader: string): DawnError {
  return new DawnError({
    code: 'unavailable',
    message: `the leader does not answer (${leader})`,
    hint: 'try again in a moment, or name all servers of the cluster: --cluster URL,URL',
  });
}

/** A leader that cannot do what it is asked says 503 as well, but not when to come again. */
function standsBy({ statusCode, headers }: Response): boolean {
  return statusCode === 307 || (statusCode === 503 && headers['retry-after'] !== undefined);
}
