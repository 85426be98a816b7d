import Docker from 'dockerode';
import { DawnError } from '../../../shared/errors.ts';

type Version = readonly [number, number];
/** API versions that this agent knows: Docker 20.10 to 28. */
const OLDEST: Version = [1, 41];
const NEWEST: Version = [1, 51];
const PROBE_MS = 5_000;
/** Every call has a deadline: a stopped engine would hang for ever. Creating waits for disk, so it has the longest. */
const CALL_MS = 30_000;

/** An engine with two ways in: `calls` with a deadline each, `streams` without (events, logs, pulls, which end by their signal). */
export interface Engine {
  readonly calls: Docker;
  readonly streams: Docker;
  readonly version: string;
  readonly name: string;
  readonly cpus: number;
  readonly memoryBytes: number;
}

export interface EngineAddress {
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
}

/** `unix:///path`, `tcp://host:port` → where the engine is. @throws DawnError for anything else. */
export function parseAddress(text: string): EngineAddress {
  const unix = /^unix:\/\/(\/.+)$/.exec(text);
  if (unix?.[1]) return { socketPath: unix[1] };
  const tcp = /^tcp:\/\/([^/:]+):(\d+)$/.exec(text);
  if (tcp?.[1]) return { host: tcp[1], port: Number(tcp[2]) };
  throw new DawnError({
    code: 'invalid_parameter',
    message: `${text} is no address of a Docker engine`,
    hint: 'write unix:///path/to/docker.sock or tcp://host:port; for ssh, forward the socket with `ssh -L`',
  });
}

/** Connects and agrees on an API version. @throws when no engine answers, or only with versions that we do not speak. */
export async function connectEngine(address: EngineAddress): Promise<Engine> {
  // Named fields beat DOCKER_HOST, which dockerode would otherwise prefer to what it was told.
  const base: Docker.DockerOptions = {
    socketPath: undefined,
    host: undefined,
    port: undefined,
    protocol: address.socketPath === undefined ? 'http' : undefined,
    ...address,
  } as Docker.DockerOptions;
  const probe = new Docker({ ...base, timeout: PROBE_MS });
  const answer = (await probe.version()) as { ApiVersion: string; MinAPIVersion?: string; Version: string };
  const [most, least] = [parse(answer.ApiVersion), parse(answer.MinAPIVersion ?? '1.12')];
  const use = compare(most, NEWEST) < 0 ? most : NEWEST;
  if (compare(use, OLDEST) < 0 || compare(use, least) < 0) {
    throw new Error(
      `the engine speaks API ${least.join('.')} to ${most.join('.')}; this agent speaks ${OLDEST.join('.')} to ${NEWEST.join('.')}`,
    );
  }
  const version = `v${use.join('.')}`;
  const calls = new Docker({ ...base, version, timeout: CALL_MS });
  const info = (await calls.info()) as { Name?: string; NCPU?: number; MemTotal?: number };
  return {
    calls,
    streams: new Docker({ ...base, version }),
    version: answer.Version,
    name: info.Name ?? '',
    cpus: info.NCPU ?? 1,
    memoryBytes: info.MemTotal ?? 0,
  };
}

/** The status code of an engine's refusal, if that is what the error is. */
export function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}

/** What the engine said, without dockerode's wrapping. */
export function sentence(error: unknown): string {
  const { json, message } = error as { json?: { message?: string }; message?: string };
  return (json?.message ?? message ?? String(error)).replace(/^\(HTTP code \d+\) [^-]*- /, '').trim();
}

function parse(text: string): Version {
  const [major = 0, minor = 0] = text.split('.').map(Number);
  return [major, minor];
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1];
}
