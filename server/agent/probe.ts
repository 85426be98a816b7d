import { connect } from 'node:net';
import { request } from 'undici';
import type { CheckStatusInfo, HealthCheck, TaskInfo } from '../../shared/mesos/v1.ts';
import type { Containerizer, Run } from './containerizer.ts';

/** Where the ports of a task on this machine are; checks go nowhere else. */
const OWN_ADDRESS = '127.0.0.1';

/** What is looked at, for a health check and for a check alike. */
export type Probed = Pick<HealthCheck, 'type' | 'command' | 'http' | 'tcp'>;

/** What was seen. */
interface Observation {
  /** A sentence; null when all is well. */
  readonly wrong: string | null;
  /** As a check tells it; empty where there was no answer. */
  readonly status: Omit<CheckStatusInfo, 'type'>;
}

/** Looks once; never rejects. */
export async function probe(
  { id, task }: Run,
  { type, command, http, tcp }: Probed,
  timeoutMs: number,
  containerizer: Pick<Containerizer, 'exec'>,
): Promise<Observation> {
  try {
    if (type === 'COMMAND' && command) {
      const { wrong, exit } = await containerizer.exec(id, command, timeoutMs);
      return { wrong, status: { command: exit === undefined ? {} : { exit_code: exit } } };
    }
    if (type === 'HTTP' && http)
      return await probeHttp({ ...http, port: portHere(task, http.port) }, timeoutMs);
    if (type === 'TCP' && tcp) {
      const wrong = await probeTcp(portHere(task, tcp.port), timeoutMs);
      return { wrong, status: { tcp: { succeeded: wrong === null } } };
    }
    return { wrong: 'the health check is incomplete', status: {} };
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    const wrong = late
      ? `no answer within ${timeoutMs / 1000} s`
      : String((error as NodeJS.ErrnoException).code ?? (error as Error).message);
    return { wrong, status: type === 'HTTP' ? { http: {} } : { command: {} } };
  }
}

/** Mesos looks from inside of the container. From outside, a port of a network of its own is where it is mapped to; who names that port right away means it. */
function portHere({ container }: TaskInfo, port: number): number {
  const mapped = container?.docker?.port_mappings?.find(({ container_port }) => container_port === port);
  return mapped?.host_port ?? port;
}

async function probeHttp(
  { port, path, statuses }: NonNullable<HealthCheck['http']>,
  timeoutMs: number,
): Promise<Observation> {
  const response = await request(`http://${OWN_ADDRESS}:${port}${path ?? '/'}`, {
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.body.dump({ limit: 64 * 1024 });
  const good =
    statuses && statuses.length > 0
      ? statuses.includes(response.statusCode)
      : response.statusCode >= 200 && response.statusCode < 400;
  return {
    wrong: good ? null : `HTTP ${response.statusCode} from ${path ?? '/'}`,
    status: { http: { status_code: response.statusCode } },
  };
}

function probeTcp(port: number, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: OWN_ADDRESS, port, timeout: timeoutMs });
    const done = (wrong: string | null): void => {
      socket.destroy();
      resolve(wrong);
    };
    socket.once('connect', () => done(null));
    socket.once('timeout', () => done(`port ${port} did not answer within ${timeoutMs / 1000} s`));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      done(`port ${port}: ${error.code ?? error.message}`),
    );
  });
}
