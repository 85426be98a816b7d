import { randomUUID } from 'node:crypto';
import { chmod, constants, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import type { CommandUri } from '../../../shared/mesos/v1.ts';
import type { Fetch } from '../prepare.ts';
import { FetchCache } from './cache.ts';
import { extract } from './extract.ts';
import { makeBelow } from './place.ts';
import { retrieve, withoutSecret } from './retrieve.ts';

export interface FetcherOptions {
  readonly workDir: string;
  /** Mesos's fetcher_cache_size; 0 keeps nothing. */
  readonly cacheBytesMax: number;
  /** Mesos's fetcher_stall_timeout: without a byte for so long, a download has failed. */
  readonly stallMs: number;
  /** What relative paths begin at. */
  readonly frameworksHome: string | undefined;
}

/**
 * Puts what a command's URIs say into its sandbox, one after another, before it starts. What is cached is fetched once for all who ask. The cache is empty when an agent
 * starts, as Mesos's is: nobody knows what an earlier life left half-done.
 */
export async function openFetcher(options: FetcherOptions): Promise<Fetch> {
  const { workDir, cacheBytesMax, stallMs, frameworksHome } = options;
  const directory = join(workDir, 'fetch');
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const cache = new FetchCache(directory, cacheBytesMax, (uri, file, signal) =>
    retrieve(uri, file, { signal, stallMs, frameworksHome }),
  );
  return async (uris, sandbox, signal, user) => {
    for (const uri of uris) {
      try {
        await fetchOne(uri, sandbox, cache, signal, user);
      } catch (error) {
        signal.throwIfAborted();
        throw new Error(`Failed to fetch ${withoutSecret(uri.value)}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  };
}

async function fetchOne(
  uri: CommandUri,
  sandbox: string,
  cache: FetchCache,
  signal: AbortSignal,
  user: string | undefined,
): Promise<void> {
  const names = nameOf(uri).split('/');
  const beside = await makeBelow(sandbox, names.slice(0, -1));
  const target = join(beside, names.at(-1) ?? '');
  // Under another name until it is whole: a sandbox holds nothing that is cut off. It is a name that no archive knows, so nothing of theirs is written through.
  const partial = join(beside, `.${randomUUID()}.fetching`);
  try {
    await cache.use({ uri: uri.value, user }, uri.cache === true, signal, (file) =>
      copyFile(file, partial, constants.COPYFILE_EXCL),
    );
    if (uri.executable === true) await chmod(partial, 0o755);
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
  if (uri.executable !== true && uri.extract !== false) await extract(target, sandbox, signal);
}

/** Below the sandbox: what the URI says, or the last part of its path. @throws Error */
function nameOf({ value, output_file: wanted }: CommandUri): string {
  if (wanted !== undefined) {
    const path = normalize(wanted);
    if (path.startsWith('/') || path.startsWith('..') || path === '.' || path.endsWith('/'))
      throw new Error(`output_file ${wanted} is no path below the sandbox`);
    return path;
  }
  const path = URL.canParse(value) ? new URL(value).pathname : value;
  const name = decoded(path.split('/').at(-1) ?? '');
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0'))
    throw new Error('its path does not end with the name of a file; say output_file');
  return name;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
