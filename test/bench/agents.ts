/**
 * A master that was restarted learns everything anew from its agents: 20,000 of them come back with five tasks each. What the core takes (registration, tasks, allocation) and what
 * reading the calls takes, in processor time, at three sizes; and what an idle agent costs in memory, without
 * and with the stream that it listens to. `node --expose-gc --import tsx test/bench/agents.ts`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { agentCallProblem } from '../../shared/mesos/agent-call-problem.ts';
import { agentShapeProblem } from '../../shared/mesos/agent-call-shape.ts';
import type { AgentCall } from '../../shared/mesos/agent.ts';
import { toMesos } from '../../shared/resources.ts';
import { parseJsonBody } from '../../server/http/json-body.ts';
import { loadMaster, saveMaster } from '../../server/master/checkpoint.ts';
import { decide } from '../../server/master/decide.ts';
import { MASTER_LIMITS, type Connection, type MasterEnv } from '../../server/master/facts.ts';
import { emptyMaster, type MasterWorld } from '../../server/master/world.ts';
import { seededRandom } from '../../server/random.ts';
import { mesosMaster } from '../support/mesos-master.ts';
import type { Idling } from './idle-agents.ts';
import { count, median, ms, printTable, ratio } from './table.ts';

const TASKS_PER_AGENT = 5;
/** Calls that come in one turn of the loop, before it allocates. */
const PER_TURN = 100;
const ROUNDS = 3;
const env: MasterEnv = { now: 1_700_000_000_000, random: seededRandom(1), limits: MASTER_LIMITS };

function subscribeFramework(world: MasterWorld, id?: string): string {
  const framework_info = {
    user: 'u',
    name: 'bench',
    roles: ['bench'],
    checkpoint: true,
    failover_timeout: 1e6,
    capabilities: [{ type: 'MULTI_ROLE' }, { type: 'PARTITION_AWARE' }],
    ...(id === undefined ? {} : { id: { value: id } }),
  };
  decide(
    world,
    {
      kind: 'framework-call',
      connection: 'f' as Connection,
      call: {
        type: 'SUBSCRIBE',
        ...(id === undefined ? {} : { framework_id: { value: id } }),
        subscribe: { framework_info, suppressed_roles: ['bench'] },
      },
    },
    env,
  );
  return world.frameworkByConnection.get('f' as Connection) ?? '';
}

/** Agents in a process of their own subscribe over HTTP. @returns ends them */
async function idling(port: number, from: number, to: number): Promise<() => void> {
  const child = fork(fileURLToPath(new URL('idle-agents.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  const calls = Array.from({ length: to - from }, (_, at) => subscription(from + at, undefined, ''));
  const subscribed = once(child, 'message');
  child.send({ port, calls } satisfies Idling);
  await subscribed;
  return () => child.kill();
}

/** Bytes of an idle agent with its stream: in the heap of the real master behind the real HTTP server, and what that keeps outside of it for JavaScript. */
async function withStream(agents: number): Promise<number> {
  const master = await mesosMaster();
  // Those who come first make what is there once.
  const endFirst = await idling(master.port, 0, 50);
  await settled();
  const before = heap();
  const end = await idling(master.port, 50, 50 + agents);
  await settled();
  const bytes = (heap() - before) / agents;
  end();
  endFirst();
  await master.close();
  return bytes;
}

/** What was to be sent at the beginning is sent. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1000));

/** As an agent says it: what it has, and what runs there. */
function subscription(at: number, id: string | undefined, framework: string): AgentCall {
  const resources = toMesos({
    cpusMilli: 24_000,
    memMb: 65_536,
    diskMb: 1_000_000,
    gpus: 0,
    ports: [[31000, 32000]],
  });
  const tasks = Array.from({ length: id === undefined ? 0 : TASKS_PER_AGENT }, (_, number) => {
    const value = `task-${at}-${number}`;
    return {
      framework_id: { value: framework },
      task: {
        name: value,
        task_id: { value },
        agent_id: { value: id ?? '' },
        command: { value: 'sleep 1000' },
        resources: toMesos({ cpusMilli: 1000, memMb: 512, diskMb: 0, gpus: 0, ports: [] }).map((each) => ({
          ...each,
          allocation_info: { role: 'bench' },
        })),
        labels: { labels: [{ key: 'service', value: `service-${at % 100}` }] },
      },
      status: {
        task_id: { value },
        state: 'TASK_RUNNING' as const,
        timestamp: 1_700_000_000.5,
        uuid: btoa(value),
      },
    };
  });
  return {
    type: 'SUBSCRIBE',
    subscribe: {
      agent_info: {
        hostname: `host-${at}`,
        ip: '127.0.0.1',
        port: 5051,
        resources,
        attributes: [{ name: 'rack', type: 'TEXT', text: { value: `r${at % 50}` } }],
        containerizer: 'simulated',
        version: '0',
        ...(id === undefined ? {} : { id: { value: id } }),
      },
      tasks,
      boot_id: `b${at}`,
    },
  };
}

/** Milliseconds that the processor spent on this process, collecting its garbage too. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds until all of them are registered. */
function register(world: MasterWorld, calls: readonly AgentCall[]): number {
  const begun = cpuMs();
  for (const [at, call] of calls.entries()) {
    decide(world, { kind: 'agent-call', connection: `a${at}` as Connection, call }, env);
    if (at % PER_TURN === PER_TURN - 1) decide(world, { kind: 'settle' }, env);
  }
  decide(world, { kind: 'settle' }, env);
  return cpuMs() - begun;
}

/** As the endpoint does. */
function read(text: string): AgentCall {
  const call = parseJsonBody(text);
  const problem = agentCallProblem(call) ?? agentShapeProblem(call as AgentCall);
  if (problem !== null) throw new Error(problem);
  return call as AgentCall;
}

function heap(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes of an idle agent in the master's world, and milliseconds for all of them. A function, for what one size leaves alive would be taken off the heap of the next. */
function measure(agents: number): Record<'perAgent' | 'core' | 'reading' | 'parsing', number> {
  const numbers = Array.from({ length: agents }, (_, at) => at);
  const heapBefore = heap();
  const first = emptyMaster('11111111-2222-3333-4444-555555555555');
  register(
    first,
    numbers.map((at) => subscription(at, undefined, '')),
  );
  const perAgent = (heap() - heapBefore) / agents;
  const framework = subscribeFramework(first);
  const saved = JSON.stringify(saveMaster(first));
  const ids = [...first.agents.keys()];
  const texts = numbers.map((at) => JSON.stringify(subscription(at, ids[at], framework)));
  const core: number[] = [];
  const reading: number[] = [];
  const parsing: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const world = loadMaster(JSON.parse(saved) as Parameters<typeof loadMaster>[0]);
    subscribeFramework(world, framework);
    let begun = cpuMs();
    for (const text of texts) JSON.parse(text);
    parsing.push(cpuMs() - begun);
    begun = cpuMs();
    const calls = texts.map(read);
    reading.push(cpuMs() - begun);
    core.push(register(world, calls));
    const known = world.tasks.get(framework as never)?.size;
    if (known !== agents * TASKS_PER_AGENT) throw new Error(`${known} tasks came back`);
  }
  return { perAgent, core: median(core), reading: median(reading), parsing: median(parsing) };
}

const rows = [
  [
    'agents',
    'tasks',
    'core',
    'tasks/s',
    'growth',
    'reading the calls',
    'JSON.parse alone',
    'heap per idle agent, without its stream',
  ],
];
let before = NaN;
for (const agents of [2_000, 10_000, 20_000]) {
  const { perAgent, core, reading, parsing } = measure(agents);
  const tasks = agents * TASKS_PER_AGENT;
  const each = core / tasks;
  rows.push([
    count(agents),
    count(tasks),
    ms(core),
    count(1000 / each),
    Number.isNaN(before) ? '' : ratio(each / before),
    ms(reading),
    ms(parsing),
    `${count(perAgent)} B`,
  ]);
  before = each;
}
printTable(
  'Agents come back with five tasks each to a master that was restarted; growth is of the time per task',
  rows,
);

const streams = [['agents', 'heap per idle agent, with its stream']];
for (const agents of [500, 2_000]) streams.push([count(agents), `${count(await withStream(agents))} B`]);
printTable('Idle agents over HTTP', streams);
process.exit();
