/** The recorded situation of 11-legacy, set up with the master's own facts; then every answer to it byte by byte, but for times, ids of offers and the order of lists that Mesos keeps in hash tables. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mesosDoor } from '../../../server/libprocess/door.ts';
import { mesosRoutes } from '../../../server/http/mesos/routes.ts';
import { emptyMaster } from '../../../server/master/world.ts';
import type { TaskInfo, TaskState, TaskStatus } from '../../../shared/mesos/v1.ts';
import { VirtualClock } from '../../sim/virtual-clock.ts';
import { TestMaster } from '../../unit/master/test-master.ts';

const FOLDER = fileURLToPath(new URL('../../../fixtures/mesos/recordings/11-legacy/', import.meta.url));
const MASTER = 'eef9f55a-5661-4ba9-a798-7e621030c734';
const AGENT = { value: `${MASTER}-S0` };
const FRAMEWORK = `${MASTER}-0000`;

interface Recorded {
  readonly flags: Record<string, string>;
  readonly frameworks: readonly {
    readonly tasks: readonly RecordedTask[];
    readonly completed_tasks: readonly RecordedTask[];
  }[];
}
interface RecordedTask {
  readonly id: string;
  readonly statuses: readonly {
    readonly state: TaskState;
    readonly timestamp: number;
    readonly container_status: object;
  }[];
  readonly labels?: readonly { readonly key: string; readonly value: string }[];
}

let server: Server;

beforeAll(async () => {
  const state = JSON.parse(recorded('41-m-state-post')) as Recorded;
  const master = situation(state);
  const routes = mesosRoutes({
    hub: { open: () => undefined, call: () => Promise.resolve({ status: 200 }), closed: () => undefined },
    operators: { perform: () => Promise.resolve({ status: 200 }), watch: () => () => undefined },
    master: master.world,
    masterId: MASTER,
    clock: new VirtualClock(),
    startedAtMs: 0,
    electedAtMs: 0,
    flags: state.flags,
  });
  const door = mesosDoor({
    process: 'master',
    routes,
    hosts: [],
    log: (message) => expect(message).toBe(''),
  });
  server = createServer((request, response) => void door(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => server.close());

/** One agent, one framework; of three tasks one runs, one failed and one finished. */
function situation({ frameworks: [framework] }: Recorded): TestMaster {
  const master = new TestMaster(emptyMaster(MASTER));
  const scalar = (name: string, value: number): object => ({ name, type: 'SCALAR', scalar: { value } });
  const ports = { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31000, end: 32000 }] } };
  const text = (name: string, value: string): object => ({ name, type: 'TEXT', text: { value } });
  master.addAgent('agent', {
    info: {
      hostname: 'localhost',
      port: 5161,
      attributes: [text('rack', 'r1'), text('zone', 'z1')] as never,
      resources: [scalar('cpus', 4), scalar('mem', 4096), scalar('disk', 8192), ports] as never,
    },
  });
  const names = ['PARTITION_AWARE', 'RESERVATION_REFINEMENT', 'TASK_KILLING_STATE', 'REGION_AWARE'];
  master.framework('framework', {
    type: 'SUBSCRIBE',
    subscribe: {
      framework_info: {
        user: 'root',
        name: 'leg',
        roles: ['dev'],
        checkpoint: true,
        principal: 'p',
        capabilities: ['MULTI_ROLE', ...names].map((type) => ({ type })),
      },
    },
  });
  const [running = [], ended = []] = [framework?.tasks, framework?.completed_tasks];
  const tasks = [...running, ...ended];
  const infos = tasks.map(({ id, labels }) => ({
    name: id,
    task_id: { value: id },
    agent_id: AGENT,
    resources: [scalar('cpus', 0.1), scalar('mem', 32)],
    command: { value: 'true' },
    ...(labels ? { labels: { labels } } : {}),
  }));
  master.launch('framework', AGENT.value as never, infos as unknown as TaskInfo[]);
  const said = tasks.flatMap(({ id, statuses }) =>
    statuses.map((status, at): TaskStatus => ({
      task_id: { value: id },
      source: 'SOURCE_EXECUTOR',
      agent_id: AGENT,
      executor_id: { value: id },
      uuid: btoa(`${id}${at}`.padEnd(16, '.').slice(0, 16)),
      ...status,
    })),
  );
  // In one turn, so that what they held is offered together.
  master.together(
    said.flatMap((status) => [
      {
        kind: 'agent-call' as const,
        connection: 'agent' as never,
        call: {
          type: 'UPDATE' as const,
          agent_id: AGENT,
          update: { framework_id: { value: FRAMEWORK }, status },
        },
      },
      {
        kind: 'framework-call' as const,
        connection: 'framework' as never,
        call: {
          type: 'ACKNOWLEDGE' as const,
          acknowledge: { agent_id: AGENT, task_id: status.task_id, uuid: status.uuid ?? '' },
        },
      },
    ]),
  );
  return master;
}

function recorded(name: string): string {
  const text = readFileSync(`${FOLDER}${name}.resp`, 'utf8');
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}

const UNORDERED = new Set(['offers', 'offered_resources_full', 'completed_tasks']);
const NOT_OURS = new Set(['git_sha', 'build_date', 'build_time', 'build_user']);
const TIMES = new Set(['registered_time', 'start_time', 'elected_time']);

/** Members in their order and numbers as they are written; what cannot be equal is made equal. */
function exact(text: string): unknown {
  const literal = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g;
  const kept = text
    .replace(/-O[\d.]+"/g, '-O"')
    .replace(/127\.0\.0\.1:\d+/g, (found) => (found.endsWith('5161') ? found : '127.0.0.1:0'))
    .replace(/"port":(?!5161)\d+/g, '"port":0')
    .replace(literal, (found) => (found.startsWith('"') ? found : `"number ${found}"`));
  return JSON.parse(kept, (key, value: unknown) => {
    if (NOT_OURS.has(key)) return undefined;
    if (TIMES.has(key)) return 'time';
    if (!UNORDERED.has(key) || !Array.isArray(value)) return value;
    return value.map((item) => JSON.stringify(item)).sort();
  }) as unknown;
}

const EXCHANGES: readonly (readonly [name: string, path: string])[] = [
  ['06-m-master_state-summary', '/master/state-summary'],
  ['08-m-slaves', '/slaves'],
  ['09-m-slaves-slave_id-eef9f55a-5661-4ba9-a798-7e621030c7', `/slaves?slave_id=${AGENT.value}`],
  ['10-m-slaves-slave_id-nope', '/slaves?slave_id=nope'],
  ['11-m-master_frameworks', '/master/frameworks'],
  ['13-m-master_tasks', '/master/tasks'],
  ['14-m-tasks-limit-1', '/tasks?limit=1'],
  ['15-m-tasks-order-asc', '/tasks?order=asc'],
  ['16-m-tasks-framework_id-nope', '/tasks?framework_id=nope'],
  ['23-m-flags', '/flags'],
  ['27-m-roles', '/roles'],
  ['30-m-quota', '/quota'],
  ['31-m-weights', '/weights'],
  ['41-m-state-post', '/state'],
];

describe('answers to a recorded situation', () => {
  test.each(EXCHANGES)('%s', async (name, path) => {
    const { port } = server.address() as AddressInfo;
    const ours = await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    expect(JSON.stringify(exact(ours))).toBe(JSON.stringify(exact(recorded(name))));
  });
});
