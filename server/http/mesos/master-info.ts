import { hostname } from 'node:os';
import type { Socket } from 'node:net';
import type { MasterInfo } from '../../../shared/mesos/v1.ts';
import { MESOS_VERSION } from '../../libprocess/models.ts';

const CAPABILITIES = [{ type: 'AGENT_UPDATE' }, { type: 'AGENT_DRAINING' }, { type: 'QUOTA_V2' }];
const LOOPBACK = '127.0.0.1';

/** Where this master says that it is reached. */
export interface Advertised {
  readonly hostname?: string | undefined;
  readonly ip?: string | undefined;
  readonly port?: number | undefined;
}

/** Where this master is: as it says, else as whoever is at the other end of a socket reached it. */
export function masterInfo(
  id: string,
  socket: Pick<Socket, 'localAddress' | 'localPort'>,
  advertised: Advertised = {},
): MasterInfo {
  const local = advertised.ip ?? (socket.localAddress ?? LOOPBACK).replace(/^::ffff:/, '');
  const ip = /^\d+\.\d+\.\d+\.\d+$/.test(local) ? local : LOOPBACK;
  const name = advertised.hostname ?? (ip.startsWith('127.') ? 'localhost' : hostname());
  const port = advertised.port ?? socket.localPort ?? 0;
  return {
    id,
    ip: ipNumber(ip),
    port,
    pid: `master@${ip}:${port}`,
    hostname: name,
    version: MESOS_VERSION,
    address: { hostname: name, ip, port },
    capabilities: CAPABILITIES,
  };
}

/** The four bytes in network order, read as a little-endian number: 127.0.0.1 → 16777343. */
export function ipNumber(ip: string): number {
  return ip.split('.').reduceRight((number, byte) => number * 256 + Number(byte), 0);
}
