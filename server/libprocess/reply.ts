import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendBody } from './body.ts';
import { sendText } from './respond.ts';
import { write, type Value } from './json.ts';

/** Text in parts; they may be shared between answers. */
export type Parts = readonly Buffer[];

/** The parameters of a request's path. */
export function queryOf(request: IncomingMessage): URLSearchParams {
  const url = request.url ?? '';
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
}

/** The path without leading and doubled slashes, and without `master`. */
export function pathOf(request: IncomingMessage): string[] {
  const parts = (request.url ?? '')
    .split(/[?#]/, 1)[0]!
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
  return parts[0] === 'master' ? parts.slice(1) : parts;
}

/** The name of a function, of an element of one at most; nothing that is a program by itself. */
const CALLBACK = /^[\w$.[\]]{1,128}$/;

/** JSON; with `?jsonp=callback` as a call of that function. */
export async function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  body: Value | Parts,
): Promise<void> {
  const callback = queryOf(request).get('jsonp');
  // A page elsewhere may load a script without saying where it comes from; a browser says that much.
  if (callback !== null && request.headers['sec-fetch-site'] === 'cross-site')
    return sendText(response, 403, 'Requests from pages of a browser are refused');
  if (callback !== null && !CALLBACK.test(callback))
    return sendText(response, 400, "'jsonp' is not the name of a function");
  const parts = isParts(body) ? body : [Buffer.from(write(body))];
  if (callback === null) return sendBody(request, response, parts, 'application/json');
  const wrapped = [Buffer.from(`${callback}(`), ...parts, Buffer.from(')')];
  return sendBody(request, response, wrapped, 'text/javascript');
}

function isParts(body: Value | Parts): body is Parts {
  return Array.isArray(body) && body[0] instanceof Buffer;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
