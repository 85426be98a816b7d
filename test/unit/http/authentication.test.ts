import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { principalOf } from '../../../server/http/auth/basic.ts';
import { parseCredentials } from '../../../server/http/auth/credentials.ts';
import {
  authenticateRequests,
  challengeOf,
  subjectOfRequest,
} from '../../../server/http/auth/authenticate.ts';
import { agentAuthenticationOf, asksEverybody, authenticationOf } from '../../../server/http/auth/options.ts';
import type { Realm } from '../../../server/http/auth/realms.ts';
import { agentRealmOf, realmOf } from '../../../server/http/auth/realms.ts';
import { createToken } from '../../../server/libprocess/jwt.ts';
import { mesosDoor } from '../../../server/libprocess/door.ts';
import { httpServer } from '../../../server/http/server.ts';
import { listeningOf, reachedAt } from '../../../server/listening.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const SCHEDULER = 'mesos-master-scheduler';
const READ = 'mesos-master-readonly';
const WRITE = 'mesos-master-readwrite';
const AGENT = 'dawn-master-agent';

describe('realms', () => {
  test.each<[method: string, url: string, realm: Realm | undefined]>([
    ['POST', '/api/v1/scheduler', SCHEDULER],
    ['POST', '/master/api/v1/scheduler', SCHEDULER],
    ['POST', '/master/api/v1/scheduler/', SCHEDULER],
    ['POST', '//api//v1/scheduler', SCHEDULER],
    ['POST', '/api/v1/schedule%72', SCHEDULER],
    ['POST', '/api%2Fv1/scheduler?x=1', SCHEDULER],
    ['POST', '/api/v1/scheduler/anything', SCHEDULER],
    ['POST', '/api/v1', WRITE],
    ['POST', '/api/v1/operator', WRITE],
    ['GET', '/api/v1', WRITE],
    ['GET', '/state', READ],
    ['GET', '/master/state', READ],
    ['POST', '/state', READ],
    ['GET', '/metrics/snapshot', READ],
    ['GET', '/quota', READ],
    ['DELETE', '/quota/web', WRITE],
    ['PUT', '/weights', WRITE],
    ['POST', '/teardown', WRITE],
    ['POST', '/master//teardown', WRITE],
    ['POST', '/no-such-thing', WRITE],
    ['GET', '/logging/toggle?level=1&duration=1secs', WRITE],
    ['GET', '/system/stats.json', READ],
    ['GET', '/health', undefined],
    ['GET', '/master/health', undefined],
    ['GET', '/version', undefined],
    ['GET', '/redirect?x', undefined],
    ['POST', '/dawn/v1/agent', AGENT],
    ['POST', '/%64awn//v1/agent', AGENT],
    ['GET', '/dawn', AGENT],
    ['GET', '/v1/jobs', READ],
    ['POST', '/v1/jobs', WRITE],
    ['POST', '/%761/jobs', WRITE],
    ['POST', '/v1/plan', READ],
    ['DELETE', '/v1/jobs/demo/prod/plan', WRITE],
    ['POST', '/v1/jobs/demo/prod/myplan', WRITE],
    ['POST', '/', WRITE],
    ['POST', '/%', WRITE],
  ])('%s %s', (method, url, realm) => {
    expect(realmOf(method, url)).toBe(realm);
  });
});

test.each<[url: string, realm: Realm | undefined]>([
  ['/api/v1', 'mesos-agent-readwrite'],
  ['/slave(1)/api/v1', 'mesos-agent-readwrite'],
  ['/slave%281%29//ap%69/v1/', 'mesos-agent-readwrite'],
  ['/api/v1/anything', 'mesos-agent-readwrite'],
  ['/api/v1/executor', 'mesos-agent-executor'],
  ['/slave(1)/api/v1/executor', 'mesos-agent-executor'],
  ['/api/v1/execut%6Fr', 'mesos-agent-executor'],
  ['/state', 'mesos-agent-readonly'],
  ['/slave(1)/state', 'mesos-agent-readonly'],
  ['/files/read?path=x', 'mesos-agent-readonly'],
  ['/metrics/snapshot', 'mesos-agent-readonly'],
  ['/no-such-thing', 'mesos-agent-readonly'],
  ['/dawn/v1/tasks/t/logs', 'mesos-agent-readonly'],
  ['/%64awn/v1/tasks/t/files', 'mesos-agent-readonly'],
  ['/health', undefined],
  ['/slave(1)/version', undefined],
])('an agent asks whoever calls %s in the realm %s', (url, realm) => {
  expect(agentRealmOf('POST', url)).toBe(realm);
});

describe('of an agent', () => {
  const flags = {
    authenticate_http_readonly: false,
    authenticate_http_readwrite: false,
    authenticate_http_executors: false,
    http_credentials: undefined,
  };
  const key = Buffer.from('key');

  test('nobody is asked unless it is switched on, and then there must be something to ask for', () => {
    expect(agentAuthenticationOf(flags, key)).toBeUndefined();
    for (const flag of ['authenticate_http_readonly', 'authenticate_http_readwrite'] as const)
      expect(() => agentAuthenticationOf({ ...flags, [flag]: true }, key)).toThrow('nobody who could pass');
    const asks = { ...flags, authenticate_http_executors: true };
    expect(() => agentAuthenticationOf(asks, undefined)).toThrow('nobody who could pass');
    expect([...agentAuthenticationOf(asks, key)!.realms]).toEqual(['mesos-agent-executor']);
  });

  const asked = (tokenKey: Buffer | undefined, secrets: string, authorization?: string) => {
    const authentication = {
      credentials: secrets === '' ? new Map<string, string>() : parseCredentials(secrets),
      tokenKey,
      realms: new Set<Realm>(['mesos-agent-executor', 'mesos-agent-readonly']),
      realmOf: agentRealmOf,
    };
    const sent = { method: 'POST', url: '/api/v1/executor', headers: { authorization } } as IncomingMessage;
    return challengeOf(authentication)(sent) ?? subjectOfRequest(sent);
  };
  const claims = { fid: 'f', eid: 'e', cid: 'c' };

  test('an executor passes by its token, a person by a secret, and the challenge names what there is', () => {
    expect(asked(key, '', `Bearer ${createToken(claims, key)}`)).toEqual({ claims });
    expect(asked(key, 'ops o3', basic('ops:o3'))).toEqual({ principal: 'ops' });
    expect(asked(key, '')).toBe('Bearer realm="mesos-agent-executor"');
    expect(asked(undefined, 'ops o3')).toBe('Basic realm="mesos-agent-executor"');
    const both = 'Basic realm="mesos-agent-executor", Bearer realm="mesos-agent-executor"';
    expect(asked(key, 'ops o3')).toBe(both);
    expect(asked(undefined, 'ops o3', `Bearer ${createToken(claims, key)}`)).not.toHaveProperty('claims');
  });

  test.each([
    '',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    `Bearer ${'x'.repeat(1_000_000)}`,
    `Bearer ${createToken(claims, Buffer.from('other'))}`,
    basic('ops:'),
  ])('%.40s is told no more than that it is not enough', (authorization) => {
    expect(asked(key, '', authorization)).toBe('Bearer realm="mesos-agent-executor"');
  });
});

const credentials = parseCredentials('{"credentials":[{"principal":"ops","secret":"o3"}]}');

test.each<[header: string | undefined, principal: string | undefined]>([
  [basic('ops:o3'), 'ops'],
  [basic('ops:o3').replace('Basic', 'basic'), 'ops'],
  [basic('ops:wrong'), undefined],
  [basic('ops:'), undefined],
  [basic('nobody:o3'), undefined],
  [basic('nobody:'), undefined],
  [basic('ops'), undefined],
  [basic('ops:o3:x'), undefined],
  [basic(':'), undefined],
  ['Bearer o3', undefined],
  ['Basic', undefined],
  [undefined, undefined],
])('the header %j is of %s', (header, principal) => {
  expect(principalOf(header, credentials)).toBe(principal);
});

test('credentials as JSON and as lines', () => {
  expect([...parseCredentials('a s1\n\nb\ts2\n')]).toEqual([
    ['a', 's1'],
    ['b', 's2'],
  ]);
  expect([...credentials]).toEqual([['ops', 'o3']]);
});

test.each([
  ['', 'no credential'],
  ['a', 'line 1'],
  ['a b c', 'line 1'],
  ['a:b s', 'colon'],
  ['a s:t', 'colon'],
  ['a s\na t', 'named twice'],
  ['{', 'no JSON'],
  ['{}', '"credentials" is missing'],
  ['{"credentials":[{}]}', 'no "principal"'],
  ['{"credentials":[null]}', 'no "principal"'],
])('credentials %j are refused: %s', (text, why) => {
  expect(() => parseCredentials(text)).toThrow(why);
});

describe('a server that asks those who change something', () => {
  let app: FastifyInstance;
  const reached: string[] = [];
  const authentication = { credentials, realms: new Set<Realm>([WRITE]), realmOf };
  beforeAll(async () => {
    const log = (): void => undefined;
    const before = mesosDoor({
      process: 'master',
      routes: new Map(),
      hosts: [],
      refused: challengeOf(authentication),
      log,
    });
    app = httpServer({ hosts: [], log, before });
    authenticateRequests(app, authentication);
    app.all('/v1/jobs', async () => void reached.push('jobs'));
    app.all('/v1/jobs/:role/:env/:name', async () => void reached.push('job'));
    await app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => app.close());

  /** The path goes out as it is written. */
  const ask = (method: string, path: string, authorization?: string): Promise<[number, string | undefined]> =>
    new Promise((resolve, reject) => {
      const { port } = app.server.address() as AddressInfo;
      const headers = authorization === undefined ? {} : { authorization };
      request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
        response.resume();
        resolve([response.statusCode ?? 0, response.headers['www-authenticate']]);
      })
        .on('error', reject)
        .end();
    });

  test.each(['/v1/jobs', '/%761/jobs', '/v1/job%73', '/v1/jobs/demo/prod/plan', '/v1/jobs/demo/prod/myplan'])(
    'POST %s is not reached without a secret, however it is written',
    async (path) => {
      reached.length = 0;
      expect(await ask('POST', path)).toEqual([401, `Basic realm="${WRITE}"`]);
      expect(await ask('POST', path, basic('ops:wrong'))).toEqual([401, `Basic realm="${WRITE}"`]);
      expect(reached).toEqual([]);
      expect((await ask('POST', path, basic('ops:o3')))[0]).toBe(200);
      expect(reached).toHaveLength(1);
    },
  );

  test('whoever only reads is not asked', async () => {
    expect(await ask('GET', '/v1/jobs')).toEqual([200, undefined]);
  });
});

describe('who must be asked before others can reach it', () => {
  const flags = { port: 5050, hostname: undefined, advertise_ip: undefined, advertise_port: undefined };
  test.each([
    ['127.0.0.1', false, false, true],
    ['localhost', false, false, true],
    ['::1', false, false, true],
    ['0.0.0.0', false, false, false],
    ['10.0.0.1', true, false, true],
    ['0.0.0.0', false, true, true],
  ])('%s, asks %s, insecure %s: %s', (ip, asks, insecure, allowed) => {
    const listen = (): unknown => listeningOf({ ...flags, ip, insecure_bind: insecure }, asks);
    if (allowed) expect(listen()).toMatchObject({ host: ip });
    else expect(listen).toThrow('can be reached by others');
  });

  test('names that are answered', () => {
    const given = {
      ...flags,
      ip: '0.0.0.0',
      hostname: 'Dawn.Example',
      advertise_ip: '10.0.0.1',
      advertise_port: '5060',
      insecure_bind: true,
    };
    expect(listeningOf(given, false)).toMatchObject({
      hosts: ['0.0.0.0', '10.0.0.1', 'dawn.example'],
      advertised: { hostname: 'Dawn.Example', ip: '10.0.0.1', port: 5060 },
    });
    expect(() => listeningOf({ ...given, advertise_port: '0' }, false)).toThrow('--advertise_port 0');
  });

  test.each([
    [{ ip: '127.0.0.1' }, 'localhost', 7],
    [{ ip: '127.0.0.2' }, '127.0.0.2', 7],
    [{ ip: '::1' }, '::1', 7],
    [{ ip: '10.0.0.1' }, '10.0.0.1', 7],
    [{ ip: '0.0.0.0' }, hostname(), 7],
    [{ ip: '0.0.0.0', advertise_ip: '10.0.0.9', advertise_port: '80' }, '10.0.0.9', 80],
    [{ ip: '0.0.0.0', advertise_ip: '10.0.0.9', hostname: 'dawn.example' }, 'dawn.example', 7],
  ])('others are sent to %j as %s, and it answers to that', (more, name, port) => {
    const listening = listeningOf({ ...flags, ...more, insecure_bind: true }, false);
    expect(reachedAt(listening, 7)).toEqual({ hostname: name, port });
    expect([...listening.hosts, 'localhost']).toContain(name === '::1' ? '[::1]' : name.toLowerCase());
  });

  test('one switch is not all, and none needs no credentials', () => {
    const off = {
      authenticate_agents: false,
      authenticate_http_frameworks: false,
      authenticate_http_readonly: false,
      authenticate_http_readwrite: false,
    };
    expect(authenticationOf({ ...off, credentials: undefined })).toBeUndefined();
    expect(() =>
      authenticationOf({ ...off, authenticate_http_readonly: true, credentials: undefined }),
    ).toThrow('nobody who could pass');
    expect(asksEverybody({ credentials, realmOf, realms: new Set([WRITE]) })).toBe(false);
    expect(asksEverybody({ credentials, realmOf, realms: new Set([WRITE, READ, SCHEDULER]) })).toBe(false);
    expect(asksEverybody({ credentials, realmOf, realms: new Set([WRITE, READ, SCHEDULER, AGENT]) })).toBe(
      true,
    );
  });
});
