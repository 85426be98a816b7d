import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { begin } from './respond.ts';

/** libprocess packs nothing smaller. */
const GZIP_BYTES_MIN = 1024;
const GZIP_LEVEL = 1;
const pack = promisify(gzip);

/** Sends a body that is in parts, packed if the client allows. Parts may be shared with other answers: they are written as they stand, and no faster than they are read. */
export async function sendBody(
  request: IncomingMessage,
  response: ServerResponse,
  parts: readonly Buffer[],
  contentType: string,
): Promise<void> {
  begin(response);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length >= GZIP_BYTES_MIN && acceptsGzip(request.headers['accept-encoding'])) {
    const packed = await pack(Buffer.concat(parts as Buffer[]), { level: GZIP_LEVEL });
    response
      .writeHead(200, {
        'Content-Encoding': 'gzip',
        'Content-Length': String(packed.length),
        'Content-Type': contentType,
      })
      .end(packed);
    return;
  }
  response.writeHead(200, { 'Content-Length': String(length), 'Content-Type': contentType });
  if (request.method === 'HEAD') return void response.end();
  for (const part of parts) {
    if (response.destroyed) return;
    if (!response.write(part)) await drained(response);
  }
  response.end();
}

/** Named, and not with `q=0`. */
function acceptsGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .map((coding) => coding.split(';').map((part) => part.trim()))
    .some(([coding, ...rest]) => coding === 'gzip' && !rest.some((each) => /^q\s*=\s*0(\.0*)?$/.test(each)));
}

/** Or gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
