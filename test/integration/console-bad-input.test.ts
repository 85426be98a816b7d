/** Everything malformed gets a clear error and changes nothing. Numbers are those of the list of bad inputs that this table began as. */
import { connect } from 'node:net';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { OperationId } from '../../shared/api/operations.ts';
import { OPERATIONS } from '../../shared/api/operations.ts';
import type { ErrorBody } from '../../shared/api/results.ts';
import { consoleServer, settled, type ConsoleServer } from '../support/console-server.ts';
import { job } from '../support/jobs.ts';

let server: ConsoleServer;
let url: string;
beforeAll(async () => {
  server = consoleServer();
  url = await server.listen();
  await server.core.engine.command(
    { kind: 'job.submit', job: job('www/prod/web', 1) },
    { user: 'ann', from: 'test' },
  );
  await settled(server);
});
afterAll(() => server.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const post = (path: string, payload: string, headers: Record<string, string> = JSON_TYPE): InjectOptions => ({
  method: 'POST',
  url: path,
  payload,
  headers,
});
const get = (path: string, headers: Record<string, string> = {}): InjectOptions => ({
  method: 'GET',
  url: path,
  headers,
});
const submit = (body: unknown): InjectOptions => post('/v1/jobs', JSON.stringify(body));

describe('is refused, and changes nothing', () => {
  test.each<[string, InjectOptions, number, string]>([
    ['nesting without end', post('/v1/plan', '['.repeat(1_000_000)), 400, 'deeper than 32'],
    ['truncated JSON', post('/v1/plan', '{"command": '), 400, 'not JSON'],
    ['no body at all', { method: 'POST', url: '/v1/jobs' }, 400, 'body job'],
    [
      'a key twice',
      post('/v1/jobs/www/prod/web/scale', '{"instances": 1, "instances": 2}'),
      400,
      'given twice',
    ],
    ['__proto__', post('/v1/jobs/www/prod/web/scale', '{"instances": 1, "__proto__": {}}'), 400, '__proto__'],
    ['a list for a body', post('/v1/jobs/www/prod/web/scale', '[1]'), 400, 'expected object'],
    ['null for a body', post('/v1/jobs/www/prod/web/scale', 'null'), 400, 'instances'],
    [
      'an unknown kind of command',
      post('/v1/plan', '{"command": {"kind": "job.clone"}}'),
      400,
      'kind is one of job.submit',
    ],
    ['a command without a kind', post('/v1/plan', '{"command": {}}'), 400, 'kind is one of job.submit'],
    ['a text for a number', post('/v1/jobs/www/prod/web/scale', '{"instances": "5"}'), 400, 'body instances'],
    [
      'a fraction of an instance',
      post('/v1/jobs/www/prod/web/scale', '{"instances": 1.5}'),
      400,
      'body instances',
    ],
    ['fewer than none', post('/v1/jobs/www/prod/web/scale', '{"instances": -1}'), 400, 'body instances'],
    [
      'more than there are numbers',
      post('/v1/jobs/www/prod/web/scale', '{"instances": 1e308}'),
      400,
      'body instances',
    ],
    [
      'a variable name that is none',
      submit({ job: job('www/prod/web', 1, { env: { 'A B': '' } }) }),
      400,
      'a variable name',
    ],
    ['no content type', post('/v1/plan', '{}', {}), 415, 'Unsupported Media Type'],
    ['text', post('/v1/plan', '{}', { 'content-type': 'text/plain' }), 415, 'Unsupported Media Type'],
    [
      'a form',
      post('/v1/plan', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'Unsupported Media Type',
    ],
    ['a body above 2 MiB', post('/v1/plan', `"${'x'.repeat(2 * 1024 * 1024)}"`), 413, 'too large'],
    [
      'a compressed body',
      post('/v1/plan', '{}', { ...JSON_TYPE, 'content-encoding': 'gzip' }),
      415,
      'compressed',
    ],
    ['a path that is not UTF-8', get('/%zz%E0%A4%A'), 400, 'not a valid url'],
    ['a path that is not there', get('/v1/job'), 404, 'there is no GET /v1/job'],
    ['a path that climbs', get('/v1/../../etc/passwd'), 404, 'there is no'],
    ['another Host', get('/v1/jobs', { host: 'evil.com' }), 421, 'Host'],
    ['a Host that only begins like ours', get('/v1/jobs', { host: 'localhost.evil.com' }), 421, 'Host'],
    [
      'a page of another origin',
      { ...submit({}), headers: { ...JSON_TYPE, origin: 'https://evil.com' } },
      403,
      'origins',
    ],
    ['a page of no origin', { ...submit({}), headers: { ...JSON_TYPE, origin: 'null' } }, 403, 'origins'],
    [
      'a preflight',
      {
        method: 'OPTIONS',
        url: '/v1/jobs',
        headers: { origin: 'https://evil.com', 'access-control-request-method': 'POST' },
      },
      403,
      'origins',
    ],
    ['a limit below none', get('/v1/tasks?limit=-1'), 400, 'query limit'],
    ['a limit of none', get('/v1/tasks?limit=0'), 400, 'query limit'],
    ['a limit without limit', get('/v1/tasks?limit=1000000000'), 400, 'query limit'],
    ['a limit that is no number', get('/v1/tasks?limit=abc'), 400, 'query limit'],
    ['a limit twice', get('/v1/tasks?limit=1&limit=2'), 400, 'query limit'],
    ['a regular expression', get('/v1/tasks?filter=(a%2B)%2B$'), 400, 'unknown field filter'],
    ['__proto__ in the query', get('/v1/tasks?__proto__=1'), 400, 'unknown field __proto__'],
    ['a query where none is taken', get('/v1/cluster?verbose=1'), 400, 'unknown field verbose'],
    ['half a job key', get('/v1/tasks?job=www/prod'), 400, 'ROLE/ENVIRONMENT/NAME'],
    ['a job key with a space', get('/v1/jobs/www/prod/a%20b'), 400, 'no job key'],
    ['a job key of dots', get('/v1/jobs/www/prod/%2e%2e%2f'), 400, 'no job key'],
    ['a job that is not there', get('/v1/jobs/www/prod/wbe'), 404, 'no job www/prod/wbe'],
    ['an update that is not there', get('/v1/updates/nothing'), 404, 'no update nothing'],
    ['a task that is not there', get('/v1/tasks/nothing'), 404, 'no task nothing'],
    ['logs of a task that is not there', get('/v1/tasks/nothing/logs'), 404, 'no task nothing'],
    ['logs of what has not run', get('/v1/jobs/www/prod/web/logs'), 404, 'has run yet'],
    ['instances that are none', get('/v1/jobs/www/prod/web/logs?instances=5-1'), 400, 'names no instances'],
    ['a view that needs a key', get('/v1/watch?view=job'), 400, 'needs key'],
    ['a view of what is not there', get('/v1/watch?view=job&key=www/prod/none'), 404, 'no job'],
    ['events that have not happened', get('/v1/events?since=1000000'), 400, 'the journal ends at'],
  ])('%s', async (_name, request, status, why) => {
    const before = server.journal.seq;
    const response = await server.app.inject(request);
    const { error } = response.json<ErrorBody>();
    expect(error.message).toContain(why);
    expect(response.statusCode).toBe(status);
    expect(error.message).not.toMatch(/ {4}at |node_modules|\.ts:/);
    expect(server.journal.seq).toBe(before);
  });

  test.each(['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'] as const)(
    '%s, saying what is possible',
    async (method) => {
      const response = await server.app.inject({
        method,
        url: '/v1/jobs',
        payload: method === 'HEAD' ? '' : 'x',
      });
      expect([response.statusCode, response.headers['allow']]).toEqual([405, 'GET, POST']);
      const stream = await server.app.inject({ method, url: '/v1/events' });
      expect([stream.statusCode, stream.headers['allow']]).toEqual([405, 'GET']);
    },
  );
});

const FULL_BODY: Readonly<Record<string, object>> = {
  'job.submit': { job: job('www/prod/new', 1) },
  'job.scale': { instances: 3 },
  'job.restart': { now: true },
  'job.kill': {},
  'update.command': { command: 'pause' },
};
const mutating = (Object.keys(OPERATIONS) as OperationId[]).filter((id) => OPERATIONS[id].mutates);

test.each(mutating)('%s refuses a field that it does not know', async (id) => {
  const path = OPERATIONS[id].path.replace(':role/:env/:name', 'www/prod/web');
  const body = FULL_BODY[id];
  if (!body) throw new Error(`${id} has no body in this test`);
  const before = server.journal.seq;
  for (const request of [
    post(path, JSON.stringify({ ...body, nonsense: 1 })),
    post(`${path}?nonsense=1`, JSON.stringify(body)),
  ]) {
    const response = await server.app.inject(request);
    expect(response.json()).toMatchObject({
      error: {
        code: 'invalid_parameter',
        message: expect.stringContaining('unknown field nonsense'),
        path: 'nonsense',
      },
    });
  }
  expect(server.journal.seq).toBe(before);
});

test.each([
  [{ instnces: 3 }, '/v1/jobs/www/prod/web/scale', 'instances'],
  [{ job: { ...job('www/prod/web', 1), instanecs: 2 } }, '/v1/jobs', 'instances'],
  [
    { job: job('www/prod/web', 1, { container: { kind: 'docker', imgae: 'x' } as never }) },
    '/v1/jobs',
    'image',
  ],
  [{ command: { kind: 'job.restart', key: 'www/prod/web', onyl: [[0, 1]] } }, '/v1/plan', 'only'],
])('a misspelt field is told what was meant: %#', async (body, path, meant) => {
  const { error } = (await server.app.inject(post(path, JSON.stringify(body)))).json<ErrorBody>();
  expect(error).toMatchObject({ code: 'invalid_parameter', hint: `did you mean ${meant}?` });
});

/** What the server says to bytes that no HTTP library would send. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

const HOST = 'Host: localhost\r\nConnection: close\r\n';

test.each([
  ['no HTTP', 'hello\r\n\r\n', '400'],
  ['an unknown method', `FOO /v1/jobs HTTP/1.1\r\n${HOST}\r\n`, '400'],
  [
    'both lengths',
    `POST /v1/plan HTTP/1.1\r\n${HOST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    '400',
  ],
  [
    'a bad chunk',
    `POST /v1/plan HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n`,
    '400',
  ],
  ['a head of 17 KB', `GET /v1/jobs HTTP/1.1\r\n${HOST}X-Long: ${'x'.repeat(17 * 1024)}\r\n\r\n`, '431'],
  ['two Hosts', `GET /v1/jobs HTTP/1.1\r\nHost: evil.com\r\n${HOST}\r\n`, '421'],
  ['no Host', 'GET /v1/jobs HTTP/1.0\r\n\r\n', '421'],
])('on the wire: %s', async (_name, text, status) => {
  const answer = await raw(text);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).toContain('{"error":{"code":');
});

test('an exception that nobody expected is told without its detail, which is in the log', async () => {
  const broken = vi.spyOn(server.core.engine.world.jobs, 'get').mockImplementation(() => {
    throw new Error('secret detail');
  });
  const response = await server.app.inject(get('/v1/jobs/www/prod/web'));
  broken.mockRestore();
  expect(response.statusCode).toBe(500);
  expect(response.json()).toEqual({ error: { code: 'internal', message: expect.stringContaining('log') } });
  expect(server.logged.join()).toContain('secret detail');
});
