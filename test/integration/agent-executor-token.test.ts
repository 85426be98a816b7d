/** Executors that say who they are (`--authenticate_http_executors`), by the token that their agent gave them. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createToken } from '../../server/libprocess/jwt.ts';
import { RecordDecoder } from '../../shared/mesos/recordio.ts';
import { AskedAgent, until } from '../support/asked-agent.ts';

const KEY = 'the key of the agent\n';
let agent: AskedAgent;
let env: Record<string, string>;

beforeEach(async () => {
  agent = new AskedAgent();
  const key = join(agent.directory, 'key');
  writeFileSync(key, KEY);
  const asks = ['--authenticate_http_executors', '--authenticate_http_readwrite', `--jwt_secret_key=${key}`];
  await agent.start({ ops: 'o' }, ...asks);
  // An executor that only waits: this test speaks for it.
  await agent.runTask('ann', '', {
    executor_id: { value: 'own' },
    command: { value: 'env > its-env; exec sleep 1000' },
    resources: [],
  });
  env = await environment();
});
afterEach(() => agent.close());

async function environment(): Promise<Record<string, string>> {
  const root = join(agent.directory, 'work', 'containers');
  let text = '';
  await until(() => {
    try {
      const [container] = readdirSync(root);
      text = readFileSync(join(root, container!, 'sandbox', 'its-env'), 'utf8');
    } catch {
      // Not there yet.
    }
    return text.includes('MESOS_EXECUTOR_AUTHENTICATION_TOKEN') && text.endsWith('\n');
  });
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => [line.split('=', 1)[0]!, line.replace(/^[^=]*=/, '')]),
  );
}

const ids = (): { framework_id: object; executor_id: object } => ({
  framework_id: { value: env['MESOS_FRAMEWORK_ID'] },
  executor_id: { value: env['MESOS_EXECUTOR_ID'] },
});

function call(authorization: string | undefined, body: object): Promise<Response> {
  return fetch(`http://127.0.0.1:${agent.port}/api/v1/executor`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: JSON.stringify({ ...ids(), ...body }),
  });
}

const subscribe = { type: 'SUBSCRIBE', subscribe: {} };
const token = (): string => env['MESOS_EXECUTOR_AUTHENTICATION_TOKEN']!;
const claimed = (): Record<string, string> =>
  JSON.parse(Buffer.from(token().split('.')[1]!, 'base64url').toString()) as Record<string, string>;
const tokenOf = (claims: Record<string, string>): string => `Bearer ${createToken(claims, Buffer.from(KEY))}`;

test('its token lets an executor subscribe, and speak', async () => {
  const gone = new AbortController();
  const response = await fetch(`http://127.0.0.1:${agent.port}/api/v1/executor`, {
    method: 'POST',
    signal: gone.signal,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token()}` },
    body: JSON.stringify({ ...ids(), ...subscribe }),
  });
  expect(response.status).toBe(200);
  const decoder = new RecordDecoder();
  const { value } = await response.body!.getReader().read();
  const decoded = decoder.push(Buffer.from(value!));
  const event = JSON.parse((decoded.ok && decoded.records[0]) || '{}') as {
    type: string;
    subscribed: { container_id: { value: string } };
  };
  expect([event.type, event.subscribed.container_id.value]).toEqual(['SUBSCRIBED', claimed()['cid']]);
  expect(claimed()).toEqual({ fid: env['MESOS_FRAMEWORK_ID'], eid: 'own', cid: claimed()['cid'] });
  const message = { type: 'MESSAGE', message: { data: 'aGk=' } };
  expect((await call(`Bearer ${token()}`, message)).status).toBe(202);
  expect((await call(undefined, message)).status).toBe(401);
  expect((await call(tokenOf({ ...claimed(), eid: 'other' }), message)).status).toBe(403);
  gone.abort();
});

test.each([
  ['nothing', () => undefined],
  ['an empty token', () => 'Bearer '],
  ['two tokens', () => `Bearer ${token()} ${token()}`],
  ['a token of another key', () => `Bearer ${createToken(claimed(), Buffer.from('other'))}`],
  ['a wrong secret', () => `Basic ${btoa('ops:wrong')}`],
])('%s is not enough', async (_what, authorization) => {
  const response = await call(authorization(), subscribe);
  expect([response.status, response.headers.get('www-authenticate'), await response.text()]).toEqual([
    401,
    'Basic realm="mesos-agent-executor", Bearer realm="mesos-agent-executor"',
    '401 Unauthorized.',
  ]);
});

describe('nobody speaks for another', () => {
  test.each<[string, () => Record<string, string>, RegExp]>([
    [
      'framework',
      () => ({ ...claimed(), fid: 'x' }),
      /does not contain an 'fid' claim with the framework ID .*, which is set in the call$/,
    ],
    [
      'executor',
      () => ({ ...claimed(), eid: 'x' }),
      /does not contain an 'eid' claim with the executor ID own, which is set in the call$/,
    ],
    [
      'container',
      () => ({ ...claimed(), cid: 'x' }),
      /does not contain a 'cid' claim with the correct active ContainerID$/,
    ],
  ])('a token of another %s', async (_what, claims, problem) => {
    const response = await call(tokenOf(claims()), subscribe);
    expect(response.status).toBe(403);
    expect(await response.text()).toMatch(problem);
  });

  test('a principal is no executor', async () => {
    const response = await call(`Basic ${btoa('ops:o')}`, subscribe);
    expect([response.status, await response.text()]).toEqual([
      403,
      expect.stringContaining("Authenticated principal 'ops' does not contain an 'fid' claim"),
    ]);
  });
});

test('heartbeats are taken of whoever has a token, as Mesos takes them, and of nobody else', async () => {
  const beat = { type: 'HEARTBEAT', executor_id: { value: '' }, framework_id: { value: '' } };
  expect((await call(`Bearer ${token()}`, beat)).status).toBe(202);
  expect((await call(undefined, beat)).status).toBe(401);
});

test('its token lets an executor look after containers in its own, and after nothing else', async () => {
  const own = `Bearer ${token()}`;
  const inside = { container_id: { value: 'n', parent: { value: claimed()['cid'] } } };
  const launch = {
    type: 'LAUNCH_NESTED_CONTAINER',
    launch_nested_container: { ...inside, command: { value: 'true' } },
  };
  const alone = {
    type: 'LAUNCH_CONTAINER',
    launch_container: { container_id: { value: 'x' }, command: { value: 'true' } },
  };
  const wait = { type: 'WAIT_NESTED_CONTAINER', wait_nested_container: inside };
  expect((await agent.ask(tokenOf({ ...claimed(), cid: 'x' }), launch)).status).toBe(403);
  expect((await agent.ask(own, launch)).status).toBe(200);
  expect((await agent.ask(own, wait)).text).toContain('"exit_status":0');
  expect((await agent.ask(own, alone)).status).toBe(403);
  expect((await agent.ask(own, { type: 'GET_FLAGS' })).status).toBe(403);
  expect((await agent.ask(own, { type: 'GET_TASKS' })).text).not.toContain('ann');
  expect((await agent.ask('ops:o', { type: 'GET_TASKS' })).text).toContain('ann');
});
