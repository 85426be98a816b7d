import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { DawnError } from '../../shared/errors.ts';
import type { InstanceRange, JobKey } from '../../shared/ids.ts';
import { parseJobKey, parseRanges } from '../../shared/ids.ts';
import { nearest } from '../../shared/suggest.ts';
import type { Client } from '../client.ts';
import { createClient } from '../client.ts';
import { readCredential } from '../credential.ts';
import { localClusters } from '../local/state.ts';
import { durationMs } from '../output/units.ts';
import type { Io } from './io.ts';

const DEFAULT_URL = 'http://127.0.0.1:5050';

/** What every command of a cluster needs. */
export interface Context {
  readonly io: Io;
  readonly client: Client;
  readonly url: string;
  /** Aborted when the command's own time is up or the person pressed Ctrl-C. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** What every command takes. */
export interface GlobalOptions {
  readonly cluster?: string;
  readonly user?: string;
  readonly credential?: string;
}

/** @throws DawnError */
export function authorizationOf({ credential }: GlobalOptions, io: Io): string | undefined {
  return readCredential(credential ?? io.env['DAWN_CREDENTIAL']);
}

export function contextOf(command: Command, io: Io): Context {
  const options = command.optsWithGlobals<GlobalOptions & { timeout: string }>();
  const url = clusterUrl(options.cluster ?? io.env['DAWN_CLUSTER']);
  const timeoutMs = durationMs(options.timeout);
  if (timeoutMs === undefined || timeoutMs === 0) {
    throw new DawnError({
      code: 'invalid_parameter',
      message: `--timeout ${options.timeout} is no duration`,
      hint: 'write it as 30s, 5m or 1h',
    });
  }
  const authorization = authorizationOf(options, io);
  const client = createClient({ url, user: options.user ?? userName(), authorization, from: 'cli' });
  return { io, client, url, signal: io.interrupted, timeoutMs };
}

/** The given URLs, else the local cluster that runs, else where a server listens by default. */
export function clusterUrl(given: string | undefined): string {
  if (given === undefined) return localClusters()[0]?.url ?? DEFAULT_URL;
  return given.split(',').map(originOf).join(',');
}

function originOf(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '')
    return url.origin;
  throw new DawnError({
    code: 'invalid_parameter',
    message: `${given} is no URL of a cluster`,
    hint: `write it as ${DEFAULT_URL}`,
  });
}

export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

/** `role/env/name`, for routes and messages. */
export function keyArgument(text: string): JobKey {
  const key = parseJobKey(text);
  if (key) return key;
  throw new DawnError({
    code: 'invalid_parameter',
    message: `${text} is no job key`,
    hint: 'a key is ROLE/ENVIRONMENT/NAME, e.g. www-data/prod/hello',
  });
}

/** `role/env/name` or `role/env/name/0-2,5`, as Aurora writes instances. */
export function instancesArgument(text: string): { key: JobKey; only: readonly InstanceRange[] | undefined } {
  const [role, environment, name, ranges, ...rest] = text.split('/');
  const key = keyArgument([role, environment, name].join('/'));
  if (ranges === undefined) return { key, only: undefined };
  const only = rest.length === 0 ? parseRanges(ranges) : undefined;
  if (only) return { key, only };
  throw new DawnError({
    code: 'invalid_parameter',
    message: `${ranges} names no instances`,
    hint: `write them as ${key}/0-2,5`,
  });
}

/** Turns `not found` about a job into one that names what was probably meant. */
export async function withSuggestion<Value>(
  context: Context,
  key: JobKey,
  call: Promise<Value>,
): Promise<Value> {
  try {
    return await call;
  } catch (error) {
    if (
      !(error instanceof DawnError) ||
      error.code !== 'not_found' ||
      error.hint?.startsWith('did you mean') === true
    )
      throw error;
    const known = await context.client.call('job.list', {}).then(
      ({ jobs }) => jobs.map((job) => job.key),
      () => [],
    );
    const meant = nearest(key, known);
    throw new DawnError({
      ...error.refusal,
      hint: meant === undefined ? (error.hint ?? 'list them with `dawn job list`') : `did you mean ${meant}?`,
    });
  }
}
