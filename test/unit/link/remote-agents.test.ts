import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { remoteFleet } from '../../../server/http/console/fleet/remote.ts';
import type { RemoteAgentsOptions } from '../../../server/link/remote-agents.ts';
import { RemoteAgents } from '../../../server/link/remote-agents.ts';
import type { TaskRow } from '../../../server/scheduler/rows.ts';
import { emptyWorld } from '../../../server/scheduler/world.ts';
import type { AgentId, FrameworkId } from '../../../shared/ids.ts';
import { fakeDoor } from '../../support/console-server.ts';
import { PretendMesos } from '../../support/pretend-mesos.ts';
import { HandClock } from '../agent/agent-fixtures.ts';
import { fastClock, recorded } from './link-fixture.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

const answer = readFileSync(new URL('../../../fixtures/mesos/link/get-agents.json', import.meta.url), 'utf8');

function remoteAgents(clock: RemoteAgentsOptions['clock'] = fastClock): {
  agents: RemoteAgents;
  logged: string[];
} {
  const logged: string[] = [];
  const log = (message: string, detail?: object): void =>
    void logged.push(`${message} ${JSON.stringify(detail)}`);
  const agents = new RemoteAgents({ clock, log, authorization: 'Basic x' });
  open.push(agents);
  return { agents, logged };
}

/** Time stands still: what is fresh stays fresh. */
const stillClock: RemoteAgentsOptions['clock'] = {
  now: () => 0,
  at: () => () => undefined,
};

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries++) {
    if (tries > 1000) throw new Error(`waited in vain for ${what.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

test('agents as a real master tells of them, asked for again and again', async () => {
  const mesos = await new PretendMesos().listen();
  open.push(mesos);
  let asked = 0;
  mesos.other = (path, body) => {
    expect([path, body]).toEqual(['/api/v1', '{"type":"GET_AGENTS"}']);
    asked += 1;
    return { status: 200, text: answer };
  };
  const { agents } = remoteAgents();
  agents.follow(mesos.url);
  await until(() => asked >= 2 && [...agents.all()].length > 0);
  const fleet = remoteFleet(agents, 'dev', () => emptyWorld());
  expect(fleet.hosts()).toMatchObject([
    {
      host: 'localhost',
      state: 'UP',
      containerizer: 'Mesos 1.12.0',
      cpus: { total: 4, used: 0.1 },
      ramMb: { total: 4096, used: 32 },
      attributes: { rack: 'r1', zone: 'z1' },
    },
  ]);
  expect(fleet.fullness()).toMatchObject({ agents: { up: 1, total: 1 }, cpus: { total: 4, used: 0.1 } });
  expect([...agents.all()][0]).toMatchObject({ ip: '127.0.0.1', port: 5261 });
});

/** GET_AGENTS as recorded, with that much in use and offered to somebody. */
function answerWith(cpusUsed: number, cpusOffered: number, more: object = {}): string {
  const read = JSON.parse(answer) as { get_agents: { agents: Record<string, unknown>[] } };
  const cpus = (value: number): object => ({
    name: 'cpus',
    type: 'SCALAR',
    scalar: { value },
    allocation_info: { role: 'x' },
  });
  Object.assign(read.get_agents.agents[0]!, {
    allocated_resources: [cpus(cpusUsed)],
    offered_resources: [cpus(cpusOffered)],
    ...more,
  });
  return JSON.stringify(read);
}

test('whoever looks sees what is used now; a status makes an answer old', async () => {
  const mesos = await new PretendMesos().listen();
  open.push(mesos);
  let asked = 0;
  mesos.other = () => ({ status: 200, text: answerWith((asked += 1), 0) });
  const { agents } = remoteAgents(stillClock);
  const fleet = remoteFleet(agents, 'dev', () => emptyWorld());
  agents.follow(mesos.url);
  await until(() => asked === 1 && fleet.fullness().cpus.used === 1);
  await fleet.refresh();
  expect([asked, fleet.fullness().cpus.used]).toEqual([1, 1]);
  agents.hear({ type: 'UPDATE', update: { status: { task_id: { value: 't' }, state: 'TASK_FINISHED' } } });
  await fleet.refresh();
  expect([asked, fleet.fullness().cpus.used]).toEqual([2, 2]);
});

test('a status has the master asked again by itself', async () => {
  const mesos = await new PretendMesos().listen();
  open.push(mesos);
  let asked = 0;
  mesos.other = () => ({ status: 200, text: answerWith((asked += 1), 0) });
  const clock = new HandClock();
  const { agents } = remoteAgents(clock);
  agents.follow(mesos.url);
  await until(() => asked === 1 && clock.waiting === 1);
  for (const state of ['TASK_STARTING', 'TASK_RUNNING'] as const)
    agents.hear({ type: 'UPDATE', update: { status: { task_id: { value: 't' }, state } } });
  clock.pass(999);
  expect(asked).toBe(1);
  clock.pass(1);
  await until(() => asked === 2);
});

test('a master that does not answer is not waited for', async () => {
  const mesos = await new PretendMesos().listen();
  open.push(mesos);
  let asked = 0;
  mesos.other = () => ((asked += 1), undefined);
  const clock = new HandClock();
  const { agents } = remoteAgents(clock);
  agents.follow(mesos.url);
  await until(() => asked === 1);
  let isOver = false;
  const refreshed = agents.refresh().then(() => (isOver = true));
  clock.pass(999);
  await Promise.resolve();
  expect(isOver).toBe(false);
  clock.pass(1);
  await refreshed;
});

test('what could be placed on an agent: what nobody uses or was offered; nothing while it is deactivated', async () => {
  const mesos = await new PretendMesos().listen();
  open.push(mesos);
  let text = answerWith(1, 0.5);
  mesos.other = () => ({ status: 200, text });
  const { agents } = remoteAgents(stillClock);
  const fleet = remoteFleet(agents, 'dev', () => emptyWorld());
  agents.follow(mesos.url);
  await until(() => fleet.agents().length > 0);
  expect(fleet.agents()).toMatchObject([
    {
      host: 'localhost',
      free: { cpusMilli: 2500, memMb: 4096 },
      total: { cpusMilli: 4000 },
      unavailableAtMs: Infinity,
    },
  ]);
  text = answerWith(1, 0.5, { deactivated: true });
  agents.hear({ type: 'UPDATE', update: { status: { task_id: { value: 't' }, state: 'TASK_FINISHED' } } });
  await fleet.refresh();
  expect(fleet.agents()).toMatchObject([{ unavailableAtMs: 0 }]);
});

test('where the operator API is closed, offers tell of agents; it is said once', async () => {
  const mesos = await new PretendMesos().listen();
  open.push(mesos);
  let asked = 0;
  mesos.other = () => ((asked += 1), { status: 403, text: '403 Forbidden.' });
  const { agents, logged } = remoteAgents();
  for (const event of recorded('two-roles')) agents.hear(event);
  agents.follow(mesos.url);
  await until(() => asked >= 3);
  expect([...agents.all()].map(({ hostname, ip, port }) => [hostname, ip, port])).toEqual([
    ['localhost', '127.0.0.1', 5261],
    ['agent2', '127.0.0.1', 5262],
  ]);
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatch(/403 Forbidden/);
});

/** An agent as a real one answers `/files/read` and `/files/browse` (recorded: 404 without a body, `offset=-1` tells the size). */
async function realAgent(
  files: Record<string, string>,
): Promise<{ fleet: ReturnType<typeof remoteFleet>; task: TaskRow }> {
  const root = '/frameworks/f-1/executors/t-1/runs/latest/';
  const door = await fakeDoor((request, response) => {
    const url = new URL(request.url ?? '', 'http://agent');
    const file = (url.searchParams.get('path') ?? '').replace(root, '');
    const bytes = files[file] === undefined ? undefined : Buffer.from(files[file]);
    const offset = Number(url.searchParams.get('offset'));
    if (url.pathname !== '/files/read' || !bytes) return void response.writeHead(404).end();
    if (offset === -1) return void response.end(JSON.stringify({ data: '', offset: bytes.length }));
    const length = Math.min(Number(url.searchParams.get('length')), 65_536);
    response.end(JSON.stringify({ data: bytes.toString('utf8', offset, offset + length), offset }));
  });
  open.push(door);
  const agent = {
    id: 'a-1' as AgentId,
    hostname: 'h',
    ip: '127.0.0.1',
    port: door.port,
  } as ReturnType<RemoteAgents['get']> & object;
  const world = emptyWorld();
  world.framework = 'f-1' as FrameworkId;
  const list = { all: () => [agent], get: () => agent, refresh: () => Promise.resolve() };
  const fleet = remoteFleet(list, 'dev', () => world);
  return { fleet, task: { id: 't-1', agent: 'a-1', job: 'a/b/c', instance: 0 } as unknown as TaskRow };
}

async function textsOf(lines: AsyncIterable<Buffer>): Promise<string[]> {
  let all = '';
  for await (const chunk of lines) all += chunk.toString('utf8');
  return all
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { stream, text } = JSON.parse(line) as { stream: string; text: string };
      return `${stream} ${text}`;
    });
}

const { signal } = new AbortController();

test('the last lines of a real sandbox, however long it is', async () => {
  const stdout = Array.from({ length: 20_000 }, (_, at) => `line ${at}\n`).join('');
  const { fleet, task } = await realAgent({ stdout, stderr: 'oh\nno' });
  const ask = (stream: 'stdout' | 'stderr' | 'both', tail: number) =>
    fleet.logs(task, { stream, tail, follow: false }, signal).then(textsOf);
  expect(await ask('stdout', 2)).toEqual(['stdout line 19998', 'stdout line 19999']);
  expect(await ask('stderr', 1)).toEqual(['stderr no']);
  expect(await ask('stderr', 5)).toEqual(['stderr oh', 'stderr no']);
  expect(await ask('stderr', 0)).toEqual([]);
  expect(await ask('both', 1)).toEqual(['stdout line 19999', 'stderr no']);
  expect(await ask('stdout', 15_000)).toHaveLength(15_000);
});

test('followed, what is written later comes later', async () => {
  const files = { stdout: 'one\n', stderr: '' };
  const { fleet, task } = await realAgent(files);
  const gone = new AbortController();
  const lines = await fleet.logs(task, { stream: 'both', tail: 10, follow: true }, gone.signal);
  const heard: string[] = [];
  const listen = async (): Promise<void> => {
    for await (const chunk of lines) {
      heard.push(...(chunk.toString('utf8').match(/"text":"[^"]*"/g) ?? []));
      if (heard.length === 1) files.stdout = 'one\ntwo\nthr';
      if (heard.length === 2) files.stdout = 'one\ntwo\nthree\n';
      if (heard.length === 3) gone.abort();
    }
  };
  // A question that was under way ends with the abort.
  await listen().catch((error: Error) => expect(error.name).toBe('AbortError'));
  expect(heard).toEqual(['"text":"one"', '"text":"two"', '"text":"three"']);
});

test('what is cleaned up is said, and nobody leaves the sandbox', async () => {
  const { fleet, task } = await realAgent({ stdout: 'x' });
  await expect(fleet.logs(task, { stream: 'stderr', tail: 1, follow: false }, signal)).rejects.toThrow(
    'has no stderr',
  );
  await expect(fleet.files(task, '../../etc/passwd', signal)).rejects.toThrow('there is no');
  expect(await fleet.files(task, 'stdout', signal)).toEqual({ path: 'stdout', text: 'x' });
});
