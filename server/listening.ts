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
  /** As others reach it. Port 0: the one it listens on. */
  readonly advertised: { readonly hostname: string; readonly ip: string; readonly port: number };
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
  const ip = flags.advertise_ip ?? flags.ip;
  if (flags.advertise_ip !== undefined && isIP(ip) === 0) throw wrong('advertise_ip', ip);
  const port = flags.advertise_port === undefined ? flags.port : Number(flags.advertise_port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw wrong('advertise_port', String(port));
  const names = [flags.ip, ip, ...(flags.hostname === undefined ? [] : [flags.hostname])];
  // Others are sent to it by that name.
  if (flags.hostname === undefined && isWildcard(ip)) names.push(hostname());
  return {
    host: flags.ip,
    port: flags.port,
    hosts: [...new Set(names.map((name) => inHostHeader(name)))],
    advertised: { hostname: flags.hostname ?? ip, ip, port },
  };
}

/** Where others are sent to reach this server. @param boundPort the one it listens on */
export function reachedAt({ advertised }: Listening, boundPort: number): { hostname: string; port: number } {
  const { hostname: name, port } = advertised;
  // As Mesos calls it.
  const ours = isLoopback(name) ? 'localhost' : isWildcard(name) ? hostname() : name;
  return { hostname: ours, port: port === 0 ? boundPort : port };
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
