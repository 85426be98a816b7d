import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** A framework that accepts many offers at once, or an operator's schedule of thousands of machines. */
const BODY_BYTES_MAX = 32 * 1024 * 1024;

export type MesosHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Mesos's texts are plain; its own words for a status are `404 Not Found.` */
export function sendText(
  response: ServerResponse,
  status: number,
  text = `${status} ${STATUS_CODES[status] ?? ''}.`,
  headers: Readonly<Record<string, string>> = {},
): void {
  const length = String(Buffer.byteLength(text));
  begin(response);
  response
    .writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': length })
    .end(text);
}

/** A status that says it all: no body, and so no type of one. */
export function sendEmpty(response: ServerResponse, status: number): void {
  begin(response);
  response.writeHead(status, { 'Content-Length': '0' }).end();
}

/** Mesos keeps connections open without saying so: no `Connection`, no `Keep-Alive`. */
export function begin(response: ServerResponse): void {
  response.removeHeader('connection');
}

/** True when it was refused: another method than these, with `Allow`. */
export function refusedMethod(
  request: IncomingMessage,
  response: ServerResponse,
  allowed: readonly string[],
): boolean {
  const { method = '' } = request;
  if (allowed.includes(method)) return false;
  const list = allowed.map((each) => `'${each}'`).join(', ');
  const text = `405 Method Not Allowed. Expecting one of { ${list} }, but received '${method}'.`;
  sendText(response, 405, text, { Allow: allowed.join(', ') });
  return true;
}

/** The whole body, unpacked if it came packed; undefined when it was refused (the answer is out) or never came whole. */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) {
        sendText(response, 413);
        return undefined;
      }
      chunks.push(chunk);
    }
  } catch {
    // The client went away in the middle.
    return undefined;
  }
  const body = Buffer.concat(chunks);
  if (request.headers['content-encoding'] !== 'gzip') return body;
  try {
    return gunzipSync(body, { maxOutputLength: BODY_BYTES_MAX });
  } catch {
    sendText(response, 400, 'Failed to decompress the body');
    return undefined;
  }
}
