import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentCallProblem } from '../../../shared/mesos/agent-call-problem.ts';
import { agentCallSchema } from './agent-call-schema.ts';
import { agentInfo, taskInfo } from '../master/test-master.ts';

const subscribe = (info: object = {}, tasks: unknown = []): unknown => ({
  type: 'SUBSCRIBE',
  subscribe: { agent_info: { ...agentInfo('a'), ...info }, tasks, boot_id: 'b' },
});
const resource = (value: unknown, name = 'cpus'): object => ({
  resources: [{ name, type: 'SCALAR', scalar: { value } }],
});
const ports = (begin: unknown, end: unknown): object => ({
  resources: [{ name: 'ports', type: 'RANGES', ranges: { range: [{ begin, end }] } }],
});
const attribute = (name: string, value: unknown = 'x'): object => ({
  attributes: [{ name, type: 'TEXT', text: { value } }],
});
const update = (status: object): unknown => ({
  type: 'UPDATE',
  agent_id: { value: 'a' },
  update: {
    framework_id: { value: 'f' },
    status: { task_id: { value: 't' }, state: 'TASK_RUNNING', ...status },
  },
});

test('what an agent says passes whole, with what the schema does not name', () => {
  const held = {
    framework_id: { value: 'f' },
    task: taskInfo('t', 'a'),
    status: { task_id: { value: 't' }, state: 'TASK_RUNNING', healthy: true },
  };
  for (const call of [
    subscribe({ attributes: [{ name: 'rack', type: 'TEXT', text: { value: 'r1' } }] }, [held]),
    { type: 'PONG', agent_id: { value: 'a' } },
    update({ uuid: 'u', container_status: { executor_pid: 1 } }),
    { type: 'UNREGISTER', agent_id: { value: 'a' } },
  ]) {
    expect(agentCallProblem(call)).toBeNull();
    expect(agentCallSchema.parse(call)).toEqual(call);
  }
});

describe('refused at the door', () => {
  test.each<[string, unknown]>([
    ['an unknown call', { type: 'SHUTDOWN' }],
    ['no call', null],
    ['negative cpus', subscribe(resource(-1))],
    ['cpus beyond any machine', subscribe(resource(1e308))],
    ['cpus as text', subscribe(resource('4'))],
    ['a resource named __proto__', subscribe(resource(1, '__proto__'))],
    ['a port beyond the last', subscribe(ports(31000, 65_536))],
    ['half a port', subscribe(ports(1.5, 2))],
    ['ports that end before they begin', subscribe(ports(31005, 31000))],
    ['an attribute named __proto__', subscribe(attribute('__proto__'))],
    ['an attribute with an escape sequence', subscribe(attribute('rack', '\u001b[31m'))],
    [
      'a set with an escape sequence',
      subscribe({ attributes: [{ name: 'r', type: 'SET', set: { item: ['\u001b'] } }] }),
    ],
    [
      'a hundred and one attributes',
      subscribe({ attributes: Array.from({ length: 101 }, () => ({ name: 'r', type: 'TEXT' })) }),
    ],
    ['a host name with a path', subscribe({ hostname: '../etc' })],
    ['tasks that are no list', subscribe({}, {})],
    ['a task id with a control character', update({ task_id: { value: 'a\nb' } })],
    ['a state that does not exist', update({ state: 'TASK_BORED' })],
    ['a message without end', update({ message: 'x'.repeat(65 * 1024) })],
  ])('%s', (_what, call) => {
    expect(agentCallProblem(call)).not.toBeNull();
    expect(agentCallSchema.safeParse(call).success).toBe(false);
  });
});

const held = {
  framework_id: { value: 'f' },
  task: { ...taskInfo('t', 'a'), labels: { labels: [{ key: 'k', value: 'v' }] } },
  status: { task_id: { value: 't' }, state: 'TASK_RUNNING', message: 'm', uuid: 'dXVpZA==' },
};
const CALLS: readonly unknown[] = [
  subscribe(
    {
      id: { value: 'a' },
      resources: [
        { name: 'cpus', type: 'SCALAR', scalar: { value: 1.5 } },
        { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 1, end: 2 }] } },
      ],
      attributes: [
        { name: 'rack', type: 'TEXT', text: { value: 'r1' } },
        { name: 'set', type: 'SET', set: { item: ['a', 'b'] } },
        { name: 'many', type: 'SCALAR', scalar: { value: 3 } },
        { name: 'few', type: 'RANGES', ranges: { range: [{ begin: 3, end: 3 }] } },
      ],
    },
    [held],
  ),
  {
    type: 'SUBSCRIBE',
    subscribe: {
      agent_info: agentInfo('a'),
      tasks: [],
      executors: [{ framework_id: { value: 'f' }, executor: { executor_id: { value: 'e' } } }],
      boot_id: 'b',
    },
  },
  { type: 'PONG', agent_id: { value: 'a' } },
  { type: 'UNREGISTER', agent_id: { value: 'a' } },
  {
    type: 'UPDATE',
    agent_id: { value: 'a' },
    update: { framework_id: { value: 'f' }, status: held.status, latest_state: 'TASK_FINISHED' },
  },
  {
    type: 'FRAMEWORK_MESSAGE',
    agent_id: { value: 'a' },
    framework_message: { framework_id: { value: 'f' }, executor_id: { value: 'e' }, data: 'aGk=' },
  },
  {
    type: 'EXITED_EXECUTOR',
    agent_id: { value: 'a' },
    exited_executor: { framework_id: { value: 'f' }, executor_id: { value: 'e' }, status: 256 },
  },
];

/** Every place in a value, as the way to it. */
function places(value: unknown, way: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [way];
  return [way, ...Object.entries(value).flatMap(([key, each]) => places(each, [...way, key]))];
}

/** The value with something else in that place; `undefined` is nothing. */
function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string,
    unknown
  >;
  copy[key] = replaced(copy[key], rest, by);
  if (copy[key] === undefined && !Array.isArray(copy)) delete copy[key];
  return copy;
}

const JUNK: readonly unknown[] = [
  undefined,
  null,
  true,
  '',
  'x',
  '__proto__',
  'a\u0000b',
  'aGk=\n',
  'a_k=',
  'TASK_BORED',
  'TEXT',
  'x'.repeat(33),
  'x'.repeat(65),
  'x'.repeat(256),
  'x'.repeat(513),
  'x'.repeat(1025),
  'x'.repeat(64 * 1024 + 4),
  0,
  -0,
  -1,
  0.5,
  65_535,
  65_536,
  1e12,
  1e13,
  Infinity,
  NaN,
  [],
  {},
  [null],
  { value: 'v' },
  { value: 'v', more: 1 },
  { value: -1 },
  Array.from({ length: 101 }, () => ({ name: 'r', type: 'SET' })),
  Array.from({ length: 1001 }, () => 'x'),
  Array.from({ length: 10_001 }, () => ({ begin: 1, end: 1 })),
];

test('the check refuses what the schema refuses, and nothing else: whatever stands wherever', () => {
  for (const call of CALLS) {
    expect(agentCallProblem(call)).toBeNull();
    for (const way of places(call))
      for (const junk of JUNK) {
        const other = replaced(call, way, junk);
        const wanted = agentCallSchema.safeParse(other).success;
        expect([way.join('.'), junk, agentCallProblem(other) === null]).toEqual([
          way.join('.'),
          junk,
          wanted,
        ]);
      }
  }
});

test('and whatever else is said', () => {
  const call = fc.constantFrom(...CALLS);
  const change = fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(...JUNK), fc.jsonValue()));
  fc.assert(
    fc.property(call, fc.array(change, { minLength: 1, maxLength: 3 }), (original, changes) => {
      const other = changes.reduce((value, [choice, by]) => {
        const all = places(value);
        return replaced(value, all[choice % all.length] ?? [], by);
      }, original);
      expect(agentCallProblem(other) === null).toBe(agentCallSchema.safeParse(other).success);
    }),
    { numRuns: 300 },
  );
});

test('says where it is wrong', () => {
  expect(
    agentCallProblem(subscribe({}, [{ ...held, status: { ...held.status, state: 'TASK_BORED' } }])),
  ).toMatch(/^subscribe\.tasks\.0\.status\.state: is none of TASK_STAGING, /);
  expect(agentCallProblem({ type: 'PONG' })).toBe('agent_id: is no object');
  expect(agentCallProblem({ type: 'SHUTDOWN' })).toBe('type: there is no such call');
});
