import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { httpLink } from '../../server/agent/http-link.ts';
import { parseCredentials } from '../../server/http/auth/credentials.ts';
import { type Realm, realmOf } from '../../server/http/auth/realms.ts';
import { parseAcls } from '../../shared/mesos/acls.ts';
import { readClusterFixture } from '../../shared/cluster-fixture.ts';
import { type MesosMaster, mesosMaster } from '../support/mesos-master.ts';
import { agentInfo } from '../unit/master/test-master.ts';
import { RawConnection } from '../support/raw-http.ts';

const AGENTS = `containerizer: simulated\nagents: [{ name: a, cpus: 4, memMb: 4096, diskMb: 1000, ports: [31000, 31009] }]\nsimulation: { startMs: [1, 2] }`;
const authentication = {
  credentials: parseCredentials('ops o\nann a\nguest g'),
  realms: new Set<Realm>(['mesos-master-readonly', 'mesos-master-readwrite', 'mesos-master-scheduler']),
  realmOf,
};
const secrets: Readonly<Record<string, string>> = { ops: 'o', ann: 'a', guest: 'g' };
const only = (principals: string[], field: string, values: string[]): object[] => [
  { principals: { values: ['ops'] }, [field]: { type: 'ANY' } },
  { principals: { values: principals }, [field]: { values } },
  { principals: { type: 'ANY' }, [field]: { type: 'NONE' } },
];
/** Ops see everything; ann what runs as ann, and her role; guests nothing. */
const ACLS = JSON.stringify({
  view_frameworks: only(['ann'], 'users', ['ann']),
  view_tasks: only(['ann'], 'users', ['ann']),
  view_roles: only(['ann'], 'roles', ['web']),
  get_quotas: only(['ann'], 'roles', ['web']),
  view_flags: only([], 'flags', []),
  get_endpoints: only(['ann'], 'paths', ['/metrics/snapshot']),
  get_maintenance_schedules: only([], 'machines', []),
  get_maintenance_statuses: only([], 'machines', []),
  set_log_level: only([], 'level', []),
  update_weights: only(['ann'], 'roles', ['web']),
});

let master: MesosMaster;
let url: string;
const open: RawConnection[] = [];

beforeEach(async () => {
  master = await mesosMaster({ authentication, limits: { acls: parseAcls(ACLS) } });
  url = `http://127.0.0.1:${master.port}`;
  master.simulate(readClusterFixture(AGENTS, 'test'));
  for (const user of ['ann', 'bob']) await runTask(user, user === 'ann' ? 'web' : 'db');
  const configs = ['web', 'db'].map((role) => ({ role, limits: { cpus: { value: 3 } } }));
  await ask('ops', { type: 'UPDATE_QUOTA', update_quota: { force: true, quota_configs: configs } });
  const infos = ['web', 'db'].map((role) => ({ role, weight: 2 }));
  await ask('ops', { type: 'UPDATE_WEIGHTS', update_weights: { weight_infos: infos } });
  const window = {
    machine_ids: [{ hostname: 'elsewhere', ip: '10.0.0.9' }],
    unavailability: { start: { nanoseconds: 1e18 } },
  };
  const update_maintenance_schedule = { schedule: { windows: [window] } };
  await ask('ops', { type: 'UPDATE_MAINTENANCE_SCHEDULE', update_maintenance_schedule });
});

afterEach(async () => {
  for (const connection of open.splice(0)) connection.close();
  await master.close();
});

const authorization = (name: string): string => `Basic ${btoa(`${name}:${secrets[name]}`)}`;

async function ask(name: string, call: object): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json', authorization: authorization(name) };
  const response = await fetch(`${url}/api/v1`, { method: 'POST', headers, body: JSON.stringify(call) });
  return { status: response.status, text: await response.text() };
}

async function get(name: string, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url + path, { headers: { authorization: authorization(name) } });
  return { status: response.status, text: await response.text() };
}

/** A stream of events, and what came on it so far. */
async function stream(
  path: string,
  name: string,
  body: object,
): Promise<{ text: () => string; id: () => string }> {
  const connection = await RawConnection.open(master.port);
  open.push(connection);
  const text = JSON.stringify(body);
  connection.send(
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${master.port}\r\nContent-Type: application/json\r\nAuthorization: ${authorization(name)}\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    ),
  );
  await until(() => (connection.response()?.chunks.length ?? 0) > 0);
  return {
    text: () => Buffer.concat([...(connection.response()?.chunks ?? [])]).toString(),
    id: () => connection.response()?.headers.find(([each]) => each === 'Mesos-Stream-Id')?.[1] ?? '',
  };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let at = 0; at < 400 && !isSo(); at++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isSo()).toBe(true);
}

/** A framework of that user with one task that is called after it. */
async function runTask(user: string, role: string): Promise<void> {
  const framework_info = {
    user,
    name: `${user}-framework`,
    roles: [role],
    capabilities: [{ type: 'MULTI_ROLE' }],
  };
  const heard = await stream('/api/v1/scheduler', 'ops', {
    type: 'SUBSCRIBE',
    subscribe: { framework_info },
  });
  await until(() => heard.text().includes('"OFFERS"'));
  const offer = [...master.core.master.offers.values()].at(-1)!;
  const scalar = (name: string, value: number): object => ({ name, type: 'SCALAR', scalar: { value } });
  const task = {
    name: `${user}-task`,
    task_id: { value: `${user}-task` },
    agent_id: { value: offer.agent },
    command: { value: 'sleep 100' },
    resources: [scalar('cpus', 0.5), scalar('mem', 64)],
  };
  const operations = [{ type: 'LAUNCH', launch: { task_infos: [task] } }];
  await fetch(`${url}/api/v1/scheduler`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'mesos-stream-id': heard.id(),
      authorization: authorization('ops'),
    },
    body: JSON.stringify({
      type: 'ACCEPT',
      framework_id: { value: offer.framework },
      accept: { offer_ids: [{ value: offer.id }], operations, filters: { refuse_seconds: 1000 } },
    }),
  });
  await until(() => heard.text().includes('TASK_STARTING'));
}

/** Which of the two users an answer speaks of. */
function spokenOf(
  text: string,
  names = ['ann-task', 'bob-task', 'ann-framework', 'bob-framework'],
): string[] {
  return names.filter((name) => text.includes(name));
}

describe('what runs is shown to those who may see it', () => {
  const ann = ['ann-task', 'ann-framework'];
  const all = ['ann-task', 'bob-task', 'ann-framework', 'bob-framework'];

  test.each([
    ['GET_STATE', all],
    ['GET_TASKS', ['ann-task', 'bob-task']],
    ['GET_FRAMEWORKS', ['ann-framework', 'bob-framework']],
  ])('%s', async (type, everything) => {
    const of = async (name: string): Promise<string[]> => spokenOf((await ask(name, { type })).text);
    expect(await of('ops')).toEqual(everything);
    expect(await of('ann')).toEqual(everything.filter((each) => ann.includes(each)));
    expect(await of('guest')).toEqual([]);
  });

  test.each([
    ['/state', all],
    ['/master/state', all],
    ['/tasks', ['ann-task', 'bob-task']],
    ['/frameworks', all],
    ['/state-summary', ['ann-framework', 'bob-framework']],
  ])('%s', async (path, everything) => {
    const of = async (name: string): Promise<string[]> => spokenOf((await get(name, path)).text);
    expect(await of('ops')).toEqual(everything);
    expect(await of('ann')).toEqual(everything.filter((each) => ann.includes(each)));
    expect(await of('guest')).toEqual([]);
  });

  test('and so is what happens to it', async () => {
    const streams = await Promise.all(
      ['ops', 'ann', 'guest'].map((name) => stream('/api/v1', name, { type: 'SUBSCRIBE' })),
    );
    await runTask('bob', 'db');
    await until(() => streams[0]!.text().includes('TASK_UPDATED'));
    expect(streams.map(({ text }) => spokenOf(text()))).toEqual([all, ann, []]);
    expect(streams[1]!.text()).not.toContain('TASK_UPDATED');
  });
});

test.each([
  ['GET_ROLES', ['web', 'db'], ['web']],
  ['GET_WEIGHTS', ['web', 'db'], ['web']],
  ['GET_QUOTA', ['web', 'db'], ['web']],
])('%s tells of the roles that one may see', async (type, everything, anns) => {
  const of = async (name: string): Promise<string[]> =>
    spokenOf((await ask(name, { type })).text, ['"web"', '"db"']).map((each) => each.slice(1, -1));
  expect(await of('ops')).toEqual(everything);
  expect(await of('ann')).toEqual(anns);
  expect(await of('guest')).toEqual([]);
});

test('the same of the endpoints from before', async () => {
  for (const path of ['/roles', '/weights', '/quota']) {
    expect(spokenOf((await get('ann', path)).text, ['"web"', '"db"'])).toEqual(['"web"']);
    expect(spokenOf((await get('guest', path)).text, ['"web"', '"db"'])).toEqual([]);
  }
  expect((await get('ops', '/maintenance/schedule')).text).toContain('elsewhere');
  expect((await get('ops', '/maintenance/status')).text).toContain('elsewhere');
  expect((await get('ann', '/maintenance/schedule')).text).toBe('{}');
  expect((await get('ann', '/maintenance/status')).text).toBe('{}');
});

test('who may remove a quota removes it, seen or not', async () => {
  const remove = async (path: string): Promise<number> => {
    const headers = { authorization: authorization('guest') };
    return (await fetch(url + path, { method: 'DELETE', headers })).status;
  };
  expect(await remove('/quota/db')).toBe(200);
  expect(await remove('/quota/db')).toBe(400);
  expect((await get('ops', '/quota')).text).not.toContain('"db"');
});

test.each([
  ['flags', (name: string) => get(name, '/flags'), ['ops']],
  ['GET_FLAGS', (name: string) => ask(name, { type: 'GET_FLAGS' }), ['ops']],
  ['metrics', (name: string) => get(name, '/metrics/snapshot'), ['ops', 'ann']],
  [
    'the log level',
    (name: string) =>
      ask(name, {
        type: 'SET_LOGGING_LEVEL',
        set_logging_level: { level: 1, duration: { nanoseconds: 1e9 } },
      }),
    ['ops'],
  ],
  [
    'a weight',
    (name: string) =>
      ask(name, { type: 'UPDATE_WEIGHTS', update_weights: { weight_infos: [{ role: 'web', weight: 3 }] } }),
    ['ops', 'ann'],
  ],
])('%s: 403 to others', async (_what, request, allowed) => {
  for (const name of ['ops', 'ann', 'guest'])
    expect([name, (await request(name)).status]).toEqual([name, allowed.includes(name) ? 200 : 403]);
});

describe('what agents have is shown without what is reserved for roles that one may not see', () => {
  beforeEach(async () => {
    const resources = ['web', 'db'].map((role) => ({
      name: 'cpus',
      type: 'SCALAR',
      scalar: { value: 0.5 },
      reservations: [{ type: 'DYNAMIC', role, principal: 'ops' }],
    }));
    const [id] = master.core.master.agents.keys();
    const reserve_resources = { agent_id: { value: id }, resources };
    expect((await ask('ops', { type: 'RESERVE_RESOURCES', reserve_resources })).status).toBe(202);
    await until(() => [...master.core.master.agents.values()][0]!.kept.length === 2);
  });

  interface Reserved {
    readonly reservations?: readonly { readonly role: string }[];
    readonly allocation_info?: { readonly role: string };
  }
  const rolesOf = (list: readonly Reserved[] = []): string[] =>
    [
      ...new Set(
        list.flatMap(({ reservations = [], allocation_info: to }) =>
          [...reservations, ...(to ? [to] : [])].map(({ role }) => role),
        ),
      ),
    ].sort();

  test('GET_AGENTS', async () => {
    const of = async (name: string): Promise<string[][]> => {
      const { get_agents } = JSON.parse((await ask(name, { type: 'GET_AGENTS' })).text) as {
        get_agents: { agents: Record<string, Reserved[]>[] };
      };
      const agent = get_agents.agents[0]!;
      return ['total_resources', 'allocated_resources'].map((field) => rolesOf(agent[field]));
    };
    expect(await of('ops')).toEqual([
      ['db', 'web'],
      ['db', 'web'],
    ]);
    expect(await of('ann')).toEqual([['web'], ['web']]);
    expect(await of('guest')).toEqual([[], []]);
  });

  test.each(['/slaves', '/state'])('%s', async (path) => {
    const of = async (name: string): Promise<string[]> => {
      const { slaves } = JSON.parse((await get(name, path)).text) as { slaves: Record<string, object>[] };
      const { reserved_resources, reserved_resources_full = reserved_resources } = slaves[0]!;
      expect(Object.keys(reserved_resources_full!)).toEqual(Object.keys(reserved_resources!));
      return Object.keys(reserved_resources!).sort();
    };
    expect(await of('ops')).toEqual(['db', 'web']);
    expect(await of('ann')).toEqual(['web']);
    expect(await of('guest')).toEqual([]);
  });

  test('an agent that comes is told of in the same way', async () => {
    const heard = await Promise.all(
      ['ops', 'ann', 'guest'].map((name) => stream('/api/v1', name, { type: 'SUBSCRIBE' })),
    );
    const before = heard.map(({ text }) => text().length);
    const resources = ['web', 'db'].map((role) => ({
      name: 'cpus',
      type: 'SCALAR' as const,
      scalar: { value: 1 },
      reservations: [{ type: 'STATIC' as const, role }],
    }));
    const agent_info = { ...agentInfo('late'), resources };
    const link = httpLink([new URL(url)], undefined, () => undefined);
    const handler = { onEvent: () => undefined, onDown: () => undefined };
    link.start(() => ({ type: 'SUBSCRIBE', subscribe: { agent_info, tasks: [], boot_id: 'b' } }), handler);
    await until(() => heard.every(({ text }, at) => text().slice(before[at]).includes('AGENT_ADDED')));
    expect(heard.map(({ text }, at) => spokenOf(text().slice(before[at]), ['"web"', '"db"']))).toEqual([
      ['"web"', '"db"'],
      ['"web"'],
      [],
    ]);
    await link.close();
  });
});
