/** Every operation of the console API, over real HTTP and through the client that console and commands use. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../../cli/client.ts';
import { createClient } from '../../cli/client.ts';
import type { OperationId } from '../../shared/api/operations.ts';
import { OPERATIONS } from '../../shared/api/operations.ts';
import type { LogLine } from '../../shared/api/views.ts';
import type { Job } from '../../shared/job/config.ts';
import { authenticateRequests } from '../../server/http/auth/authenticate.ts';
import { realmOf } from '../../server/http/auth/realms.ts';
import type { ConsoleServer, FakeAgent } from '../support/console-server.ts';
import { consoleServer, fakeAgent, fakeDoor, settled } from '../support/console-server.ts';
import { job } from '../support/jobs.ts';

const PARAMS = { role: 'www', env: 'prod', name: 'web' };
const KEY = 'www/prod/web';

let server: ConsoleServer;
let client: Client;
let door: Awaited<ReturnType<typeof fakeDoor>>;
let agent: FakeAgent;

beforeAll(async () => {
  server = consoleServer();
  door = await fakeDoor((request, response) => {
    const url = new URL(request.url ?? '', 'http://agent');
    const task = decodeURIComponent(url.pathname.split('/')[4] ?? '');
    if (url.searchParams.get('path') === '../etc')
      response.writeHead(404).end(JSON.stringify({ error: { message: 'there is no ../etc' } }));
    else if (url.pathname.endsWith('/files'))
      response.end(JSON.stringify({ path: url.searchParams.get('path'), entries: [] }));
    else for (const line of logsOf(task)) response.write(`${JSON.stringify(line)}\n`);
    if (url.searchParams.get('follow') !== 'true') response.end();
  });
  agent = fakeAgent(server.core, 'one', door.port);
  client = createClient({ url: await server.listen(), user: 'ann', from: 'cli' });
  await submit(job(KEY, 2));
  await settled(server);
});
afterAll(async () => {
  door.close();
  await server.close();
});

/** Instance 0 writes at the even seconds, instance 1 at the odd ones. */
function logsOf(task: string): Omit<LogLine, 'task' | 'instance'>[] {
  const odd = /-1-/.test(task) ? 1 : 0;
  return [0, 2, 4].map((second) => ({
    stream: 'stdout',
    at: `2026-01-01T00:00:0${second + odd}.000Z`,
    text: `é ${second + odd}`,
  }));
}

const submit = (wanted: Job) => client.act({ kind: 'job.submit', job: wanted });
const taskIds = async (): Promise<string[]> =>
  (await client.call('job.status', { params: PARAMS })).active.map(({ id }) => id);

async function collect<Item>(items: AsyncIterable<Item>, count = Number.POSITIVE_INFINITY): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) if (found.push(item) >= count) break;
  return found;
}

/** In their order: what an operation needs to have been before it stands before it. */
const REQUESTS: Readonly<Record<OperationId, () => Promise<unknown>>> = {
  'cluster.info': () => client.call('cluster.info', {}),
  'job.list': () => client.call('job.list', { query: { match: 'www/*' } }),
  'job.plan': () =>
    client.call('job.plan', { body: { command: { kind: 'job.scale', key: KEY, instances: 3 } } }),
  'job.submit': () => client.call('job.submit', { body: { job: job('www/prod/other', 1) } }),
  'job.status': () => client.call('job.status', { params: PARAMS }),
  'job.scale': () => client.call('job.scale', { params: PARAMS, body: { instances: 3 } }),
  'job.history': () => client.call('job.history', { params: PARAMS }),
  'job.why': () => client.call('job.why', { params: PARAMS }),
  'job.logs': () => collect(client.stream('job.logs', { params: PARAMS, query: { instances: '0-1' } })),
  'job.restart': () => client.call('job.restart', { params: PARAMS, body: {} }),
  'update.list': () => client.call('update.list', { query: { status: 'active' } }),
  'update.command': () =>
    client.call('update.command', { params: PARAMS, body: { command: 'abort', message: 'enough' } }),
  'update.status': async () =>
    client.call('update.status', {
      params: { id: (await client.call('update.list', {})).updates[0]?.id.slice(0, 8) ?? '' },
    }),
  'task.list': () => client.call('task.list', { query: { job: KEY, host: 'one', status: 'running' } }),
  'task.status': async () => client.call('task.status', { params: { id: (await taskIds())[0] ?? '' } }),
  'task.why': async () => client.call('task.why', { params: { id: (await taskIds())[0] ?? '' } }),
  'task.logs': async () =>
    collect(client.stream('task.logs', { params: { id: (await taskIds())[0] ?? '' } })),
  'task.files': async () =>
    client.call('task.files', { params: { id: (await taskIds())[0] ?? '' }, query: { path: 'a b' } }),
  'host.list': () => client.call('host.list', {}),
  events: () => collect(client.stream('events', { query: { since: 0, follow: false } })),
  watch: () => collect(client.stream('watch', { query: { view: 'hosts' } }), 1),
  'job.kill': () =>
    client.call('job.kill', { params: { ...PARAMS, name: 'other' }, body: { message: 'bye' } }),
};

const EXPECTED: Readonly<Record<OperationId, unknown>> = {
  'cluster.info': {
    name: 'test',
    agents: { up: 1, total: 1 },
    jobs: 1,
    tasks: { RUNNING: 2 },
    cpus: { total: 8, used: 2 },
  },
  'job.list': { jobs: [{ key: KEY, health: 'HEALTHY', running: 2 }] },
  'job.plan': { action: 'scale', add: [2], placements: [{ instance: 2, host: 'one' }], refused: null },
  'job.submit': { action: 'created', key: 'www/prod/other', affected: 1 },
  'job.status': {
    row: { key: KEY },
    active: [{ instance: 0, status: 'RUNNING', host: 'one' }, { instance: 1 }],
    update: null,
  },
  'job.scale': { action: 'scaled', affected: 1 },
  'job.history': {
    key: KEY,
    events: expect.arrayContaining([
      expect.objectContaining({ what: 'job.scale', user: 'ann', from: 'cli' }),
    ]),
  },
  'job.why': { key: KEY, pending: [] },
  'job.logs': [0, 1, 2, 3, 4, 5].map((second) => ({ instance: second % 2, text: `é ${second}` })),
  'job.restart': { action: 'update-started', affected: 3, update: expect.any(String) },
  'update.list': { updates: [{ job: KEY, kind: 'restart', status: 'ROLLING_FORWARD', user: 'ann' }] },
  'update.command': { action: 'update-changed' },
  'update.status': {
    job: KEY,
    status: 'ABORTED',
    events: [{ user: 'ann' }, { status: 'ABORTED', message: expect.stringContaining('enough') }],
  },
  'task.list': { tasks: expect.arrayContaining([expect.objectContaining({ job: KEY, status: 'RUNNING' })]) },
  'task.status': {
    job: KEY,
    instance: 0,
    events: expect.arrayContaining([expect.objectContaining({ status: 'RUNNING' })]),
  },
  'task.why': { key: expect.stringContaining('www-prod-web-0') },
  'task.logs': [{ text: 'é 0' }, { text: 'é 2' }, { text: 'é 4' }],
  'task.files': { path: 'a b', entries: [] },
  'host.list': { hosts: [{ host: 'one', state: 'UP', containerizer: 'simulated' }] },
  events: expect.arrayContaining([
    expect.objectContaining({ kind: 'command', what: 'job.submit', job: KEY }),
    expect.objectContaining({ kind: 'agent', subject: 'one' }),
  ]),
  watch: [{ type: 'snapshot', data: { view: 'hosts', put: [{ host: 'one' }] } }],
  'job.kill': { action: 'killed', affected: 1 },
};

test.each(Object.keys(REQUESTS) as OperationId[])('%s answers', async (id) => {
  expect(await REQUESTS[id]()).toMatchObject(EXPECTED[id] as object);
  await settled(server);
});

test('no operation is left out above', () => {
  expect(Object.keys(REQUESTS).sort()).toEqual(Object.keys(OPERATIONS).sort());
});

test('the API describes itself', async () => {
  const response = await server.app.inject('/v1/openapi.json');
  expect(response.json()).toMatchObject({
    openapi: '3.1.0',
    paths: { '/v1/jobs/{role}/{env}/{name}/scale': {} },
  });
});

describe('a command with a plan', () => {
  test('is refused when the job has changed since, and does nothing', async () => {
    const wanted = job('www/prod/planned', 1);
    const { planId } = await client.call('job.plan', {
      body: { command: { kind: 'job.submit', job: wanted } },
    });
    await submit(wanted);
    await settled(server);
    const before = server.journal.seq;
    await expect(
      client.act({ kind: 'job.submit', job: { ...wanted, instances: 2 } }, planId),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect(server.journal.seq).toBe(before);
  });

  test('is done when nothing has', async () => {
    const command = { kind: 'job.submit', job: job('www/prod/planned', 2) } as const;
    const { planId } = await client.call('job.plan', { body: { command } });
    await expect(client.act(command, planId)).resolves.toMatchObject({ update: expect.any(String) });
  });
});

describe('what an operator says of themselves', () => {
  test('is kept, bounded and printable; who says nothing is unknown, and came through the API', async () => {
    const kill = (headers: Record<string, string>) =>
      server.app.inject({
        method: 'POST',
        url: '/v1/jobs/www/prod/web/kill',
        payload: { only: [[900, 900]] },
        headers,
      });
    await kill({ 'x-dawn-user': `a\u001bb${'c'.repeat(100)}`, 'x-dawn-from': 'elsewhere' });
    await kill({});
    const [second, first] = server.journal.commands();
    expect(first?.actor).toEqual({ user: `ab${'c'.repeat(62)}`, from: 'api' });
    expect(second?.actor).toEqual({ user: 'unknown', from: 'api' });
  });
});

describe('logs', () => {
  test('following ends when the caller goes away, and lines come as they are written', async () => {
    const gone = new AbortController();
    const [id] = await taskIds();
    const lines = client.stream('task.logs', {
      params: { id: id ?? '' },
      query: { follow: true },
      signal: gone.signal,
    });
    const texts: string[] = [];
    for await (const line of lines) if (texts.push(line.text) === 3) gone.abort();
    expect(texts).toEqual(['é 0', 'é 2', 'é 4']);
  });

  test('what the agent refuses is told in its words', async () => {
    const [id] = await taskIds();
    await expect(
      client.call('task.files', { params: { id: id ?? '' }, query: { path: '../etc' } }),
    ).rejects.toMatchObject({ code: 'not_found', message: 'there is no ../etc' });
  });

  test('an agent that does not answer is named', async () => {
    const other = consoleServer();
    const quiet = fakeAgent(other.core, 'quiet', 1);
    const its = createClient({ url: await other.listen(), from: 'cli' });
    await its.act({ kind: 'job.submit', job: job(KEY, 1) });
    await settled(other);
    await expect(collect(its.stream('job.logs', { params: PARAMS }))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('the agent on quiet does not answer'),
    });
    quiet.leave();
    await other.close();
  });
});

describe('the client', () => {
  test('says what to do where no server is', async () => {
    const nobody = createClient({ url: 'http://127.0.0.1:1', from: 'cli' });
    await expect(nobody.call('job.list', {})).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('cannot reach the cluster at http://127.0.0.1:1'),
      hint: expect.stringContaining('dawn up'),
    });
    await expect(collect(nobody.stream('events', {}))).rejects.toMatchObject({ code: 'network' });
  });

  test('hands on what the server refuses, with its hint', async () => {
    await expect(client.call('job.status', { params: { ...PARAMS, name: 'wbe' } })).rejects.toMatchObject({
      code: 'not_found',
      hint: 'did you mean www/prod/web?',
    });
  });

  test('does not take another server for ours, and follows no redirect', async () => {
    const other = await fakeDoor(
      (_request, response) =>
        void response.writeHead(302, { location: `http://127.0.0.1:${door.port}/` }).end('<html>'),
    );
    const lost = createClient({ url: `http://127.0.0.1:${other.port}`, from: 'cli' });
    await expect(lost.call('job.list', {})).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('not as a Dawn server does'),
    });
    other.close();
  });

  test('does not wait for ever', async () => {
    const silent = await fakeDoor(() => undefined);
    const waiting = createClient({ url: `http://127.0.0.1:${silent.port}`, from: 'cli', timeoutMs: 50 });
    await expect(waiting.call('job.list', {})).rejects.toMatchObject({ code: 'timeout' });
    silent.close();
  });

  test('says it when the server goes away in the middle of a stream', async () => {
    const dying = await fakeDoor((_request, response) => {
      response.write('event: event\ndata: {"seq": 1}\n\nevent: event\ndata: {"se', () => response.destroy());
    });
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const event of createClient({ url: `http://127.0.0.1:${dying.port}`, from: 'cli' }).stream(
        'events',
        {},
      ))
        seen.push(event);
    };
    await expect(read()).rejects.toMatchObject({ code: 'network' });
    expect(seen).toEqual([{ seq: 1 }]);
    dying.close();
  });
});

test('the last words of a task that ended are read before the silence of the one after it', async () => {
  const [id] = await taskIds();
  agent.end(id ?? '', 'TASK_FAILED');
  await settled(server);
  const lines = await collect(client.stream('job.logs', { params: PARAMS, query: { instances: '0' } }));
  expect(new Set(lines.map(({ task }) => task))).toEqual(new Set([id]));
});

describe('a cluster that asks who you are', () => {
  const BASIC = `Basic ${Buffer.from('ann:secret').toString('base64')}`;
  let asking: ConsoleServer;
  let url: string;

  beforeAll(async () => {
    asking = consoleServer();
    const credentials = new Map([['ann', 'secret']]);
    authenticateRequests(asking.app, {
      credentials,
      realms: new Set(['mesos-master-readonly', 'mesos-master-readwrite']),
      realmOf,
    });
    url = await asking.listen();
  });
  afterAll(() => asking.close());

  test('lets in whoever says so: calls, commands and streams', async () => {
    const known = createClient({ url, authorization: BASIC, from: 'cli' });
    await known.act({ kind: 'job.submit', job: job(KEY, 1) });
    expect((await known.call('job.list', {})).jobs).toHaveLength(1);
    const stop = new AbortController();
    for await (const event of known.stream('events', { signal: stop.signal })) {
      expect(event).toBeTruthy();
      break;
    }
    stop.abort();
  });

  test.each([
    ['nobody', undefined, /wants to know who you are/],
    [
      'a wrong secret',
      `Basic ${Buffer.from('ann:wrong').toString('base64')}`,
      /does not know this principal/,
    ],
  ])('tells %s what to do, and nothing of the secret', async (_who, authorization, message) => {
    const refused = createClient({ url, authorization, from: 'cli' }).call('job.list', {});
    await expect(refused).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringMatching(message) as string,
      hint: expect.stringContaining('DAWN_CREDENTIAL') as string,
    });
    expect(asking.logged.join()).not.toContain('YW5u');
  });
});
