/** Whoever speaks to a cluster finds the server that leads, says who they are to it as well, and asks for nothing twice. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from '../../cli/client.ts';
import { httpLink } from '../../server/agent/http-link.ts';
import { parseCredentials } from '../../server/http/auth/credentials.ts';
import { type Realm, realmOf } from '../../server/http/auth/realms.ts';
import { authorizationIn } from '../../shared/credential.ts';
import type { AgentEvent } from '../../shared/mesos/agent.ts';
import { fakeDoor } from '../support/console-server.ts';
import { MemoryJournal } from '../support/memory-journal.ts';
import { mesosMaster, standbyMaster } from '../support/mesos-master.ts';
import { agentInfo } from '../unit/master/test-master.ts';

const BASIC = authorizationIn('ann s', 'file');
const ended: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

interface Server {
  readonly url: string;
  readonly host: string;
  /** What it was asked: method, path, authorization. */
  readonly asked: string[];
  close(): void;
}

async function server(answer: (response: ServerResponse, asked: number) => void): Promise<Server> {
  const asked: string[] = [];
  const door = await fakeDoor((request: IncomingMessage, response) => {
    asked.push([request.method, request.url, request.headers.authorization].join(' '));
    request.resume().on('end', () => answer(response, asked.length));
  });
  ended.push(() => door.close());
  return {
    url: `http://127.0.0.1:${door.port}`,
    host: `127.0.0.1:${door.port}`,
    asked,
    close: () => door.close(),
  };
}

const jobs = (response: ServerResponse): void => void response.end('{"jobs":[]}');
const sentTo =
  ({ host }: Server) =>
  (response: ServerResponse): void =>
    void response.writeHead(307, { location: `//${host}/v1/jobs` }).end();
const leaderless = (response: ServerResponse): void =>
  void response
    .writeHead(503, { 'retry-after': '1' })
    .end('{"error":{"code":"unavailable","message":"No leader elected"}}');

const clientOf = (...servers: readonly Server[]) =>
  createClient({
    url: servers.map(({ url }) => url).join(','),
    authorization: BASIC,
    from: 'cli',
    timeoutMs: 2_000,
  });

describe('a command', () => {
  test('goes on from one that stands by to the leader, with its credential, and there at once the next time', async () => {
    const leader = await server(jobs);
    const standby = await server(sentTo(leader));
    const client = clientOf(standby);
    await client.call('job.list', {});
    await client.call('job.list', {});
    expect(standby.asked).toHaveLength(1);
    expect(leader.asked).toEqual(Array.from({ length: 2 }, () => `GET /v1/jobs ${BASIC}`));
  });

  test('waits for the next leader where the old one is gone, also with one server named', async () => {
    const old = await server(jobs);
    const standby = await server((response, asked) =>
      (asked < 3 ? sentTo(old) : asked < 5 ? leaderless : jobs)(response),
    );
    const client = clientOf(standby);
    old.close();
    await expect(client.call('job.list', {})).resolves.toEqual({ jobs: [] });
    expect(standby.asked).toHaveLength(5);
  });

  test('comes back to whoever told of a leader that is gone', async () => {
    const old = await server(jobs);
    const standby = await server((response, asked) => (asked < 2 ? sentTo(old) : jobs)(response));
    const client = clientOf(standby);
    await client.call('job.list', {});
    old.close();
    await expect(client.call('job.list', {})).resolves.toEqual({ jobs: [] });
    expect(standby.asked).toHaveLength(2);
  });

  test('asks each that is named', async () => {
    const [gone, standby, leader] = [await server(jobs), await server(leaderless), await server(jobs)];
    gone.close();
    await expect(clientOf(gone, standby, leader).call('job.list', {})).resolves.toEqual({ jobs: [] });
    expect(standby.asked).toHaveLength(1);
  });

  test('says what to do where no leader answers', async () => {
    const old = await server(jobs);
    const standby = await server(sentTo(old));
    old.close();
    await expect(clientOf(standby).call('job.list', {})).rejects.toMatchObject({
      code: 'unavailable',
      message: `the leader does not answer (${standby.host} names //${old.host}/v1/jobs)`,
      hint: expect.stringContaining('--cluster URL,URL'),
    });
    const lost = await server((response) => void response.writeHead(307).end());
    await expect(clientOf(lost).call('job.list', {})).rejects.toMatchObject({
      code: 'unavailable',
      message: `the leader does not answer (${lost.host} names nobody)`,
    });
    // The other one does not answer at all.
    await expect(clientOf(await server(leaderless), old).call('job.list', {})).rejects.toMatchObject({
      code: 'unavailable',
      message: 'No leader elected',
    });
  });

  test.each<[string, (response: ServerResponse) => void, string]>([
    [
      'a leader refused',
      (response) => void response.writeHead(503).end('{"error":{"code":"unavailable","message":"no agent"}}'),
      'unavailable',
    ],
    ['a leader may have taken', (response) => void response.destroy(), 'network'],
  ])('asks for nothing twice that %s', async (_what, answer, code) => {
    const leader = await server(answer);
    const other = await server(jobs);
    await expect(clientOf(leader, other).call('job.list', {})).rejects.toMatchObject({ code });
    expect(other.asked).toEqual([]);
  });
});

test('an agent follows to the leader and to the one after it, with its credential, and stays who it is', async () => {
  const authentication = {
    credentials: parseCredentials('ann s'),
    realms: new Set<Realm>(['dawn-master-agent']),
    realmOf,
  };
  const journal = new MemoryJournal();
  const leader = await mesosMaster({ authentication, journal });
  const standby = await standbyMaster({ authentication, journal });
  standby.leadership = {
    kind: 'following',
    leader: { hostname: 'localhost', port: leader.port, pid: 1, sinceMs: 0 },
  };
  ended.push(() => standby.close());
  const ids: string[] = [];
  let heard = (): void => undefined;
  const next = (): Promise<void> => new Promise((resolve) => (heard = resolve));
  // A large agent: it is sent on before what it says is read.
  const tasks = Array.from({ length: 5_000 }, (_, at) => ({
    framework_id: { value: 'f' },
    task: {
      name: 't',
      task_id: { value: `t${at}` },
      agent_id: { value: 'a' },
      resources: [],
      data: 'x'.repeat(500),
    },
    status: { task_id: { value: `t${at}` }, state: 'TASK_RUNNING' as const },
  }));
  const link = httpLink([new URL(`http://127.0.0.1:${standby.port}`)], BASIC, () => undefined);
  ended.push(() => link.close());
  const subscribed = next();
  link.start(
    () => ({
      type: 'SUBSCRIBE',
      subscribe: {
        agent_info: { ...agentInfo('h1'), ...(ids[0] === undefined ? {} : { id: { value: ids[0] } }) },
        tasks,
        boot_id: 'b',
      },
    }),
    {
      onEvent(event: AgentEvent) {
        if (event.type !== 'SUBSCRIBED') return;
        ids.push(event.subscribed.agent_id.value);
        heard();
      },
      onDown: () => undefined,
    },
  );
  await subscribed;
  expect([...leader.core.master.agents.keys()]).toEqual(ids);

  const again = next();
  leader.kill();
  const second = await standby.lead();
  await again;
  expect(ids[1]).toBe(ids[0]);
  expect(
    [...second.core.master.agents.values()].map(({ id, connection }) => [id, connection !== null]),
  ).toEqual([[ids[0], true]]);
});
