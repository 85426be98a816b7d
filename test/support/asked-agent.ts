/** A real agent with processes, on a real master, with flags of access control; and two frameworks, of two users, with a task each. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentOptions } from '../../server/agent-options.ts';
import { AGENT_FLAGS } from '../../server/flags/agent-flags.ts';
import { AGENT_REPLACED } from '../../server/flags/agent-replaced.ts';
import { parseFlags } from '../../server/flags/parse.ts';
import { type RunningAgent, startAgent } from '../../server/run-agent.ts';
import type { MasterWorld } from '../../server/master/world.ts';
import type { ExecutorInfo } from '../../shared/mesos/v1.ts';
import { type MesosMaster, mesosMaster } from './mesos-master.ts';
import { RawConnection } from './raw-http.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export class AskedAgent {
  readonly directory = mkdtempSync(join(tmpdir(), 'dawn-asked-'));
  private master: MesosMaster | undefined;
  private agent: RunningAgent | undefined;
  private readonly streams: RawConnection[] = [];
  private url = '';

  /** @param secrets principal → secret, for `--http_credentials` */
  async start(secrets: Readonly<Record<string, string>>, ...flags: readonly string[]): Promise<this> {
    this.master = await mesosMaster();
    const file = join(this.directory, 'credentials');
    const credentials = Object.entries(secrets).map(([principal, secret]) => ({ principal, secret }));
    writeFileSync(file, JSON.stringify({ credentials }));
    const argv = [
      `--master=http://127.0.0.1:${this.master.port}`,
      `--work_dir=${join(this.directory, 'work')}`,
      '--containerizers=mesos',
      '--hostname=asked',
      ...(credentials.length > 0 ? [`--http_credentials=${file}`] : []),
      ...flags,
    ];
    this.agent = await startAgent(
      agentOptions(parseFlags(AGENT_FLAGS, argv, {}, AGENT_REPLACED).values),
      (why) => {
        throw new Error(why);
      },
    );
    const { agents } = this.master.core.master;
    await until(() => [...agents.values()].some(({ connection }) => connection !== null));
    const info = [...agents.values()][0]!.info;
    this.url = `http://127.0.0.1:${info.port}`;
    return this;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get masterPort(): number {
    return this.master!.port;
  }

  /** What the master took for a fault of its own. */
  get faults(): string[] {
    return this.master!.logged.filter((line) => line.startsWith('request failed'));
  }

  get world(): MasterWorld {
    return this.master!.core.master;
  }

  async close(): Promise<void> {
    for (const each of this.streams) each.close();
    await this.agent?.close({ killTasks: true });
    await this.master?.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** A task of a framework of that user; both are called after it. @returns the container */
  async runTask(user: string, line: string, executor?: ExecutorInfo): Promise<string> {
    const { core, port } = this.master!;
    const framework_info = {
      user,
      name: `${user}-framework`,
      roles: ['*'],
      capabilities: [{ type: 'MULTI_ROLE' }],
    };
    const stream = await RawConnection.open(port);
    this.streams.push(stream);
    stream.send(post(port, JSON.stringify({ type: 'SUBSCRIBE', subscribe: { framework_info } })));
    const heard = (): string => Buffer.concat([...(stream.response()?.chunks ?? [])]).toString();
    await until(() => heard().includes('"OFFERS"'));
    const offer = [...core.master.offers.values()].at(-1)!;
    const id = stream.response()?.headers.find(([name]) => name === 'Mesos-Stream-Id')?.[1] ?? '';
    const scalar = (name: string, value: number): object => ({ name, type: 'SCALAR', scalar: { value } });
    const task = {
      name: `${user}-task`,
      task_id: { value: `${user}-task` },
      agent_id: { value: offer.agent },
      resources: [scalar('cpus', 0.1), scalar('mem', 32)],
      ...(executor
        ? { executor: { ...executor, framework_id: { value: offer.framework } } }
        : { command: { value: line } }),
    };
    const operations = [{ type: 'LAUNCH', launch: { task_infos: [task] } }];
    const call = (body: object): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/api/v1/scheduler`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'mesos-stream-id': id },
        body: JSON.stringify({ framework_id: { value: offer.framework }, ...body }),
      });
    const accept = { offer_ids: [{ value: offer.id }], operations, filters: { refuse_seconds: 1000 } };
    await call({ type: 'ACCEPT', accept });
    if (executor) return '';
    const container = /"container_id":\{"value":"([^"]+)"/;
    await until(() => container.test(heard()));
    return container.exec(heard())![1]!;
  }

  /** GET, or a call of the API. @param who `name:secret`, or a whole `Authorization` */
  async ask(who: string | undefined, what: string | object): Promise<Answer> {
    const isCall = typeof what === 'object';
    const path = typeof what === 'string' ? what : '/api/v1';
    const response = await fetch(this.url + path, {
      ...(isCall ? { method: 'POST', body: JSON.stringify(what) } : {}),
      headers: {
        ...(isCall ? { 'content-type': 'application/json' } : {}),
        ...(isCall && /OUTPUT|SESSION/.test(JSON.stringify(what)) ? STREAMED : {}),
        ...(who === undefined ? {} : { authorization: who.includes(' ') ? who : `Basic ${btoa(who)}` }),
      },
    });
    const { status, headers } = response;
    if (headers.get('content-type') !== STREAMED.accept)
      return { status, headers, text: await response.text() };
    // A stream of output goes on for as long as what writes it.
    await response.body?.cancel();
    return { status, headers, text: '' };
  }
}

const STREAMED = { accept: 'application/recordio', 'message-accept': 'application/json' };

function post(port: number, body: string): Buffer {
  return Buffer.from(
    `POST /api/v1/scheduler HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

/** Within ten seconds. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let at = 0; at < 2000 && !isSo(); at++) await new Promise((resolve) => setTimeout(resolve, 5));
  if (!isSo()) throw new Error(`waited in vain for ${isSo.toString()}`);
}
