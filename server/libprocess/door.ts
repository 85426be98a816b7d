import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { componentsOf } from './path.ts';
import { sendText, type MesosHandler } from './respond.ts';

/** First components of the paths that are Dawn's own. */
const DAWN_PATHS: ReadonlySet<string> = new Set(['v1', 'dawn']);

export interface MesosDoor {
  /** The name of the process: every route is below it as well. `master`, `slave(1)` */
  readonly process: string;
  /** By path without the leading slash: `api/v1/scheduler`. */
  readonly routes: ReadonlyMap<string, MesosHandler>;
  /** Names under which this server may be addressed besides loopback's; null: any. */
  readonly hosts: readonly string[] | null;
  /** The challenge for whoever must say who they are and does not; undefined: let in. Absent: nobody is asked. */
  readonly refused?: ((request: IncomingMessage) => string | undefined) | undefined;
  readonly log: (message: string, detail: Record<string, unknown>) => void;
}

/**
 * Mesos's paths in front of Dawn's: answers a request and says true, or leaves it alone. A path without a handler is shortened at its last slash until it has one, as
 * libprocess does; real clients depend on `/master/...`, on trailing slashes and on ids behind a path.
 *
 * Mesos answers whoever asks. Pages in a browser are kept out all the same: a request with an `Origin`, or for a host name that is not ours (a page that had its
 * name resolve to this address), is refused.
 */
export function mesosDoor({
  process,
  routes,
  hosts,
  refused,
  log,
}: MesosDoor): (request: IncomingMessage, response: ServerResponse) => boolean {
  const names = hosts && new Set(['localhost', ...hosts.map((host) => host.toLowerCase())]);
  return (request, response) => {
    const path = componentsOf(request.url ?? '');
    if (path.length === 0 || DAWN_PATHS.has(path[0] ?? '')) return false;
    if (isFromPage(request, names)) {
      sendText(response, 403, 'Requests from pages of a browser are refused');
      return true;
    }
    const challenge = refused?.(request);
    if (challenge !== undefined) {
      sendText(response, 401, undefined, { 'WWW-Authenticate': challenge });
      return true;
    }
    const handler = findRoute(routes, path[0] === process ? path.slice(1) : path);
    if (!handler) {
      sendText(response, 404);
      return true;
    }
    answer(handler, request, response, log);
    return true;
  };
}

/** A fault of ours is a 500 and a line in the log, never an unanswered request. */
function answer(
  handler: MesosHandler,
  request: IncomingMessage,
  response: ServerResponse,
  log: MesosDoor['log'],
): void {
  void (async () => {
    try {
      await handler(request, response);
    } catch (error) {
      const stack = error instanceof Error ? error.stack : String(error);
      log('request failed', { method: request.method, url: request.url, stack });
      if (response.headersSent) response.destroy();
      else sendText(response, 500);
    }
  })();
}

function findRoute(
  routes: ReadonlyMap<string, MesosHandler>,
  path: readonly string[],
): MesosHandler | undefined {
  for (let length = path.length; length > 0; length--) {
    const handler = routes.get(path.slice(0, length).join('/'));
    if (handler) return handler;
  }
  return undefined;
}

function isFromPage({ headers }: IncomingMessage, names: ReadonlySet<string> | null): boolean {
  if (headers.origin !== undefined) return true;
  if (headers.host === undefined || names === null) return false;
  const host = headers.host.replace(/:\d+$/, '').toLowerCase();
  // A number is nobody's name: it cannot be made to resolve to somewhere else.
  return isIP(host.replace(/^\[|\]$/g, '')) === 0 && !names.has(host);
}
