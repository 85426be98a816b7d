import { constants, createWriteStream } from 'node:fs';
import { copyFile, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';

const REDIRECTS_MAX = 10;

interface Options {
  readonly signal: AbortSignal;
  readonly stallMs: number;
  readonly frameworksHome: string | undefined;
}

/** Brings what a URI names into a file of this machine. @throws Error with a sentence */
export async function retrieve(uri: string, file: string, options: Options): Promise<void> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') return download(uri, file, options);
  if (scheme === 'file') return copy(fileURLToPath(uri), file);
  if (scheme !== undefined) throw new Error(`${scheme} is not spoken here: http, https and file are`);
  if (isAbsolute(uri)) return copy(uri, file);
  if (options.frameworksHome === undefined)
    throw new Error('a relative path needs an agent with --frameworks_home');
  return copy(join(options.frameworksHome, uri), file);
}

async function copy(from: string, to: string): Promise<void> {
  const info = await stat(from).catch((error: unknown) => {
    throw new Error(`there is no such file (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  });
  if (!info.isFile()) throw new Error('it is no regular file');
  await copyFile(from, to, constants.COPYFILE_FICLONE);
}

async function download(uri: string, file: string, { signal, stallMs }: Options): Promise<void> {
  let url = uri;
  for (let left = REDIRECTS_MAX; ; left--) {
    const { statusCode, headers, body } = await request(url, {
      signal,
      headersTimeout: stallMs,
      bodyTimeout: stallMs,
      // As it lies there: what is packed is unpacked by its name, if at all.
      headers: { 'accept-encoding': 'identity' },
    });
    const location = headers['location'];
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
      await body.dump();
      if (left === 0) throw new Error(`more than ${REDIRECTS_MAX} redirects`);
      url = new URL(location, url).href;
      if (!/^https?:/.test(url)) throw new Error(`it redirects to ${url}`);
      continue;
    }
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`HTTP ${statusCode}`);
    }
    const counter = new Counter();
    await pipeline(body, counter, createWriteStream(file, { flags: 'wx', mode: 0o644 }), { signal });
    const length = headers['content-length'];
    if (typeof length === 'string' && Number(length) !== counter.bytes)
      throw new Error(`${counter.bytes} of ${length} bytes came`);
    return;
  }
}

class Counter extends Transform {
  bytes = 0;

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.bytes += chunk.length;
    done(null, chunk);
  }
}
