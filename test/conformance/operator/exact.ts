/** The recorded situation of 11-legacy, set up with the master's own facts; then every answer to it byte by byte, but for times, ids of offers and the order of lists that Mesos keeps in hash tables. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mesosDoor } from '../../../server/libprocess/door.ts';
import { mesosRoutes } from '../../../server/http/mesos/routes.ts';
import { emptyMaster } from '../../../server/master/world.ts';
import type { TaskInfo, TaskState, TaskStatus } from '../../../shared/mesos/v1.ts';
import { RawConnection } from '../../support/raw-http.ts';
import { VirtualClock } from '../../sim/virtual-clock.ts';
import { TestMaster } from '../../unit/master/test-master.ts';
import { compareResponse } from '../exchange.ts';
import { Names } from '../names.ts';
import type { Exchange, Outcome } from '../recorded.ts';

const MASTER = 'eef9f55a-5661-4ba9-a798-7e621030c734';
const AGENT = { value: `${MASTER}-S0` };
const FRAMEWORK = `${MASTER}-0000`;

const STATE = '11-legacy/41-m-state-post';

/** Of the folder, what is the same letter by letter. */
const EXACT: ReadonlySet<string> = new Set(
  [
    '06-m-master_state-summary',
    '08-m-slaves',
    '09-m-slaves-slave_id-eef9f55a-5661-4ba9-a798-7e621030c7',
    '10-m-slaves-slave_id-nope',
    '11-m-master_frameworks',
    '13-m-master_tasks',
    '14-m-tasks-limit-1',
    '15-m-tasks-order-asc',
    '16-m-tasks-framework_id-nope',
    '23-m-flags',
    '27-m-roles',
    '30-m-quota',
    '31-m-weights',
    '41-m-state-post',
  ].map((name) => `11-legacy/${name}`),
);

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

/** Compares the answers to the recorded situation. */
export async function compareExactly(exchanges: readonly Exchange[]): Promise<Outcome[]> {
  const posted = exchanges.find(({ name }) => name === STATE);
  if (!posted) throw new Error(`${STATE} is what the situation is made from`);
  const state = JSON.parse(bodyOf(posted)) as Recorded;
  const faults: string[] = [];
  const routes = mesosRoutes({
    hub: { open: () => undefined, call: () => Promise.resolve({ status: 200 }), closed: () => undefined },
    operators: { perform: () => Promise.resolve({ status: 200 }), watch: () => () => undefined },
    master: situation(state).world,
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
    log: (message, detail) => void faults.push(`${message} ${JSON.stringify(detail)}`),
  });
  const server = createServer((request, response) => void door(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const outcomes: Outcome[] = [];
  try {
    for (const exchange of exchanges) outcomes.push(await compareOne(exchange, server));
  } finally {
    server.closeAllConnections();
    server.close();
  }
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return outcomes;
}

async function compareOne(exchange: Exchange, server: Server): Promise<Outcome> {
  const connection = await RawConnection.open((server.address() as AddressInfo).port);
  connection.send(Buffer.concat([Buffer.from(`${exchange.head}\r\n\r\n`), exchange.body]));
  const ours = await connection.whole();
  connection.close();
  const found = compareResponse(exchange, ours, new Names());
  if (!EXACT.has(exchange.name)) return { exchange, differences: found };
  const differences = found.filter(
    ({ at }) => at === 'status' || at === 'reason' || at.startsWith('headers'),
  );
  const [theirs, mine] = [bodyOf(exchange), Buffer.concat([...ours.chunks]).toString()].map((text) =>
    JSON.stringify(exact(text)),
  );
  if (theirs !== mine) differences.push({ at: 'body exactly', recorded: theirs ?? '', ours: mine ?? '' });
  return { exchange, differences };
}

function bodyOf({ response }: Exchange): string {
  return Buffer.concat([...(response?.chunks ?? [])]).toString();
}

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
