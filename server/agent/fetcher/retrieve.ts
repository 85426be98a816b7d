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

/** A URI as it may be shown: without the password in it. */
export function withoutSecret(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@:]*):[^/?#@]*@/i, '$1:***@');
}

async function download(uri: string, file: string, options: Options): Promise<void> {
  let url = new URL(uri);
  // The name and password of a URI are for where it leads to, and for nowhere that one sends us on to.
  const { username, password, origin } = url;
  const authorization = username === '' ? undefined : basicOf(username, password);
  for (let left = REDIRECTS_MAX; ; left--) {
    const known = url.origin === origin ? authorization : undefined;
    const { statusCode, headers, body } = await ask(url, known, options);
    const location = headers['location'];
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
      await body.dump();
      if (left === 0) throw new Error(`more than ${REDIRECTS_MAX} redirects`);
      url = new URL(location, url);
      if (!/^https?:/.test(url.href)) throw new Error(`it redirects to ${withoutSecret(url.href)}`);
      continue;
    }
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`HTTP ${statusCode}`);
    }
    const counter = new Counter();
    const written = createWriteStream(file, { flags: 'wx', mode: 0o644 });
    await pipeline(body, counter, written, { signal: options.signal }).catch((error: unknown) => {
      throw problemOf(error, url, options);
    });
    const length = headers['content-length'];
    if (typeof length === 'string' && Number(length) !== counter.bytes)
      throw new Error(`${counter.bytes} of ${length} bytes came`);
    return;
  }
}

async function ask(
  url: URL,
  authorization: string | undefined,
  options: Options,
): Promise<Awaited<ReturnType<typeof request>>> {
  const { signal, stallMs } = options;
  try {
    return await request(url.origin + url.pathname + url.search, {
      signal,
      headersTimeout: stallMs,
      bodyTimeout: stallMs,
      headers: {
        // As it lies there: what is packed is unpacked by its name, if at all.
        'accept-encoding': 'identity',
        ...(authorization === undefined ? {} : { authorization }),
      },
    });
  } catch (error) {
    throw problemOf(error, url, options);
  }
}

function basicOf(username: string, password: string): string {
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

/** What the network says, as a sentence. */
function problemOf(error: unknown, { hostname, host }: URL, { signal, stallMs }: Options): Error {
  signal.throwIfAborted();
  const { code = '', message } = error as NodeJS.ErrnoException;
  const sentence = SENTENCES[code]?.({ hostname, host, stallMs });
  return new Error(sentence === undefined ? message : `${sentence} (${code})`, { cause: error });
}

interface Where {
  readonly hostname: string;
  readonly host: string;
  readonly stallMs: number;
}

const late = ({ host, stallMs }: Where): string => `${host} sent nothing for ${stallMs / 1000} s`;
const cut = ({ host }: Where): string => `${host} broke the connection off`;
const SENTENCES: Readonly<Record<string, ((where: Where) => string) | undefined>> = {
  ENOTFOUND: ({ hostname }) => `there is no host ${hostname}`,
  EAI_AGAIN: ({ hostname }) => `the address of ${hostname} cannot be looked up now`,
  ECONNREFUSED: ({ host }) => `nothing answers at ${host}`,
  EHOSTUNREACH: ({ host }) => `there is no way to ${host}`,
  ENETUNREACH: ({ host }) => `there is no way to ${host}`,
  ECONNRESET: cut,
  UND_ERR_SOCKET: cut,
  ETIMEDOUT: late,
  UND_ERR_CONNECT_TIMEOUT: late,
  UND_ERR_HEADERS_TIMEOUT: late,
  UND_ERR_BODY_TIMEOUT: late,
};

class Counter extends Transform {
  bytes = 0;

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.bytes += chunk.length;
    done(null, chunk);
  }
}
