/** Where a server listens, and under which names it may be addressed. */
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { DawnError } from '../shared/errors.ts';

export interface ListeningFlags {
  readonly ip: string;
  readonly port: number;
  readonly hostname: string | undefined;
  readonly advertise_ip: string | undefined;
  readonly advertise_port: string | undefined;
  readonly insecure_bind: boolean;
}

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** `Host` headers that are answered, besides loopback's. */
  readonly hosts: readonly string[];
  /** Where it says that others reach it; what is not set is as it listens. */
  readonly advertised: {
    readonly hostname: string | undefined;
    readonly ip: string | undefined;
    readonly port: number | undefined;
  };
}

/** @throws DawnError where others could reach a server that asks nobody who they are */
export function listeningOf(flags: ListeningFlags, asksEverybody: boolean): Listening {
  if (!isLoopback(flags.ip) && !asksEverybody && !flags.insecure_bind) {
    throw new DawnError({
      code: 'invalid_parameter',
      message: `${flags.ip} can be reached by others, and this server asks nobody who they are`,
      hint: 'listen on 127.0.0.1, switch on all of --authenticate_agents, --authenticate_http_frameworks, _readonly and _readwrite, or add --insecure-bind if the network itself is trusted',
    });
  }
  const { hostname: name, advertise_ip: ip } = flags;
  if (ip !== undefined && isIP(ip) === 0) throw wrong('advertise_ip', ip);
  const port = flags.advertise_port === undefined ? undefined : Number(flags.advertise_port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port <= 65535))
    throw wrong('advertise_port', String(flags.advertise_port));
  const advertised = { hostname: name, ip, port };
  const reached = reachedAt({ host: flags.ip, advertised }, flags.port);
  const names = [flags.ip, ip, reached.hostname].filter((each) => each !== undefined);
  return {
    host: flags.ip,
    port: flags.port,
    hosts: [...new Set(names.map(inHostHeader))],
    advertised,
  };
}

/** Where others are sent to reach this server. @param boundPort the one it listens on */
export function reachedAt(
  { host, advertised }: Pick<Listening, 'host' | 'advertised'>,
  boundPort: number,
): { readonly hostname: string; readonly port: number } {
  const name = advertised.hostname ?? advertised.ip ?? (isWildcard(host) ? hostname() : host);
  // As Mesos calls it.
  return { hostname: name === '127.0.0.1' ? 'localhost' : name, port: advertised.port ?? boundPort };
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function inHostHeader(name: string): string {
  return (isIP(name) === 6 ? `[${name}]` : name).toLowerCase();
}

function wrong(flag: string, value: string): DawnError {
  return new DawnError({ code: 'invalid_parameter', message: `--${flag} ${value} is not understood` });
}
