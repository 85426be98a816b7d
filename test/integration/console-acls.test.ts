/** Who may see and do what through the console's API, by `--acls`: every operation of the table, for a job that is theirs, one that is not, and one that is half theirs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, createClient } from '../../cli/client.ts';
import { snapshot } from '../../cli/console/main.tsx';
import { parseCredentials } from '../../server/http/auth/credentials.ts';
import { type Realm, realmOf } from '../../server/http/auth/realms.ts';
import { OPERATIONS, type OperationId } from '../../shared/api/operations.ts';
import type { WatchMessage } from '../../shared/api/watch.ts';
import { ERRORS, type DawnError } from '../../shared/errors.ts';
import { parseAcls } from '../../shared/mesos/acls.ts';
import {
  type ConsoleServer,
  type FakeAgent,
  consoleServer,
  fakeAgent,
  fakeDoor,
  settled,
} from '../support/console-server.ts';
import { job } from '../support/jobs.ts';

const only = (field: string, anns: readonly string[], guests: readonly string[] = []): object[] => [
  { principals: { values: ['ops'] }, [field]: { type: 'ANY' } },
  { principals: { values: ['ann'] }, [field]: { values: anns } },
  { principals: { values: ['guest'] }, [field]: { values: guests } },
  { principals: { type: 'ANY' }, [field]: { type: 'NONE' } },
];
/** Ann may do everything in the role web as the user of the framework. Guests look at web, and not at what it writes. */
const ACLS = parseAcls(
  JSON.stringify({
    register_frameworks: only('roles', ['web']),
    view_roles: only('roles', ['web'], ['web']),
    view_frameworks: only('users', ['dawn'], ['dawn']),
    view_tasks: only('users', ['dawn'], ['dawn']),
    run_tasks: only('users', ['dawn']),
    access_sandboxes: only('users', ['dawn']),
  }),
);
const NAMES = ['ops', 'ann', 'guest'] as const;
type Name = (typeof NAMES)[number];

let server: ConsoleServer;
let agent: FakeAgent;
let door: Awaited<ReturnType<typeof fakeDoor>>;
const clients = {} as Record<Name, Client>;

beforeAll(async () => {
  server = consoleServer({
    acls: ACLS,
    authentication: {
      credentials: parseCredentials('ops o\nann a\nguest g'),
      realms: new Set<Realm>(['mesos-master-readonly', 'mesos-master-readwrite']),
      realmOf,
    },
  });
  door = await fakeDoor((request, response) => {
    const isFile = request.url?.includes('/files') === true;
    response.end(isFile ? JSON.stringify({ path: '', entries: [] }) : '');
  });
  agent = fakeAgent(server.core, 'one', door.port);
  const url = await server.listen();
  const as = (name: Name): Client =>
    createClient({ url, user: name, from: 'cli', authorization: `Basic ${btoa(`${name}:${name[0]}`)}` });
  for (const name of NAMES) clients[name] = as(name);
  const rooted = {
    kind: 'docker',
    image: 'x',
    network: 'bridge',
    volumes: [],
    forcePull: false,
    containerPorts: {},
    user: 'root',
  } as const;
  for (const wanted of [
    job('web/prod/a', 1),
    job('db/prod/a', 1),
    job('web/prod/root', 1, { container: rooted }),
  ])
    await clients.ops.act({ kind: 'job.submit', job: wanted });
  await settled(server);
  for (const role of ['web', 'db'])
    await clients.ops.act({ kind: 'job.restart', key: `${role}/prod/a` as never });
  await settled(server);
});
afterAll(async () => {
  agent.leave();
  door.close();
  await server.close();
});

const params = (key: string): Record<string, string> => {
  const [role = '', env = '', name = ''] = key.split('/');
  return { role, env, name };
};
const taskOf = async (key: string): Promise<Record<string, string>> => {
  const { active } = await clients.ops.call('job.status', { params: params(key) });
  return { id: active[0]?.id ?? '' };
};
const updateOf = async (key: string): Promise<Record<string, string>> => {
  const { updates } = await clients.ops.call('update.list', { query: { job: key } });
  return { id: updates[0]?.id ?? '' };
};
async function drained<Item>(items: AsyncIterable<Item>, count = Infinity): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) if (found.push(item) >= count) break;
  return found;
}
const watched = async (client: Client, query: Record<string, string>): Promise<WatchMessage> =>
  (await drained(client.stream('watch', { query }), 1))[0]!;

type Kind = 'open' | 'filtered' | 'sees' | 'reads' | 'changes' | 'kills';
type Ask = (client: Client, key: string) => Promise<unknown>;

/** What each operation takes, and how it is asked for about one job. */
const CASES: Readonly<Record<OperationId, readonly [Kind, Ask]>> = {
  'cluster.info': ['open', (client) => client.call('cluster.info', {})],
  'host.list': ['open', (client) => client.call('host.list', {})],
  'job.list': ['filtered', (client) => client.call('job.list', {})],
  'task.list': ['filtered', (client) => client.call('task.list', {})],
  'update.list': ['filtered', (client) => client.call('update.list', {})],
  events: ['filtered', (client) => drained(client.stream('events', { query: { since: 0, follow: false } }))],
  watch: ['sees', (client, key) => watched(client, { view: 'job', key })],
  'job.status': ['sees', (client, key) => client.call('job.status', { params: params(key) })],
  'job.history': ['sees', (client, key) => client.call('job.history', { params: params(key) })],
  'job.why': ['sees', (client, key) => client.call('job.why', { params: params(key) })],
  'task.status': ['sees', async (client, key) => client.call('task.status', { params: await taskOf(key) })],
  'task.why': ['sees', async (client, key) => client.call('task.why', { params: await taskOf(key) })],
  'update.status': [
    'sees',
    async (client, key) => client.call('update.status', { params: await updateOf(key) }),
  ],
  'job.logs': ['reads', (client, key) => drained(client.stream('job.logs', { params: params(key) }))],
  'task.logs': [
    'reads',
    async (client, key) => drained(client.stream('task.logs', { params: await taskOf(key) })),
  ],
  'task.files': [
    'reads',
    async (client, key) => client.call('task.files', { params: await taskOf(key), query: { path: '' } }),
  ],
  'job.plan': [
    'changes',
    (client, key) => client.call('job.plan', { body: { command: { kind: 'job.scale', key, instances: 2 } } }),
  ],
  'job.submit': [
    'changes',
    (client, key) => client.call('job.submit', { body: { job: job(`${key}-new`, 1) } }),
  ],
  'job.scale': [
    'changes',
    (client, key) => client.call('job.scale', { params: params(key), body: { instances: 1 } }),
  ],
  'job.restart': ['changes', (client, key) => client.call('job.restart', { params: params(key), body: {} })],
  'update.command': [
    'changes',
    (client, key) => client.call('update.command', { params: params(key), body: { command: 'pause' } }),
  ],
  'job.kill': [
    'kills',
    (client, key) => client.call('job.kill', { params: params(key), body: { only: [[7, 7]] } }),
  ],
};

/** Whether somebody may, of a job in web as dawn, in db as dawn, in web as root. */
const MAY: Readonly<
  Record<Exclude<Kind, 'filtered'>, Readonly<Record<Name, readonly [boolean, boolean, boolean]>>>
> = {
  open: { ops: [true, true, true], ann: [true, true, true], guest: [true, true, true] },
  sees: { ops: [true, true, true], ann: [true, false, false], guest: [true, false, false] },
  reads: { ops: [true, true, true], ann: [true, false, false], guest: [false, false, false] },
  changes: { ops: [true, true, true], ann: [true, false, false], guest: [false, false, false] },
  kills: { ops: [true, true, true], ann: [true, false, true], guest: [false, false, false] },
};
const JOBS = ['web/prod/a', 'db/prod/a', 'web/prod/root'];

const asked = (Object.keys(OPERATIONS) as OperationId[]).filter((id) => CASES[id][0] !== 'filtered');

describe('an operation is done for those who may, and refused to others', () => {
  test.each(asked)('%s', async (id) => {
    const [kind, ask] = CASES[id];
    for (const name of NAMES)
      for (const [at, key] of JOBS.entries()) {
        // What of that job there is to submit runs as the framework's user; updates there are of two.
        if (at === 2 && (id === 'job.submit' || id === 'update.status')) continue;
        const refused = await ask(clients[name], key).then(
          () => undefined,
          (error: DawnError) => error,
        );
        const may = MAY[kind as Exclude<Kind, 'filtered'>][name][at];
        const what = `${id} of ${key} by ${name}`;
        if (may) expect([what, refused?.code === 'forbidden']).toEqual([what, false]);
        else {
          expect([what, refused?.code]).toEqual([what, 'forbidden']);
          expect(refused?.message).toMatch(
            new RegExp(`^${name} may not (see|change|read what was written by) ${key}`),
          );
          expect(refused?.hint).toMatch(/^--acls of the cluster do not allow [a-z_]+ of (db|web|root|dawn)$/);
        }
      }
  });
});

test('forbidden is 403, and an exit code of those who are not let in', () => {
  expect(ERRORS.forbidden).toEqual({ http: 403, exit: ERRORS.unauthorized.exit });
});

test('a snapshot of the console fails as the commands do', async () => {
  const { url } = (await clients.ops.call('cluster.info', {})) as unknown as { url: string };
  const of = (line: string, authorization?: string): Promise<string> =>
    snapshot({ url, user: 'x', line, env: {}, columns: 80, rows: 24, authorization });
  const guest = `Basic ${btoa('guest:g')}`;
  await expect(of('jobs')).rejects.toMatchObject({
    code: 'unauthorized',
    hint: expect.stringContaining('--credential') as string,
  });
  await expect(of('jobs', `Basic ${btoa('guest:wrong')}`)).rejects.toMatchObject({ code: 'unauthorized' });
  await expect(of('job db/prod/a', guest)).rejects.toMatchObject({ code: 'forbidden' });
  expect(await of('jobs', guest)).toContain('web/prod/a');
});

describe('lists leave out what is hidden', () => {
  const filtered = (Object.keys(OPERATIONS) as OperationId[]).filter((id) => CASES[id][0] === 'filtered');
  const keysIn = (answer: unknown): string[] =>
    JOBS.filter((key) => JSON.stringify(answer).includes(`"${key}"`));

  test.each(filtered)('%s', async (id) => {
    const everything = keysIn(await CASES[id][1](clients.ops, ''));
    expect(everything.length).toBeGreaterThanOrEqual(2);
    for (const name of ['ann', 'guest'] as const)
      expect([name, keysIn(await CASES[id][1](clients[name], ''))]).toEqual([name, ['web/prod/a']]);
  });

  test('one that is named in a query is refused', async () => {
    for (const id of ['task.list', 'update.list'] as const)
      await expect(clients.ann.call(id, { query: { job: 'db/prod/a' } })).rejects.toMatchObject({
        code: 'forbidden',
      });
    await expect(
      drained(clients.ann.stream('events', { query: { since: 0, follow: false, job: 'db/prod/a' } })),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('and so does a view that is kept up to date', async () => {
    expect(keysIn(await watched(clients.ops, { view: 'jobs' }))).toEqual(JOBS);
    expect(keysIn(await watched(clients.guest, { view: 'jobs' }))).toEqual(['web/prod/a']);
    for (const name of NAMES)
      expect(await watched(clients[name], { view: 'hosts' })).toMatchObject({ type: 'snapshot' });
    const heard: string[] = [];
    const gone = new AbortController();
    for await (const message of clients.ann.stream('watch', {
      query: { view: 'jobs' },
      signal: gone.signal,
    })) {
      heard.push(JSON.stringify(message));
      if (message.type === 'snapshot') {
        for (const key of ['db/prod/a', 'web/prod/a'])
          await clients.ops.act({ kind: 'update.command', command: 'abort', key: key as never });
        await clients.ops.act({ kind: 'job.kill', key: 'db/prod/a' as never });
        await clients.ops.act({ kind: 'job.kill', key: 'web/prod/a' as never });
      }
      if (message.type === 'delta' && heard.at(-1)!.includes('web/prod/a')) gone.abort();
    }
    expect(heard.join('')).not.toContain('db/prod/a');
  });

  test.each(['task', 'update'])('a view of one %s is refused', async (view) => {
    const { id = '' } = view === 'task' ? await taskOf('web/prod/root') : await updateOf('db/prod/a');
    await expect(watched(clients.guest, { view, id })).rejects.toMatchObject({ code: 'forbidden' });
  });
});
