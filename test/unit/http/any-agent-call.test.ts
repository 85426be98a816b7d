import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { saveMaster } from '../../../server/master/checkpoint.ts';
import { LegacyLists } from '../../../server/http/mesos/legacy/lists.ts';
import type { AgentCall } from '../../../shared/mesos/agent.ts';
import { agentCallProblem } from '../../../shared/mesos/agent-call-problem.ts';
import { agentShapeProblem } from '../../../shared/mesos/agent-call-shape.ts';
import { messageType } from '../../../shared/mesos/wire/schema.ts';
import { messages } from '../../support/wire-messages.ts';
import { TestMaster, agentInfo, taskInfo } from '../master/test-master.ts';

/** What no field of a call may be, or only some. */
const HOSTILE: readonly unknown[] = [
  null,
  5,
  -1,
  1e308,
  '',
  'x',
  '__proto__',
  '\u001b[2J',
  true,
  [],
  [null],
  [[]],
  {},
  { value: null },
  { value: {} },
];

/** A call of each kind, whole, about what is really there. */
function wholeCalls(agent: string, framework: string): readonly object[] {
  const reserved = {
    name: 'disk',
    type: 'SCALAR',
    scalar: { value: 100 },
    reservations: [
      { type: 'DYNAMIC', role: 'dawn', principal: 'p', labels: { labels: [{ key: 'k', value: 'v' }] } },
    ],
    disk: { persistence: { id: 'v1', principal: 'p' }, volume: { container_path: 'data', mode: 'RW' } },
  };
  const status = {
    task_id: { value: 't' },
    state: 'TASK_RUNNING',
    uuid: btoa('0123456789abcdef'),
    source: 'SOURCE_EXECUTOR',
    message: 'm',
    timestamp: 1,
    labels: { labels: [{ key: 'k' }] },
    container_status: {
      container_id: { value: 'c' },
      network_infos: [{ ip_addresses: [{ ip_address: '1.1.1.1' }] }],
    },
  };
  const executor = {
    executor_id: { value: 'e' },
    framework_id: { value: framework },
    command: { value: 'x' },
    resources: [reserved],
  };
  const task = {
    ...taskInfo('t2', agent),
    executor,
    labels: { labels: [{ key: 'k', value: 'v' }] },
    discovery: { visibility: 'CLUSTER', name: 'n', ports: { ports: [{ number: 80 }] } },
    health_check: { type: 'HTTP', http: { port: 80 } },
  };
  const agent_id = { value: agent };
  const framework_id = { value: framework };
  const info = agentInfo('a', { id: agent_id });
  return [
    {
      type: 'SUBSCRIBE',
      subscribe: {
        agent_info: {
          ...info,
          resources: [...info.resources, reserved],
          attributes: [
            { name: 'rack', type: 'TEXT', text: { value: 'r1' } },
            { name: 'n', type: 'SCALAR', scalar: { value: 1 } },
            { name: 's', type: 'RANGES', ranges: { range: [{ begin: 1, end: 2 }] } },
          ],
        },
        tasks: [{ framework_id, task, status: { ...status, task_id: { value: 't2' } } }],
        executors: [{ framework_id, executor }],
        boot_id: 'again',
      },
    },
    { type: 'UPDATE', agent_id, update: { framework_id, status, latest_state: 'TASK_FINISHED' } },
    {
      type: 'FRAMEWORK_MESSAGE',
      agent_id,
      framework_message: { framework_id, executor_id: { value: 'e' }, data: 'aGk=' },
    },
    {
      type: 'EXITED_EXECUTOR',
      agent_id,
      exited_executor: { framework_id, executor_id: { value: 'e' }, status: 256 },
    },
    { type: 'PONG', agent_id },
    { type: 'UNREGISTER', agent_id },
  ];
}

/** Every place in a value, as the way to it. */
function placesIn(value: unknown, way: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [way];
  return [way, ...Object.entries(value).flatMap(([name, each]) => placesIn(each, [...way, name]))];
}

function valueAt(value: unknown, way: readonly string[]): unknown {
  return way.reduce((inside, name) => (inside as Record<string, unknown>)[name], value);
}

/** The same with something else in one place. */
function withAt(value: unknown, [name, ...way]: readonly string[], other: unknown): unknown {
  if (name === undefined) return other;
  if (Array.isArray(value))
    return value.map((each, at) => (String(at) === name ? withAt(each, way, other) : each));
  return { ...(value as object), [name]: withAt((value as Record<string, unknown>)[name], way, other) };
}

const parts = ['Resource', 'TaskInfo', 'ExecutorInfo', 'TaskStatus', 'Attribute'] as const;
const part = fc.constantFrom(...parts).chain((name) => messages(messageType(`mesos.v1.${name}`), 3));
const ALIKE: Readonly<Record<string, readonly unknown[]>> = {
  string: ['', '*', 'a', 'a/b', 'dawn', 'cpus', 'TASK_FAILED', 'DYNAMIC', 'SET', 'm-S9', 'x'.repeat(300)],
  number: [0, 1, 5, 0.001, 31_000, 1e12, -1],
  boolean: [true, false],
};

/** What to put in place of what is there: something of its own kind, or anything. */
type Other = (there: unknown) => unknown;
const others: fc.Arbitrary<Other> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.nat(100).map(
      (choice): Other =>
        (there) =>
          alike(there, choice),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(fc.constantFrom(...HOSTILE), part, fc.array(part, { maxLength: 2 })).map(
      (other): Other =>
        () =>
          other,
    ),
  },
);

function alike(there: unknown, choice: number): unknown {
  if (Array.isArray(there)) return choice % 2 === 0 ? [] : [...there, ...there];
  if (typeof there === 'object' && there !== null) {
    const names = Object.keys(there);
    return Object.fromEntries(
      Object.entries(there).filter(([name]) => name !== names[choice % names.length]),
    );
  }
  const all = ALIKE[typeof there] ?? [null];
  return all[choice % all.length];
}

test('whatever an agent says, the master refuses it or stays right', () => {
  let taken = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(), fc.array(fc.tuple(fc.nat(), others), { minLength: 1, maxLength: 2 })), {
        minLength: 1,
        maxLength: 4,
      }),
      (given) => {
        const master = new TestMaster();
        const framework = master.subscribe('f', { capabilities: [{ type: 'RESERVATION_REFINEMENT' }] });
        const agent = master.addAgent('a');
        master.launch('f', agent, [taskInfo('t', agent)]);
        let stream = 'a';
        for (const [kind, changes] of given) {
          const whole = wholeCalls(agent, framework);
          let call: unknown = whole[kind % whole.length];
          for (const [place, other] of changes) {
            const places = placesIn(call);
            const way = places[place % places.length]!;
            call = withAt(call, way, other(valueAt(call, way)));
          }
          const json = JSON.stringify(call, (_name, value: unknown) =>
            typeof value === 'bigint' ? Number(value) : value,
          );
          const read = JSON.parse(json) as AgentCall;
          if ((agentCallProblem(read) ?? agentShapeProblem(read)) !== null) continue;
          taken++;
          // As the endpoint does: each subscription has a stream of its own.
          if (read.type === 'SUBSCRIBE') stream = `a${taken}`;
          // What is wrong with the world after it, TestMaster throws.
          master.agent(stream, read);
        }
        master.pass(1);
        const told = [...master.agentHeard(stream), ...master.heard('f')];
        expect(JSON.stringify([told, master.writes, saveMaster(master.world)])).toContain('"');
        const lists = new LegacyLists(master.world);
        expect(String(lists.slaves({ isFull: true, only: null }))).toBeDefined();
      },
    ),
    { numRuns: 500 },
  );
  expect(taken).toBeGreaterThan(100);
});
