import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

async function connect(): Promise<RawConnection> {
  const connection = await RawConnection.open(master.port);
  connections.push(connection);
  return connection;
}

function raw(line: string, body = '', headers: Record<string, string> = {}): string {
  const all = { Host: 'localhost', 'Content-Type': 'application/json', ...headers };
  const head = Object.entries({ ...all, 'Content-Length': String(Buffer.byteLength(body)) });
  return `${line} HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}

async function ask(line: string, body = '', headers: Record<string, string> = {}): Promise<RawResponse> {
  const connection = await connect();
  connection.send(raw(line, body, headers));
  await until(() => connection.response()?.complete === true);
  const response = connection.response();
  connection.close();
  if (!response) throw new Error('no response');
  return response;
}

async function until(condition: () => boolean): Promise<void> {
  for (let at = 0; at < 400 && !condition(); at++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

const text = ({ chunks }: RawResponse): string => Buffer.concat([...chunks]).toString();
const header = ({ headers }: RawResponse, name: string): string | undefined =>
  headers.find(([each]) => each === name)?.[1];
const call = (type: string, more: object = {}): Promise<RawResponse> =>
  ask('POST /api/v1', JSON.stringify({ type, ...more }));

/** Subscribes; resolves with the stream when the first two events are there. */
async function watch(): Promise<{ connection: RawConnection; types: () => string[] }> {
  const connection = await connect();
  connection.send(raw('POST /api/v1', '{"type":"SUBSCRIBE"}'));
  const types = (): string[] =>
    (connection.response()?.chunks ?? []).map((chunk) => {
      const record = chunk.toString().slice(chunk.toString().indexOf('\n') + 1);
      return (JSON.parse(record) as { type: string }).type;
    });
  await until(() => types().length >= 2);
  return { connection, types };
}

describe('operators', () => {
  test('the log level is what was set, until its time is over', async () => {
    const clock = new VirtualClock();
    await master.close();
    master = await mesosMaster({ clock });
    const level = async (): Promise<string> => text(await call('GET_LOGGING_LEVEL'));
    expect(await level()).toBe('{"type":"GET_LOGGING_LEVEL","get_logging_level":{"level":0}}');
    const set_logging_level = { level: 2, duration: { nanoseconds: 1e9 } };
    expect((await call('SET_LOGGING_LEVEL', { set_logging_level })).status).toBe(200);
    expect(await level()).toContain('"level":2');
    await clock.advance(1000, () => undefined);
    expect(await level()).toContain('"level":0');
  });

  test('metrics have doubles, sorted by name, in both clothes', async () => {
    fakeAgent(master.core, 'a');
    const legacy = text(await ask('GET /metrics/snapshot'));
    const names = Object.keys(JSON.parse(legacy) as object);
    expect(names).toEqual([...names].sort());
    expect(legacy).toContain('"master/elected":1.0');
    expect(legacy).toContain('"master/slaves_active":1.0');
    expect(text(await call('GET_METRICS', { get_metrics: {} }))).toContain(
      '{"name":"master/slaves_active","value":1.0}',
    );
  });

  test('/redirect is this master, and nothing is behind it', async () => {
    const { status, headers } = await ask('GET /master/redirect');
    expect(status).toBe(307);
    expect(headers).toContainEqual(['Location', `//localhost:${master.port}`]);
    expect((await ask('GET /redirect/state')).status).toBe(404);
  });

  test('large answers are packed for who takes it, small ones are not', async () => {
    for (let at = 0; at < 3; at++) fakeAgent(master.core, `a${at}`);
    const plain = await ask('GET /slaves');
    const packed = await ask('GET /slaves', '', { 'Accept-Encoding': 'deflate, gzip' });
    expect(header(packed, 'Content-Encoding')).toBe('gzip');
    expect(gunzipSync(Buffer.concat([...packed.chunks])).toString()).toBe(text(plain));
    expect(
      header(await ask('GET /slaves', '', { 'Accept-Encoding': 'gzip;q=0' }), 'Content-Encoding'),
    ).toBeUndefined();
    expect(
      header(await ask('GET /version', '', { 'Accept-Encoding': 'gzip' }), 'Content-Encoding'),
    ).toBeUndefined();
  });

  test('?jsonp= makes a call of it', async () => {
    const response = await ask('GET /version?jsonp=cb');
    expect(text(response)).toBe('cb({"version":"1.12.0"})');
    expect(header(response, 'Content-Type')).toBe('text/javascript');
    expect((await ask('GET /version?jsonp=alert(1)//')).status).toBe(400);
    const page = { 'Sec-Fetch-Site': 'cross-site' };
    expect((await ask('GET /version?jsonp=cb', '', page)).status).toBe(403);
  });

  test.each([
    ['GET /teardown', '', 405, "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'."],
    ['POST /teardown', 'x=y', 400, "Missing 'frameworkId' query parameter in the request body"],
    ['POST /reserve', 'slaveId=x', 400, "Missing 'resources' query parameter in the request body"],
    ['POST /reserve', 'slaveId=x&resources=[]', 400, 'No agent found with specified ID'],
    ['POST /machine/down', '[]', 400, 'List of machines is empty'],
    [
      'DELETE /quota/a/b',
      '',
      400,
      "Failed to remove quota for path '/master/quota/a/b': Role 'a/b' has no quota set",
    ],
    ['GET /files/browse', '', 400, "Expecting 'path=value' in query.\n"],
    ['GET /files/read?path=/master/log', '', 404, ''],
  ])('%s %s is %i', async (line, body, status, message) => {
    const response = await ask(line, body);
    expect([response.status, text(response)]).toEqual([status, message]);
  });

  test('what cannot be read is a 400 and changes nothing', async () => {
    for (const path of ['POST /maintenance/schedule', 'PUT /weights', 'POST /quota', 'POST /machine/up']) {
      for (const body of ['', '{', '"x"', '{"windows":3}', '[{"role":7}]'])
        expect([path, body, (await ask(path, body)).status]).toEqual([path, body, 400]);
    }
    expect(master.core.master.roles.weights.size + master.core.master.windows.length).toBe(0);
    expect(master.logged).toEqual([]);
  });
});

describe('the stream of operators', () => {
  test('tells everybody what happens', async () => {
    const streams = [await watch(), await watch()];
    fakeAgent(master.core, 'a');
    for (const { types } of streams) await until(() => types().length === 3);
    expect(streams[0]?.types()).toEqual(['SUBSCRIBED', 'HEARTBEAT', 'AGENT_ADDED']);
    expect(streams[1]?.connection.response()?.chunks[2]).toEqual(
      streams[0]?.connection.response()?.chunks[2],
    );
    expect(text(await ask('GET /metrics/snapshot'))).toContain(
      '"master/operator_event_stream_subscribers":2.0',
    );
    streams[0]?.connection.close();
    await untilSubscribers(1);
  });

  test('beats every 15 seconds', async () => {
    const clock = new VirtualClock();
    await master.close();
    master = await mesosMaster({ clock });
    const { types } = await watch();
    await clock.advance(45_000, () => undefined);
    await until(() => types().length === 5);
    expect(types().slice(1)).toEqual(['HEARTBEAT', 'HEARTBEAT', 'HEARTBEAT', 'HEARTBEAT']);
  });

  async function untilSubscribers(count: number): Promise<void> {
    const wanted = `"master/operator_event_stream_subscribers":${count}.0`;
    for (let at = 0; at < 100; at++) {
      if (text(await ask('GET /metrics/snapshot')).includes(wanted)) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(text(await ask('GET /metrics/snapshot'))).toContain(wanted);
  }
});
