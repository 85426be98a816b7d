import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AgentHub, type AgentSink, agentEndpoint } from '../../server/http/agents/endpoint.ts';
import { httpServer } from '../../server/http/server.ts';
import { AGENT_PATH, type AgentCall } from '../../shared/mesos/agent.ts';
import { RecordDecoder } from '../../shared/mesos/recordio.ts';
import { agentInfo } from '../unit/master/test-master.ts';

const SUBSCRIBE: AgentCall = {
  type: 'SUBSCRIBE',
  subscribe: { agent_info: agentInfo('a'), tasks: [], boot_id: 'b' },
};
const PONG: AgentCall = { type: 'PONG', agent_id: { value: 'm-S0' } };

/** Remembers what the endpoint tells the core, and wakes whoever waits for more. */
class Hub implements AgentHub {
  readonly log: [string, string, string?][] = [];
  readonly sinks = new Map<string, AgentSink>();
  private wake: () => void = () => undefined;

  open(connection: string, sink: AgentSink): void {
    this.sinks.set(connection, sink);
    this.note(['open', connection]);
  }

  call(connection: string, call: AgentCall): void {
    this.note(['call', connection, call.type]);
  }

  closed(connection: string): void {
    this.note(['closed', connection]);
  }

  async until(count: number): Promise<void> {
    while (this.log.length < count) await new Promise<void>((resolve) => (this.wake = resolve));
  }

  private note(entry: [string, string, string?]): void {
    this.log.push(entry);
    this.wake();
  }
}

let app: FastifyInstance;
let hub: Hub;
let port: number;

beforeEach(async () => {
  hub = new Hub();
  app = httpServer({ hosts: [], log: () => undefined });
  agentEndpoint(app, hub);
  await app.listen({ host: '127.0.0.1', port: 0 });
  port = (app.server.address() as AddressInfo).port;
});

afterEach(() => app.close());

function post(body: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: AGENT_PATH, method: 'POST' };
    const request = httpRequest(
      { ...options, headers: { 'content-type': 'application/json', ...headers } },
      resolve,
    );
    request.on('error', reject);
    request.end(body);
  });
}

async function text(response: IncomingMessage): Promise<string> {
  let all = '';
  for await (const chunk of response) all += String(chunk);
  return all;
}

async function subscribed(): Promise<{ response: IncomingMessage; stream: string; sink: AgentSink }> {
  const response = await post(JSON.stringify(SUBSCRIBE));
  const stream = String(response.headers['mesos-stream-id']);
  return { response, stream, sink: hub.sinks.get(stream)! };
}

test('SUBSCRIBE opens a stream of records, one a chunk; other calls name it and are accepted', async () => {
  const { response, stream, sink } = await subscribed();
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({
    'content-type': 'application/json',
    'transfer-encoding': 'chunked',
  });
  sink.send({ type: 'PING' });
  const [chunk] = (await once(response, 'data')) as [Buffer];
  expect(chunk.toString()).toBe('15\n{"type":"PING"}');
  sink.send({ type: 'ERROR', error: { message: 'é'.repeat(1000) } });
  const decoder = new RecordDecoder();
  for (let records: readonly string[] = []; records.length === 0;) {
    const decoded = decoder.push(((await once(response, 'data')) as [Buffer])[0]);
    records = decoded.ok ? decoded.records : [decoded.message];
    if (records[0] !== undefined) expect(JSON.parse(records[0])).toMatchObject({ type: 'ERROR' });
  }
  const answer = await post(JSON.stringify(PONG), { 'mesos-stream-id': stream });
  expect([answer.statusCode, await text(answer)]).toEqual([202, '']);
  expect(hub.log).toEqual([
    ['open', stream],
    ['call', stream, 'SUBSCRIBE'],
    ['call', stream, 'PONG'],
  ]);
  response.destroy();
});

test('a stream that the agent ends is closed once, and its name is void', async () => {
  const { response, stream } = await subscribed();
  response.destroy();
  await hub.until(3);
  expect(hub.log.at(-1)).toEqual(['closed', stream]);
  const answer = await post(JSON.stringify(PONG), { 'mesos-stream-id': stream });
  expect(answer.statusCode).toBe(400);
  expect(await text(answer)).toContain('SUBSCRIBE again');
  expect(hub.log).toHaveLength(3);
});

test('a stream that the master ends reaches its end at the agent', async () => {
  const { response, sink } = await subscribed();
  sink.send({ type: 'ERROR', error: { message: 'refused' } });
  sink.close();
  expect(await text(response)).toContain('refused');
  await hub.until(3);
  sink.send({ type: 'PING' });
});

test('an agent that does not read is cut off', async () => {
  const { response, sink } = await subscribed();
  response.pause();
  const event = { type: 'ERROR', error: { message: 'x'.repeat(1024 * 1024) } } as const;
  for (let sent = 0; sent < 64; sent++) sink.send(event);
  await hub.until(3);
  expect(hub.log.at(-1)?.[0]).toBe('closed');
  response.on('error', () => undefined);
  response.destroy();
});

test.each([
  ['no stream id', JSON.stringify(PONG), {}, 400, 'Mesos-Stream-Id'],
  ['an unknown stream id', JSON.stringify(PONG), { 'mesos-stream-id': 'x' }, 400, 'Mesos-Stream-Id'],
  ['no JSON', '{', {}, 400, 'not JSON'],
  ['no call', '{"type":"NONSENSE"}', {}, 400, 'Failed to validate agent call: type'],
  ['a bad field', JSON.stringify({ type: 'PONG', agent_id: { value: '' } }), {}, 400, 'agent_id.value'],
  ['a prototype', '{"__proto__":{"type":"PONG"}}', {}, 400, '__proto__'],
  ['another content type', 'x', { 'content-type': 'text/plain' }, 415, ''],
])(
  '%s is refused with a sentence, and the core hears nothing',
  async (_what, body, headers, code, sentence) => {
    const answer = await post(body, headers as Record<string, string>);
    const said = await text(answer);
    expect([answer.statusCode, said]).toEqual([code, expect.stringContaining(sentence)]);
    expect((JSON.parse(said) as { error: { message: string } }).error.message).not.toBe('');
    expect(hub.log).toEqual([]);
  },
);

test('GET is no way in', async () => {
  const response = await fetch(`http://127.0.0.1:${port}${AGENT_PATH}`);
  expect(response.status).toBe(404);
});
