import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Call, Event } from '../../shared/mesos/scheduler.ts';
import { fakeAgent } from '../support/console-server.ts';
import { mesosMaster, type MesosMaster } from '../support/mesos-master.ts';
import { RawConnection, type RawResponse } from '../support/raw-http.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';

let master: MesosMaster;
const connections: RawConnection[] = [];

beforeEach(async () => {
  master = await mesosMaster();
});

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  await master.close();
});

const SUBSCRIBE = { type: 'SUBSCRIBE', subscribe: { framework_info: { user: 'u', name: 'n' } } };

function request(
  body: string | Buffer,
  headers: Record<string, string> = {},
  line = 'POST /api/v1/scheduler',
): Buffer {
  const all = { Host: `127.0.0.1:${master.port}`, 'Content-Type': 'application/json', ...headers };
  const head = Object.entries({ ...all, 'Content-Length': String(Buffer.byteLength(body)) })
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\n${head.join('')}\r\n`), Buffer.from(body)]);
}

async function connect(): Promise<RawConnection> {
  const connection = await RawConnection.open(master.port);
  connections.push(connection);
  return connection;
}

async function ask(bytes: Buffer): Promise<RawResponse> {
  const connection = await connect();
  connection.send(bytes);
  return connection.whole();
}

const textOf = (response: RawResponse): string => Buffer.concat(response.chunks).toString();
const headerOf = (response: RawResponse, name: string): string | undefined =>
  response.headers.find(([each]) => each === name)?.[1];

/** Events of a stream: one a chunk, or the test fails. */
function eventsOf(response: RawResponse | undefined): Event[] {
  return (response?.chunks ?? []).map((chunk) => {
    const at = chunk.indexOf('\n');
    const record = chunk.subarray(at + 1);
    expect(chunk.toString('latin1', 0, at)).toBe(String(record.length));
    return JSON.parse(record.toString()) as Event;
  });
}

interface Stream {
  readonly connection: RawConnection;
  readonly framework: string;
  readonly id: string;
  until(type: Event['type']): Promise<Event>;
}

async function subscribe(more: object = {}): Promise<Stream> {
  const connection = await connect();
  connection.send(request(JSON.stringify({ ...SUBSCRIBE, ...more })));
  const until = (type: Event['type']): Promise<Event> =>
    connection.until((response) => eventsOf(response).find((event) => event.type === type));
  const first = (await until('SUBSCRIBED')) as Extract<Event, { type: 'SUBSCRIBED' }>;
  const id = headerOf(connection.response()!, 'Mesos-Stream-Id') ?? '';
  return { connection, framework: first.subscribed.framework_id.value, id, until };
}

function call(stream: Stream, body: object): Promise<RawResponse> {
  const all = { framework_id: { value: stream.framework }, ...body };
  return ask(request(JSON.stringify(all), { 'Mesos-Stream-Id': stream.id }));
}

describe('a subscription', () => {
  test('is a stream of records, one a chunk, that begins with SUBSCRIBED and HEARTBEAT', async () => {
    const stream = await subscribe();
    await stream.until('HEARTBEAT');
    const response = stream.connection.response()!;
    expect(eventsOf(response).slice(0, 2)).toEqual([
      {
        type: 'SUBSCRIBED',
        subscribed: {
          framework_id: { value: stream.framework },
          heartbeat_interval_seconds: 15,
          master_info: {
            id: master.core.master.id,
            ip: 16777343,
            port: master.port,
            pid: `master@127.0.0.1:${master.port}`,
            hostname: 'localhost',
            version: '1.12.0',
            address: { hostname: 'localhost', ip: '127.0.0.1', port: master.port },
            capabilities: [{ type: 'AGENT_UPDATE' }, { type: 'AGENT_DRAINING' }, { type: 'QUOTA_V2' }],
          },
        },
      },
      { type: 'HEARTBEAT' },
    ]);
    expect(headerOf(response, 'Transfer-Encoding')).toBe('chunked');
    expect(headerOf(response, 'Connection')).toBeUndefined();
    expect(response.complete).toBe(false);
  });

  test('that is refused is an ERROR and the final chunk; the connection stays', async () => {
    const connection = await connect();
    const bad = { type: 'SUBSCRIBE', subscribe: { framework_info: { user: 'u', name: 'n', role: '/' } } };
    connection.send(request(JSON.stringify(bad)));
    const response = await connection.whole();
    expect(response.status).toBe(200);
    expect(eventsOf(response)).toEqual([
      {
        type: 'ERROR',
        error: { message: "'FrameworkInfo.role' is not a valid role: Role '/' cannot start with a slash" },
      },
    ]);
    const before = connection.bytes.length;
    connection.send(request('{}'));
    await connection.until(() => connection.bytes.length > before);
    expect(connection.ended).toBe(false);
  });

  test('by a second stream ends the first', async () => {
    const first = await subscribe({
      subscribe: { framework_info: { user: 'u', name: 'n', failover_timeout: 60 } },
    });
    const id = { value: first.framework };
    const again = { user: 'u', name: 'n', failover_timeout: 60, id };
    const second = await subscribe({ framework_id: id, subscribe: { framework_info: again } });
    expect(eventsOf(await first.connection.whole()).at(-1)).toEqual({
      type: 'ERROR',
      error: { message: 'Framework failed over' },
    });
    expect((await call(second, { type: 'REVIVE' })).status).toBe(202);
    expect(textOf(await call({ ...second, id: first.id }, { type: 'REVIVE' }))).toContain(first.id);
  });

  test.each([
    ['half-closes', (connection: RawConnection): void => void connection.socket.end()],
    ['goes away', (connection: RawConnection): void => connection.close()],
  ])('whose client %s is over at once', async (_name, leave) => {
    const stream = await subscribe({
      subscribe: { framework_info: { user: 'u', name: 'n', failover_timeout: 60 } },
    });
    leave(stream.connection);
    await stream.connection.until(() => stream.connection.ended);
    await waitFor(async () => (await call(stream, { type: 'REVIVE' })).status === 403);
    expect(textOf(await call(stream, { type: 'REVIVE' }))).toBe('Framework is not subscribed');
  });

  test('whose client does not read is cut off', async () => {
    const stream = await subscribe({
      subscribe: { framework_info: { user: 'u', name: 'n', failover_timeout: 60 } },
    });
    stream.connection.socket.pause();
    const tasks = Array.from({ length: 20_000 }, (_, at) => ({
      task_id: { value: `${'x'.repeat(200)}${at}` },
    }));
    for (let round = 0; round < 8; round++)
      await call(stream, { type: 'RECONCILE', reconcile: { tasks } }).catch(() => undefined);
    await waitFor(async () => (await call(stream, { type: 'REVIVE' })).status === 403);
  }, 30_000);

  test('TEARDOWN ends it without another word', async () => {
    const stream = await subscribe();
    await stream.until('HEARTBEAT');
    const response = await call(stream, { type: 'TEARDOWN' });
    expect([response.status, textOf(response), headerOf(response, 'Content-Type')]).toEqual([
      202,
      '',
      undefined,
    ]);
    expect(eventsOf(await stream.connection.whole()).map(({ type }) => type)).toEqual([
      'SUBSCRIBED',
      'HEARTBEAT',
    ]);
    expect(textOf(await call(stream, { type: 'REVIVE' }))).toBe('Framework cannot be found');
  });
});

test('heartbeats come every 15 s of the stream, whatever else it says', async () => {
  await master.close();
  const clock = new VirtualClock();
  master = await mesosMaster({ clock });
  const connection = await connect();
  connection.send(request(JSON.stringify(SUBSCRIBE)));
  const beats = (): number =>
    eventsOf(connection.response()).filter(({ type }) => type === 'HEARTBEAT').length;
  const advance = async (ms: number): Promise<void> => {
    await clock.advance(ms, () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 30));
  };
  await waitFor(async () => {
    await advance(1);
    return beats() === 1;
  });
  fakeAgent(master.core, 'h');
  await advance(14_000);
  expect(beats()).toBe(1);
  await advance(1_000);
  expect(beats()).toBe(2);
  await advance(30_000);
  expect(beats()).toBe(4);
});

describe('the door', () => {
  test.each([
    ['a page of a browser', { Origin: 'http://localhost:5050' }, 403],
    ['a name that is not ours', { Host: 'rebound.example:5050' }, 403],
    ['our name', { Host: 'localhost:5050' }, 400],
    ['a number', { Host: '10.1.2.3:5050' }, 400],
    ['no name', { Host: '' }, 400],
  ])('%s', async (_name, headers, status) => {
    expect((await ask(request('{}', headers))).status).toBe(status);
  });

  test.each([
    ['/api/v1/scheduler/', 400],
    ['/master/api/v1/scheduler', 400],
    ['//master//api/v1/scheduler/more/of/it?x=1', 400],
    ['/api%2Fv1/scheduler', 400],
    ['/%E0%A4%A', 404],
    ['/api/v2/scheduler', 404],
    ['/slave(1)/api/v1/scheduler', 404],
  ])('%s', async (path, status) => {
    expect((await ask(request('{}', {}, `POST ${path}`))).status).toBe(status);
  });

  test('what is not of Mesos is left to the console API', async () => {
    const response = await ask(request('', {}, 'GET /v1/nothing'));
    expect(JSON.parse(textOf(response))).toMatchObject({ error: { code: 'not_found' } });
  });
});

describe('bodies', () => {
  const ok = JSON.stringify({ type: 'REVIVE', framework_id: { value: 'nobody' } });

  test('packed ones are unpacked', async () => {
    const response = await ask(request(gzipSync(ok), { 'Content-Encoding': 'gzip' }));
    expect(textOf(response)).toBe('Framework cannot be found');
  });

  test('what is not packed is not unpacked', async () => {
    expect((await ask(request(ok, { 'Content-Encoding': 'gzip' }))).status).toBe(400);
  });

  test('that never end are refused', async () => {
    const connection = await connect();
    connection.send(
      `POST /api/v1/scheduler HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(0x100000, 32), Buffer.from('\r\n')]);
    for (let sent = 0; sent < 40 && !connection.response(); sent++) {
      connection.send(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await connection.until((response) => response)).status).toBe(413);
  });
});

test('a call is answered when the master has decided: the next one sees it', async () => {
  const stream = await subscribe();
  const info = { user: 'u', name: 'renamed', id: { value: stream.framework } };
  const answers = await Promise.all([
    call(stream, { type: 'UPDATE_FRAMEWORK', update_framework: { framework_info: info } }),
    call(stream, { type: 'TEARDOWN' }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 202]);
  expect((await call(stream, { type: 'REVIVE' })).status).toBe(400);
});

test('our own scheduler is nobody over HTTP', async () => {
  const subscribeOurs: Call = {
    type: 'SUBSCRIBE',
    subscribe: { framework_info: { user: 'd', name: 'Dawn' } },
  };
  master.core.engine.submitToMaster({
    kind: 'framework-call',
    connection: 'in-process' as never,
    call: subscribeOurs,
  });
  await waitFor(async () => master.core.master.frameworks.size === 1);
  const [framework = ''] = master.core.master.frameworks.keys();
  const id = { value: framework };
  const theft = {
    ...SUBSCRIBE,
    framework_id: id,
    subscribe: { framework_info: { user: 'd', name: 'Dawn', id } },
  };
  const refused = eventsOf(await ask(request(JSON.stringify(theft))));
  expect(refused).toEqual([{ type: 'ERROR', error: { message: 'Framework is not connected via HTTP' } }]);
  const teardown = JSON.stringify({ type: 'TEARDOWN', framework_id: id });
  expect((await ask(request(teardown, { 'Mesos-Stream-Id': 'in-process' }))).status).toBe(403);
  expect(master.core.master.frameworks.size).toBe(1);
});

test('nothing of this was a fault of ours', () => {
  expect(master.logged).toEqual([]);
});

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it never came true');
}
