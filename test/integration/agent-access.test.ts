/** Who may do what on an agent, by its `--acls`: started with the flags, on a master, with the tasks of two users. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fleet } from '../../server/http/console/fleet.ts';
import { ownFleet } from '../../server/http/console/fleet/own.ts';
import { remoteFleet } from '../../server/http/console/fleet/remote.ts';
import type { RemoteAgent } from '../../server/link/remote-agents.ts';
import type { TaskRow } from '../../server/scheduler/rows.ts';
import { emptyWorld } from '../../server/scheduler/world.ts';
import { AskedAgent } from '../support/asked-agent.ts';

const only = (values: readonly string[] | 'ANY', field: string, objects?: readonly string[]): object => ({
  principals: values === 'ANY' ? { type: 'ANY' } : { values },
  [field]: objects ? { values: objects } : { type: 'ANY' },
});
const nobody = (field: string): object => ({ principals: { type: 'ANY' }, [field]: { type: 'NONE' } });
/** Ops may do everything; ann what is of the user ann; others nothing. */
const byUser = (action: string): [string, object[]] => [
  action,
  [only(['ops'], 'users'), only(['ann'], 'users', ['ann']), nobody('users')],
];
const byOps = (action: string, field: string): [string, object[]] => [
  action,
  [only(['ops'], field), nobody(field)],
];
const ACLS = JSON.stringify(
  Object.fromEntries([
    byUser('view_frameworks'),
    byUser('view_executors'),
    byUser('view_tasks'),
    byUser('view_containers'),
    byUser('access_sandboxes'),
    byUser('launch_nested_containers_under_parent_with_user'),
    byUser('launch_nested_container_sessions_under_parent_with_user'),
    byUser('wait_nested_containers'),
    byUser('kill_nested_containers'),
    byUser('remove_nested_containers'),
    byUser('attach_containers_input'),
    byUser('attach_containers_output'),
    // Ann may run commands as nobody in particular, and as herself.
    [
      'launch_nested_containers_as_user',
      [only(['ops'], 'users'), only(['ann'], 'users', ['ann']), only(['ann'], 'users')],
    ],
    byOps('launch_nested_container_sessions_as_user', 'users'),
    byOps('launch_standalone_containers', 'users'),
    byOps('wait_standalone_containers', 'users'),
    byOps('kill_standalone_containers', 'users'),
    byOps('remove_standalone_containers', 'users'),
    byOps('view_standalone_containers', 'users'),
    byOps('view_flags', 'flags'),
    byOps('set_log_level', 'level'),
    ['get_endpoints', [only(['ops'], 'paths'), only(['ann'], 'paths', ['/containers']), nobody('paths')]],
  ]),
);
const OPS = 'ops:o';
const ANN = 'ann:a';
const GUEST = 'guest:g';

let agent: AskedAgent;
const containers: Record<string, string> = {};

beforeAll(async () => {
  const secrets = { ops: 'o', ann: 'a', guest: 'g' };
  const asks = ['--authenticate_http_readonly', '--authenticate_http_readwrite', `--acls=${ACLS}`];
  agent = await new AskedAgent().start(secrets, ...asks);
  for (const user of ['ann', 'bob'])
    containers[user] = await agent.runTask(user, `echo secret-of-${user}; while :; do sleep 0.2; done`);
});
afterAll(() => agent.close());

test.each([
  '/state',
  '/slave(1)/state',
  '/flags',
  '/containers',
  '/metrics/snapshot',
  '/files/debug',
  '/dawn/v1/tasks/ann-task/logs',
])('%s is shown to those who say who they are', async (path) => {
  for (const who of [undefined, 'ann:wrong', 'nobody:a', 'Bearer x.y.z']) {
    const { status, headers } = await agent.ask(who, path);
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Basic realm="mesos-agent-readonly"']);
  }
  expect((await agent.ask(OPS, path)).status).toBe(200);
});

test('health and version are for everybody', async () => {
  expect((await agent.ask(undefined, '/health')).status).toBe(200);
  expect((await agent.ask(undefined, '/version')).status).toBe(200);
  const { status, headers } = await agent.ask(undefined, { type: 'GET_HEALTH' });
  expect([status, headers.get('www-authenticate')]).toEqual([401, 'Basic realm="mesos-agent-readwrite"']);
});

/** Of which users an answer speaks. */
const usersIn = (text: string): string[] => ['ann', 'bob'].filter((user) => text.includes(`${user}-task`));
const frameworksIn = (text: string): string[] =>
  ['ann', 'bob'].filter((user) => text.includes(`${user}-framework`));

describe('lists show to each what is theirs', () => {
  test.each<[string | object, (text: string) => string[]]>([
    ['/state', usersIn],
    ['/state', frameworksIn],
    ['/containers', usersIn],
    [{ type: 'GET_STATE' }, usersIn],
    [{ type: 'GET_STATE' }, frameworksIn],
    [{ type: 'GET_TASKS' }, usersIn],
    [{ type: 'GET_EXECUTORS' }, usersIn],
    [{ type: 'GET_FRAMEWORKS' }, frameworksIn],
    [{ type: 'GET_CONTAINERS' }, usersIn],
  ])('%j', async (what, found) => {
    expect(found((await agent.ask(OPS, what)).text)).toEqual(['ann', 'bob']);
    expect(found((await agent.ask(ANN, what)).text)).toEqual(['ann']);
    expect(found((await agent.ask(GUEST, what)).text)).toEqual([]);
  });

  test('flags are a part of /state for those who may see them', async () => {
    const flags = async (who: string): Promise<unknown> =>
      (JSON.parse((await agent.ask(who, '/state')).text) as { flags?: object }).flags;
    expect(await flags(OPS)).toMatchObject({ hostname: 'asked' });
    expect(await flags(ANN)).toBeUndefined();
  });
});

test.each<[string | object, allowed: string[]]>([
  ['/flags', [OPS]],
  [{ type: 'GET_FLAGS' }, [OPS]],
  [{ type: 'SET_LOGGING_LEVEL', set_logging_level: { level: 1, duration: { nanoseconds: 1e6 } } }, [OPS]],
  ['/containers', [OPS, ANN]],
  ['/monitor/statistics', [OPS]],
  ['/metrics/snapshot', [OPS]],
  ['/files/debug', [OPS]],
])('%j: 403 to others than %j', async (what, allowed) => {
  for (const who of [OPS, ANN, GUEST]) {
    const { status, text } = await agent.ask(who, what);
    expect([who, status]).toEqual([who, allowed.includes(who) ? 200 : 403]);
    if (status === 403) expect(text).toBe('403 Forbidden.');
  }
});

describe('sandboxes', () => {
  const paths = (user: string): Promise<string> =>
    agent.ask(OPS, '/files/debug').then(({ text }) => {
      const names = Object.keys(JSON.parse(text) as object);
      return names.find((name) => name.includes(`${user}-task`) && name.endsWith('latest'))!;
    });

  test.each<[string, (path: string) => string | object]>([
    ['browse', (path) => `/files/browse?path=${path}`],
    ['read', (path) => `/files/read?path=${path}/stdout&offset=0`],
    ['download', (path) => `/files/download?path=${path}/stdout`],
    ['LIST_FILES', (path) => ({ type: 'LIST_FILES', list_files: { path } })],
    ['READ_FILE', (path) => ({ type: 'READ_FILE', read_file: { path: `${path}/stdout`, offset: 0 } })],
  ])('%s', async (_name, at) => {
    const [anns, bobs] = [at(await paths('ann')), at(await paths('bob'))];
    const status = async (who: string, what: string | object): Promise<number> =>
      (await agent.ask(who, what)).status;
    expect([await status(OPS, anns), await status(OPS, bobs)]).toEqual([200, 200]);
    expect([await status(ANN, anns), await status(ANN, bobs)]).toEqual([200, 403]);
    expect([await status(GUEST, anns), await status(GUEST, bobs)]).toEqual([403, 403]);
  });

  test.each(['logs?tail=1', 'files?path=stdout'])('what a server asks for: %s', async (rest) => {
    const of = async (who: string, user: string): Promise<[number, boolean]> => {
      const { status, text } = await agent.ask(who, `/dawn/v1/tasks/${user}-task/${rest}`);
      return [status, text.includes(`secret-of-${user}`)];
    };
    expect([
      await of(OPS, 'bob'),
      await of(ANN, 'ann'),
      await of(ANN, 'bob'),
      await of(GUEST, 'bob'),
    ]).toEqual([
      [200, true],
      [200, true],
      [403, false],
      [403, false],
    ]);
  });
});

describe('containers inside', () => {
  const nested = (user: string) => ({ value: 'n', parent: { value: containers[user]! } });
  const call = (type: string, field: object): object => ({ type, [type.toLowerCase()]: field });
  const status = async (who: string, what: object): Promise<number> => (await agent.ask(who, what)).status;
  const command = { value: 'sleep 1000' };

  test.each<[string, (user: string) => object]>([
    [
      'LAUNCH_NESTED_CONTAINER',
      (user) => call('LAUNCH_NESTED_CONTAINER', { container_id: nested(user), command }),
    ],
    ['LAUNCH_CONTAINER', (user) => call('LAUNCH_CONTAINER', { container_id: nested(user), command })],
    ['ATTACH_CONTAINER_OUTPUT', (user) => call('ATTACH_CONTAINER_OUTPUT', { container_id: nested(user) })],
    ['KILL_NESTED_CONTAINER', (user) => call('KILL_NESTED_CONTAINER', { container_id: nested(user) })],
    ['WAIT_NESTED_CONTAINER', (user) => call('WAIT_NESTED_CONTAINER', { container_id: nested(user) })],
    ['WAIT_CONTAINER', (user) => call('WAIT_CONTAINER', { container_id: nested(user) })],
    ['REMOVE_NESTED_CONTAINER', (user) => call('REMOVE_NESTED_CONTAINER', { container_id: nested(user) })],
  ])('%s', async (_type, of) => {
    expect(await status(GUEST, of('ann'))).toBe(403);
    expect(await status(ANN, of('bob'))).toBe(403);
    expect([200, 202]).toContain(await status(ANN, of('ann')));
  });

  test('the user that a command names takes a permission as well', async () => {
    const as = (user: string): object =>
      call('LAUNCH_NESTED_CONTAINER', { container_id: nested('ann'), command: { ...command, user } });
    expect(await status(OPS, as('root'))).toBe(200);
    expect(await status(OPS, call('KILL_NESTED_CONTAINER', { container_id: nested('ann') }))).toBe(200);
    expect(
      await status(ANN, call('LAUNCH_NESTED_CONTAINER_SESSION', { container_id: nested('ann'), command })),
    ).toBe(403);
  });

  test('input', async () => {
    const attach_container_input = { type: 'CONTAINER_ID', container_id: nested('bob') };
    const text = JSON.stringify({ type: 'ATTACH_CONTAINER_INPUT', attach_container_input });
    const send = (who: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${agent.port}/api/v1`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${btoa(who)}`,
          'content-type': 'application/recordio',
          'message-content-type': 'application/json',
        },
        body: `${text.length}\n${text}`,
      });
    expect((await send(ANN)).status).toBe(403);
    expect((await send(OPS)).status).toBe(404);
  });

  test('those that stand alone', async () => {
    const container_id = { value: 'alone' };
    const each = ['LAUNCH', 'KILL', 'WAIT', 'REMOVE'].map((verb) =>
      call(`${verb}_CONTAINER`, { container_id, ...(verb === 'LAUNCH' ? { command } : {}) }),
    );
    const shown = async (who: string): Promise<boolean> =>
      (
        await agent.ask(who, { type: 'GET_CONTAINERS', get_containers: { show_standalone: true } })
      ).text.includes('alone');
    for (const what of each) {
      expect(await status(ANN, what)).toBe(403);
      expect(await status(OPS, what)).toBe(200);
      if (what === each[0]) expect([await shown(OPS), await shown(ANN)]).toEqual([true, false]);
    }
    expect(await shown(OPS)).toBe(false);
  });
});

describe('a server that shows what tasks wrote', () => {
  const { signal } = new AbortController();
  const wanted = { stream: 'both', tail: 5, follow: false } as const;
  const fleets = (who: string | undefined): readonly (readonly [string, Fleet])[] => {
    const authorization = who === undefined ? undefined : `Basic ${btoa(who)}`;
    const [id, { info }] = [...agent.world.agents][0]!;
    const remote = { ...info, id } as unknown as RemoteAgent;
    return [
      ['own', ownFleet(agent.world, authorization)],
      [
        'elsewhere',
        remoteFleet(
          { all: () => [remote], get: () => remote, refresh: () => Promise.resolve() },
          'dev',
          () => emptyWorld(),
          authorization,
        ),
      ],
    ];
  };
  const task = (user: string): TaskRow => {
    const row = { id: `${user}-task`, job: 'a/b/c', instance: 0, host: 'asked' };
    return { ...row, agent: [...agent.world.agents.keys()][0] } as unknown as TaskRow;
  };

  test('says who it is to the agent', async () => {
    for (const [name, fleet] of fleets(OPS)) {
      let text = '';
      for await (const chunk of await fleet.logs(task('bob'), wanted, signal)) text += String(chunk);
      expect([name, text]).toEqual([name, expect.stringContaining('secret-of-bob')]);
      expect((await fleet.files(task('bob'), 'stdout', signal)).text).toBe('secret-of-bob\n');
    }
  });

  test.each([
    [undefined, 'ann', /--agent-credential=FILE/],
    ['ops:wrong', 'ann', /--agent-credential=FILE/],
    [ANN, 'bob', /--acls do not let the server's principal/],
  ])('as %s it says why it cannot read what is of %s', async (who, user, hint) => {
    for (const [, fleet] of fleets(who))
      await expect(fleet.logs(task(user), wanted, signal)).rejects.toMatchObject({
        code: 'unavailable',
        hint: expect.stringMatching(hint) as string,
      });
  });
});
