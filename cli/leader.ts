import type { Dispatcher } from 'undici';
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
  private last: URL | undefined;

  constructor(named: readonly URL[]) {
    this.named = named;
  }

  /**
   * The answer of the leader; the last that was heard where none is found.
   * @param send to one server; called again only while none has taken the request
   * @throws what `send` throws
   */
  async ask(send: (server: URL) => Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
    const masters = new Masters(this.named, this.last);
    // One server alone is not waited for.
    let isWorthWaiting = this.named.length > 1;
    for (const endMs = performance.now() + PATIENCE_MS; ; masters.begin()) {
      const heard = await this.round(masters, send);
      if (heard.leads) return heard.response;
      isWorthWaiting ||= heard.response !== undefined;
      if (!isWorthWaiting || performance.now() >= endMs || signal?.aborted) {
        if (heard.response) return heard.response;
        throw heard.error;
      }
      await heard.response?.body.dump();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  private async round(masters: Masters, send: (server: URL) => Promise<Response>): Promise<Heard> {
    for (;;) {
      let response: Response | undefined;
      let error: unknown;
      try {
        response = await send(masters.current);
      } catch (failed) {
        if (!NEVER_ARRIVED.test((failed as NodeJS.ErrnoException).code ?? '')) throw failed;
        error = failed;
      }
      if (response && !standsBy(response)) {
        this.last = masters.current;
        return { leads: true, response };
      }
      const location = response?.statusCode === 307 ? response.headers['location'] : undefined;
      const another = masters.follow(location?.toString()) || masters.next();
      if (!another) return { leads: false, response, error };
      await response?.body.dump();
    }
  }
}

type Heard =
  | { readonly leads: true; readonly response: Response }
  | { readonly leads: false; readonly response: Response | undefined; readonly error: unknown };

/** A leader that cannot do what it is asked says 503 as well, but not when to come again. */
function standsBy({ statusCode, headers }: Response): boolean {
  return statusCode === 307 || (statusCode === 503 && headers['retry-after'] !== undefined);
}
