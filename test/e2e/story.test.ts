/** The whole story by commands, on real processes and on real containers: what a person does in the first five minutes, and what goes wrong in the sixth. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { ClusterView, PlanView, WhyAnswer } from '../../shared/api/views.ts';
import { dockerTest, runningContainers } from '../support/docker.ts';
import { Apart } from './apart.ts';
import { argumentsOf, Dawn, until } from './dawn.ts';

const KEY = 'demo/devel/greeter';

/** With scheduler and master in one process, as `up` starts them. */
async function storyOfUp(dawn: Dawn, agree: (instances: number) => void): Promise<void> {
  expect((await dawn.run('up', '--detach')).code).toBe(0);
  const again = await dawn.run('up', '--detach');
  expect(again.code).toBe(4);
  expect(again.err).toMatch(/already running at http:.*attach with `dawn console/s);
  await story(dawn, agree);
}

/** With the scheduler as a framework of a master in another process. */
async function storyApart(dawn: Dawn, encoding: 'json' | 'protobuf'): Promise<void> {
  await withApart(dawn, encoding, () => story(dawn, () => undefined));
}

/** Calls `agree` at every step: what the engine has must be what the cluster says. */
async function story(dawn: Dawn, agree: (instances: number) => void): Promise<void> {
  // Validate, plan, submit.
  expect((await dawn.run('job', 'validate', 'fixtures/jobs/hello.yaml')).out).toBe(
    `${KEY}: ok, 3 instances\n`,
  );
  const plan = await dawn.json<PlanView>('job', 'plan', 'fixtures/jobs/hello.yaml');
  expect(plan).toMatchObject({ action: 'create', add: [0, 1, 2], pending: [] });
  expect(plan.placements.every(({ host }) => host !== null)).toBe(true);
  expect(await dawn.run('job', 'submit', 'fixtures/jobs/hello.yaml')).toMatchObject({
    code: 6,
    err: expect.stringContaining('add --yes') as string,
  });
  expect((await dawn.run('job', 'submit', 'fixtures/jobs/hello.yaml', '--yes', '--wait')).code).toBe(0);
  expect((await dawn.job(KEY)).active.map((task) => task.status)).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
  agree(3);
  // Every task of the story, and of what `dawn up` starts with, takes 0.1.
  const { cpus, tasks } = await dawn.json<ClusterView>('cluster', 'info');
  expect(tasks['RUNNING']).toBeGreaterThanOrEqual(3);
  expect(cpus.used).toBeCloseTo(0.1 * tasks['RUNNING']!);

  // Scale.
  expect((await dawn.run('job', 'scale', KEY, '5', '--wait')).code).toBe(0);
  expect((await dawn.job(KEY)).row).toMatchObject({ running: 5, instances: 5 });
  agree(5);
  expect((await dawn.run('job', 'scale', KEY, '3', '--yes', '--wait')).code).toBe(0);
  await until(
    'three instances',
    () => dawn.job(KEY),
    (job) => job.active.length === 3,
  );
  agree(3);

  // A changed file is a rolling update; submitting it again changes nothing.
  expect(await dawn.run('job', 'plan', 'fixtures/jobs/hello-v2.yaml', '--exit-code')).toMatchObject({
    code: 1,
  });
  expect(
    (
      await dawn.run(
        'job',
        'submit',
        'fixtures/jobs/hello-v2.yaml',
        '--yes',
        '--wait',
        '-m',
        'a new greeting',
      )
    ).code,
  ).toBe(0);
  const good = await dawn.job(KEY);
  expect(good.update).toMatchObject({ status: 'ROLLED_FORWARD', done: 3, message: 'a new greeting' });
  expect(JSON.stringify(good.config)).toContain('good morning');
  expect((await dawn.run('job', 'submit', 'fixtures/jobs/hello-v2.yaml')).out).toContain(
    'Job is unchanged by proposed update.',
  );
  agree(3);
  await until(
    'its logs',
    async () => (await dawn.run('job', 'logs', `${KEY}/0`)).out,
    (out) => out.includes('good morning from 0'),
  );

  // A broken one heals itself, to exactly what ran before, and says why.
  expect((await dawn.run('job', 'submit', 'fixtures/jobs/hello-broken.yaml', '--yes', '--wait')).code).toBe(
    4,
  );
  const healed = await dawn.job(KEY);
  expect(healed.update?.status).toBe('ROLLED_BACK');
  expect(healed.config).toEqual(good.config);
  expect(healed.active.map((task) => [task.instance, task.configId])).toEqual(
    good.active.map((task) => [task.instance, task.configId]),
  );
  expect(healed.update?.events.map(({ message }) => message).join(' ')).toMatch(
    /Latest failure: instance 0 FAILED: .*exit 3/,
  );
  agree(3);

  // A rolling restart, and an update held and taken back by hand.
  const before = new Set(good.active.map((task) => task.id));
  expect((await dawn.run('job', 'restart', KEY, '--yes', '--wait')).code).toBe(0);
  expect((await dawn.job(KEY)).active.filter((task) => before.has(task.id))).toEqual([]);
  expect((await dawn.run('job', 'submit', 'fixtures/jobs/hello.yaml', '--yes')).code).toBe(0);
  expect((await dawn.run('update', 'pause', KEY, '-m', 'lunch')).code).toBe(0);
  expect((await dawn.run('job', 'scale', KEY, '4')).code).toBe(8);
  expect((await dawn.run('update', 'resume', KEY)).code).toBe(0);
  expect((await dawn.run('update', 'rollback', KEY, '--wait')).code).toBe(0);
  expect((await dawn.job(KEY)).config).toEqual(good.config);
  agree(3);

  // What cannot be placed says why; what does not exist says what was probably meant.
  expect((await dawn.run('job', 'submit', 'fixtures/jobs/greedy.yaml', '--yes')).code).toBe(0);
  const why = await dawn.json<WhyAnswer>('job', 'why', 'demo/devel/greedy');
  expect(why.pending[0]?.vetoes).toMatchObject([
    {
      kind: 'cpu',
      agents: 3,
      detail: expect.stringContaining('no agent has that much even when empty') as string,
    },
  ]);
  expect(why.pending[0]?.remedies.join(' ')).toContain('add an agent with at least cpu 64');
  expect(await dawn.run('job', 'status', 'demo/devel/greter')).toMatchObject({
    code: 6,
    err: expect.stringContaining(`did you mean ${KEY}?`) as string,
  });

  // The end of a job.
  expect((await dawn.run('job', 'kill', KEY, '--yes', '--wait')).code).toBe(0);
  expect((await dawn.job(KEY)).active).toEqual([]);
  agree(0);
}

async function killedServer(dawn: Dawn, containers: () => unknown): Promise<void> {
  expect((await dawn.run('up', '--detach')).code).toBe(0);
  expect((await dawn.run('job', 'submit', 'fixtures/jobs/hello.yaml', '--yes', '--wait')).code).toBe(0);
  expect((await dawn.run('job', 'submit', 'fixtures/jobs/hello-v2.yaml', '--yes')).code).toBe(0);
  await until(
    'the first instance',
    () => dawn.update(KEY),
    (update) => update.done >= 1,
  );
  const { serverPid } = dawn.cluster;
  const args = argumentsOf(serverPid).filter((arg) => arg !== '--ready-line');
  const update = await dawn.update(KEY);
  const untouched = containers();
  process.kill(serverPid, 'SIGKILL');
  expect((await dawn.run('job', 'list')).code).toBe(7);
  expect(containers()).toEqual(untouched);
  const restartedMs = performance.now();
  dawn.restart(serverPid, args);
  await until(
    'the server',
    () => dawn.run('cluster', 'info'),
    ({ code }) => code === 0,
  );
  expect(performance.now() - restartedMs).toBeLessThan(10_000);
  expect((await dawn.run('update', 'wait', KEY)).code).toBe(0);
  const after = await dawn.update(KEY);
  expect(after).toMatchObject({ id: update.id, status: 'ROLLED_FORWARD', done: 3 });
  // What was finished before is not done again.
  const finished = update.instances.filter(({ mark }) => mark === 'DONE').map(({ instance }) => instance);
  for (const instance of finished) {
    expect(after.instances.find((each) => each.instance === instance)?.since).toBe(
      update.instances.find((each) => each.instance === instance)?.since,
    );
  }
}

async function killedAgent(dawn: Dawn, containers: () => unknown): Promise<void> {
  expect((await dawn.run('up', '--detach')).code).toBe(0);
  expect((await dawn.run('job', 'submit', 'fixtures/jobs/hello.yaml', '--yes', '--wait')).code).toBe(0);
  const before = await dawn.job(KEY);
  const running = containers();
  const [pid = 0] = dawn.cluster.agentPids;
  const args = argumentsOf(pid).filter((arg) => arg !== '--ready-line');
  process.kill(pid, 'SIGKILL');
  await until(
    'the lost agent',
    () => dawn.json<{ hosts: { state: string }[] }>('host', 'list'),
    ({ hosts }) => hosts.some(({ state }) => state === 'DISCONNECTED'),
  );
  expect(containers()).toEqual(running);
  dawn.restart(pid, args);
  await until(
    'the agent',
    () => dawn.json<{ hosts: { state: string }[] }>('host', 'list'),
    ({ hosts }) => hosts.every(({ state }) => state === 'UP'),
  );
  expect(containers()).toEqual(running);
  expect((await dawn.job(KEY)).active.map((task) => [task.id, task.status])).toEqual(
    before.active.map((task) => [task.id, task.status]),
  );
  // It answers for what it took over: logs are read, and a kill arrives.
  expect((await dawn.run('job', 'logs', KEY)).out).toMatch(/hello from 0/);
  expect((await dawn.run('job', 'kill', KEY, '--yes', '--wait')).code).toBe(0);
}

async function withApart(
  dawn: Dawn,
  encoding: 'json' | 'protobuf',
  run: (apart: Apart) => Promise<void>,
): Promise<void> {
  const apart = new Apart(dawn, encoding);
  try {
    await apart.start();
    await until(
      'the agents',
      () => dawn.json<{ hosts: { state: string }[] }>('host', 'list'),
      ({ hosts }) => hosts.length === 3 && hosts.every(({ state }) => state === 'UP'),
    );
    await run(apart);
  } finally {
    await apart.close();
  }
}

/** The master elsewhere is killed and comes back: tasks run on, and the scheduler goes on with the id it had. */
async function killedMaster(dawn: Dawn): Promise<void> {
  await withApart(dawn, 'json', async (apart) => {
    expect((await dawn.run('job', 'submit', 'fixtures/jobs/hello.yaml', '--yes', '--wait')).code).toBe(0);
    const before = await dawn.job(KEY);
    const { framework } = await dawn.json<ClusterView>('cluster', 'info');
    await apart.restartMaster();
    expect((await dawn.run('job', 'scale', KEY, '4', '--wait')).code).toBe(0);
    const after = await dawn.job(KEY);
    expect(after.active.slice(0, 3).map(({ id, status }) => [id, status])).toEqual(
      before.active.map(({ id, status }) => [id, status]),
    );
    expect((await dawn.json<ClusterView>('cluster', 'info')).framework).toBe(framework);
    expect((await dawn.run('job', 'kill', KEY, '--yes', '--wait')).code).toBe(0);
  });
}

async function withCluster(
  env: Readonly<Record<string, string>>,
  run: (dawn: Dawn) => Promise<void>,
): Promise<void> {
  const dawn = new Dawn(env);
  try {
    await run(dawn);
  } finally {
    await dawn.close();
  }
}

/** No engine answers there, so tasks are processes. */
const PROCESSES = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };

/** Process groups of tasks that run now. */
function taskProcesses(home: string): string[] {
  const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  return lines
    .filter((line) => line.includes('trap : TERM INT HUP') && line.includes('from') && !line.includes(' ps '))
    .map((line) => line.trim().split(' ')[0] ?? '')
    .filter((pid) => pid !== '' && cwdOf(pid).startsWith(home))
    .sort();
}

function cwdOf(pid: string): string {
  try {
    return execFileSync('readlink', [`/proc/${pid}/cwd`], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

describe('with processes', () => {
  test('the story', () => withCluster(PROCESSES, (dawn) => storyOfUp(dawn, () => undefined)));
  test.each(['json', 'protobuf'] as const)(
    'the story as a framework of a master elsewhere, in %s',
    (encoding) => withCluster(PROCESSES, (dawn) => storyApart(dawn, encoding)),
  );
  test('a master elsewhere is killed and comes back', () => withCluster(PROCESSES, killedMaster));
  test('a server killed in the middle of an update goes on with it', () =>
    withCluster(PROCESSES, (dawn) => killedServer(dawn, () => undefined)));
  test('an agent killed leaves its tasks running and takes them over again', () =>
    withCluster(PROCESSES, (dawn) => killedAgent(dawn, () => taskProcesses(dawn.home))));
});

describe('with Docker', () => {
  dockerTest('the story', () =>
    withCluster({}, (dawn) =>
      storyOfUp(dawn, (instances) => expect(runningContainers(KEY).size).toBe(instances)),
    ),
  );
  dockerTest('a server killed in the middle of an update goes on with it', () =>
    withCluster({}, (dawn) =>
      killedServer(dawn, () => [...runningContainers('demo/prod/hello').keys()].sort()),
    ),
  );
  dockerTest('an agent killed leaves its containers running and takes them over again', () =>
    withCluster({}, (dawn) => killedAgent(dawn, () => [...runningContainers(KEY).keys()].sort())),
  );
});
