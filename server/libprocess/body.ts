import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { begin } from './respond.ts';
import { slices } from './slices.ts';

/** libprocess packs nothing smaller. */
const GZIP_BYTES_MIN = 1024;
const GZIP_LEVEL = 1;
/** What is written at once: little enough that twenty who are sent an answer do not keep others waiting. */
const GROUP_BYTES = 256 * 1024;
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
  await sent(response, parts);
  response.end();
}

/** A group of parts to a turn, as soon as the one before was taken. */
function sent(response: ServerResponse, parts: readonly Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    let at = 0;
    const next = (): void => {
      if (response.destroyed || at === parts.length) return resolve();
      let bytes = 0;
      let isTaken = true;
      response.cork();
      while (at < parts.length && bytes < GROUP_BYTES) {
        const part = parts[at++]!;
        bytes += part.length;
        isTaken = response.write(part);
      }
      response.uncork();
      if (at === parts.length) return resolve();
      if (isTaken) return slices.soon(next);
      const go = (): void => {
        response.off('drain', go).off('close', go);
        slices.soon(next);
      };
      response.on('drain', go).on('close', go);
    };
    next();
  });
}

/** Named, and not with `q=0`. */
function acceptsGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .map((coding) => coding.split(';').map((part) => part.trim()))
    .some(([coding, ...rest]) => coding === 'gzip' && !rest.some((each) => /^q\s*=\s*0(\.0*)?$/.test(each)));
}
