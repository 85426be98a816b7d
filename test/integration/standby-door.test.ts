/** What a server answers that stands by, to whom, and that it goes on answering on the connections it has. */
import { Agent, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCredentials } from '../../server/http/auth/credentials.ts';
import { type Realm, realmOf } from '../../server/http/auth/realms.ts';
import { parseAcls } from '../../shared/mesos/acls.ts';
import { authorizationIn } from '../../shared/credential.ts';
import { type MesosMasterOptions, type StandbyMaster, standbyMaster } from '../support/mesos-master.ts';

const authorization = authorizationIn('ann s', 'file');
const authentication = {
  credentials: parseCredentials('ann s'),
  realms: new Set<Realm>(['mesos-master-readonly', 'mesos-master-readwrite', 'dawn-master-agent']),
  realmOf,
};
const FOLLOWING = {
  kind: 'following',
  leader: { hostname: 'leader.example', port: 5050, pid: 1, sinceMs: 0 },
} as const;

let standby: StandbyMaster;
/** One connection, for all that is asked. */
let connection: Agent;
let close: () => Promise<void>;

async function stand(options: MesosMasterOptions): Promise<void> {
  standby = await standbyMaster(options);
  close = () => standby.close();
}

beforeEach(() => {
  connection = new Agent({ keepAlive: true, maxSockets: 1 });
});
afterEach(async () => {
  connection.destroy();
  await close();
});

interface Answer {
  readonly status: number | undefined;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  readonly body: string;
  readonly reused: boolean;
}

function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port: standby.port, host: '127.0.0.1', path, method, headers, agent: connection });
    sent.on('error', reject).on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => {
        const { location, 'retry-after': retryAfter } = response.headers;
        resolve({ status: response.statusCode, location, retryAfter, body, reused: sent.reusedSocket });
      });
    });
    sent.end(method === 'POST' ? '{not json' : undefined);
  });
}

describe('where somebody leads', () => {
  beforeEach(async () => {
    await stand({
      authentication,
      limits: { acls: parseAcls('{"view_flags":[{"principals":{"type":"ANY"},"flags":{"type":"NONE"}}]}') },
    });
    standby.leadership = FOLLOWING;
  });

  test.each([
    ['/state', '//leader.example:5050/master/state'],
    ['//master//state?x=1&y', '//leader.example:5050/master/state?x=1&y'],
    ['/slaves/a%20b', '//leader.example:5050/master/slaves/a%20b'],
    ['/redirect?x', '//leader.example:5050'],
    ['/v1/jobs?limit=1', '//leader.example:5050/v1/jobs?limit=1'],
    ['/dawn/v1/agent', '//leader.example:5050/dawn/v1/agent'],
    ['/', '//leader.example:5050/'],
  ])('%s is sent on to %s', async (path, location) => {
    expect(await ask(path, { authorization })).toMatchObject({ status: 307, location });
  });

  test('what is posted is sent on before it is read', async () => {
    for (const path of ['/api/v1', '/v1/jobs', '/dawn/v1/agent'])
      expect(await ask(path, { authorization, 'content-type': 'text/odd' }, 'POST')).toMatchObject({
        status: 307,
      });
  });

  test('who must say who they are does, first; and what is closed to all is closed here', async () => {
    for (const path of ['/state', '/v1/jobs', '/dawn/v1/agent'])
      expect(await ask(path)).toMatchObject({ status: 401, location: undefined });
    expect(await ask('/health')).toMatchObject({ status: 200 });
    expect(await ask('/redirect')).toMatchObject({ status: 307 });
    expect(await ask('/flags', { authorization })).toMatchObject({ status: 403 });
  });

  test('pages of a browser are kept out', async () => {
    const origin = 'http://evil.example';
    for (const path of ['/state', '/v1/jobs'])
      expect(await ask(path, { authorization, origin })).toMatchObject({ status: 403, location: undefined });
  });

  test.each(['/nonsense', '/state.json', '/redirect/state'])('%s is nowhere', async (path) => {
    expect(await ask(path, { authorization })).toMatchObject({ status: 404 });
  });
});

test('from no leader to this one, on the connection that was there', async () => {
  await stand({});
  expect(await ask('/state')).toMatchObject({ status: 503, body: 'No leader elected', reused: false });
  const mine = await ask('/v1/jobs');
  expect(mine).toMatchObject({ status: 503, retryAfter: '1', reused: true });
  expect(JSON.parse(mine.body)).toMatchObject({
    error: { code: 'unavailable', message: 'No leader elected' },
  });
  // Elected, and still reading the journal.
  standby.leadership = { kind: 'leading' };
  expect(await ask('/state')).toMatchObject({ status: 503, body: 'Master has not finished recovery' });
  expect(await ask('/v1/jobs')).toMatchObject({ status: 503, retryAfter: '1' });
  const master = await standby.lead();
  close = () => master.close();
  const state = await ask('/state');
  expect(state).toMatchObject({ status: 200, reused: true });
  expect(JSON.parse(state.body)).toMatchObject({ id: master.core.master.id });
  const metrics = JSON.parse((await ask('/metrics/snapshot')).body) as Record<string, number>;
  expect(metrics['master/elected']).toBe(1);
});
