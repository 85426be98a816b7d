/** Two servers on one store, as processes: one leads, the other stands by. Killed, told to stop; with agents, frameworks and commands that find the new leader. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ClusterView } from '../../shared/api/views.ts';
import { Dawn, until } from './dawn.ts';
import { type Part, beginPart, endPart } from './part.ts';
import { RawFramework } from './raw-v1/framework.ts';

const KEY = 'demo/devel/greeter';
const FRAMEWORK = { user: 'root', name: 'raw', failover_timeout: 60, checkpoint: true };
const RESOURCES = [
  { name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } },
  { name: 'mem', type: 'SCALAR', scalar: { value: 32 } },
];

let dawn: Dawn;
let parts: Part[];

beforeEach(() => {
  dawn = new Dawn({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
  parts = [];
});

afterEach(async () => {
  for (const { child } of parts.reverse()) {
    // One that was stopped hears nothing.
    child.kill('SIGCONT');
    await endPart(child, 'SIGTERM');
  }
  await dawn.close();
});

async function begin(...args: readonly string[]): Promise<Part> {
  const part = await beginPart(dawn, ...args);
  parts.push(part);
  return part;
}

const serve = (program: 'master' | 'server', ...more: readonly string[]): Promise<Part> =>
  begin(
    program,
    '--standby',
    `--work_dir=${join(dawn.home, 'store')}`,
    ...more,
    ...(more.some((flag) => flag.startsWith('--port')) ? [] : ['--port=0']),
  );

const agentOf = (masters: string, ...more: readonly string[]): Promise<Part> =>
  begin(
    'agent',
    `--master=${masters}`,
    '--hostname=agent-1',
    `--work_dir=${join(dawn.home, 'agent-1')}`,
    '--containerizers=mesos',
    '--kill-on-exit',
    ...more,
  );

const urls = (...servers: readonly Part[]): string => servers.map(({ url }) => url).join(',');

/** `host:port` of the leader, as `/redirect` of any of them tells; undefined: it tells of none. */
async function leaderTold({ url }: Part): Promise<string | undefined> {
  const { headers } = await fetch(`${url}/redirect`, { redirect: 'manual' });
  return headers.get('location')?.replace('//localhost', '127.0.0.1');
}

const leads = async (server: Part): Promise<void> => {
  await until(
    `${server.url} to lead`,
    () => fetch(`${server.url}/state`, { redirect: 'manual' }),
    ({ status }) => status === 200,
  );
};

async function recoveredAgents({ url }: Part): Promise<unknown[]> {
  const slaves = (await (await fetch(`${url}/slaves`)).json()) as {
    recovered_slaves: unknown[];
    slaves: unknown[];
  };
  return slaves.recovered_slaves;
}

describe('a leader that is killed', () => {
  test('is followed by the one that stood by: tasks run on, and every framework and agent comes back to it', async () => {
    const [a, b] = [await serve('master'), await serve('master')];
    expect(await leaderTold(b)).toBe(new URL(a.url).host);
    await agentOf(urls(b, a));
    await begin(
      'server',
      '--port=0',
      `--work_dir=${join(dawn.home, 'scheduler')}`,
      `--mesos-master=${urls(a, b)}`,
    ).then(({ url }) => dawn.use(url));
    expect((await dawn.run('job', 'submit', 'fixtures/jobs/hello.yaml', '--yes', '--wait')).code).toBe(0);
    const before = await dawn.job(KEY);
    const { framework } = await dawn.json<ClusterView>('cluster', 'info');

    await endPart(a.child, 'SIGKILL');
    await leads(b);
    expect((await dawn.run('job', 'scale', KEY, '4', '--wait')).code).toBe(0);
    const after = await dawn.job(KEY);
    expect(after.active.slice(0, 3).map(({ id, status }) => [id, status])).toEqual(
      before.active.map(({ id, status }) => [id, status]),
    );
    expect((await dawn.json<ClusterView>('cluster', 'info')).framework).toBe(framework);
    expect(await recoveredAgents(b)).toEqual([]);

    // The next generation: told to stop, with another one waiting.
    const c = await serve('master', `--port=${new URL(a.url).port}`);
    expect(await leaderTold(c)).toBe(new URL(b.url).host);
    await endPart(b.child, 'SIGTERM');
    await leads(c);
    expect((await dawn.run('job', 'scale', KEY, '5', '--wait')).code).toBe(0);
    expect((await dawn.job(KEY)).active.slice(0, 4).map(({ id }) => id)).toEqual(
      after.active.map(({ id }) => id),
    );
    expect((await dawn.run('job', 'kill', KEY, '--yes', '--wait')).code).toBe(0);
  });

  test('is silent about tasks of agents that are not back, and says how they are once they are', async () => {
    const [a, b] = [await serve('master'), await serve('master')];
    const agent = await agentOf(urls(a, b));
    const framework = new RawFramework(a.url, () => undefined);
    await framework.subscribe(FRAMEWORK);
    const agent_id = { value: await framework.agent() };
    const task = {
      name: 't',
      task_id: { value: 't' },
      agent_id,
      command: { value: 'sleep 1000' },
      resources: RESOURCES,
    };
    await framework.accept([{ type: 'LAUNCH', launch: { task_infos: [task] } }]);
    await framework.status('t', 'TASK_RUNNING');

    agent.child.kill('SIGSTOP');
    await endPart(a.child, 'SIGKILL');
    await leads(b);
    const again = new RawFramework(b.url, () => undefined);
    again.id = framework.id;
    await again.subscribe(FRAMEWORK);
    expect(await recoveredAgents(b)).toMatchObject([{ id: agent_id.value, hostname: 'agent-1' }]);
    const asked = { tasks: [{ task_id: task.task_id, agent_id }, { task_id: { value: 'nobody' } }] };
    await again.call('RECONCILE', asked);

    agent.child.kill('SIGCONT');
    await until(
      'the agent',
      () => recoveredAgents(b),
      (left) => left.length === 0,
    );
    await again.call('RECONCILE', asked);
    await again.status('nobody', 'TASK_LOST');
    const answers = again.statuses.filter(({ reason }) => reason === 'REASON_RECONCILIATION');
    // Asked twice, answered once.
    expect(answers.map((status) => [status.task_id.value, status.state])).toEqual([
      ['t', 'TASK_RUNNING'],
      ['nobody', 'TASK_LOST'],
    ]);
    await again.call('TEARDOWN');
  });
});

test('nothing that was acknowledged is lost, and everybody says who they are to the next leader as well', async () => {
  const secrets = join(dawn.home, 'credentials');
  const credential = join(dawn.home, 'credential');
  writeFileSync(secrets, JSON.stringify({ credentials: [{ principal: 'ann', secret: 's' }] }));
  writeFileSync(credential, JSON.stringify({ principal: 'ann', secret: 's' }));
  const asking = [
    `--credentials=${secrets}`,
    '--authenticate_http_readonly',
    '--authenticate_http_readwrite',
    '--authenticate_agents',
  ];
  const [a, b] = [await serve('server', ...asking), await serve('server', ...asking)];
  await agentOf(urls(b, a), `--credential=${credential}`);

  // By the one that stands by.
  expect((await dawn.run('job', 'list', '--cluster', b.url)).code).toBe(30);
  const as = (...servers: Part[]): string[] => ['--cluster', urls(...servers), '--credential', credential];
  expect(
    (await dawn.run('job', 'submit', 'fixtures/jobs/hello.yaml', '--yes', '--wait', ...as(b))).code,
  ).toBe(0);
  const before = await dawn.json<{ jobs: unknown[] }>('job', 'history', KEY, ...as(a));

  await endPart(a.child, 'SIGKILL');
  expect(await dawn.json('job', 'history', KEY, ...as(a, b))).toEqual(before);
  expect((await dawn.run('job', 'scale', KEY, '4', '--wait', ...as(b))).code).toBe(0);
});

test('a server without --standby is refused, and told of it', async () => {
  await serve('server');
  const ran = await dawn.run('server', '--port=0', `--work_dir=${join(dawn.home, 'store')}`);
  expect(ran).toMatchObject({
    code: 8,
    err: expect.stringMatching(/another server has .*dawn\.db open \(pid \d+\); .*--standby/),
  });
});

test('one that stood by and cannot read the store says so and ends', async () => {
  const a = await serve('master');
  const b = await serve('master');
  const ended = new Promise((resolve) => b.child.once('exit', resolve));
  // A mark of more than was ever written: the store lost its end.
  writeFileSync(join(dawn.home, 'store', 'high-water'), `999 ${'0'.repeat(64)}\n`);
  await endPart(a.child, 'SIGKILL');
  expect(await ended).toBe(10);
});
