import { describe, expect, test } from 'vitest';
import { agentCallSchema } from '../../../shared/mesos/agent-schema.ts';
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
    expect(agentCallSchema.safeParse(call).success).toBe(false);
  });
});
