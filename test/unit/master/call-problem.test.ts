import { describe, expect, test } from 'vitest';
import { callProblem, type UncheckedCall } from '../../../server/master/call-problem.ts';

const framework_id = { value: 'f' };
const uuid = Buffer.alloc(16, 7).toString('base64');

const WITH_BODY = [
  'ACCEPT',
  'DECLINE',
  'ACCEPT_INVERSE_OFFERS',
  'DECLINE_INVERSE_OFFERS',
  'KILL',
  'SHUTDOWN',
  'ACKNOWLEDGE',
  'ACKNOWLEDGE_OPERATION_STATUS',
  'RECONCILE',
  'RECONCILE_OPERATIONS',
  'MESSAGE',
  'REQUEST',
  'UPDATE_FRAMEWORK',
];

test.each(WITH_BODY)('%s needs its body', (type) => {
  expect(callProblem({ type, framework_id })).toBe(`Expecting '${type.toLowerCase()}' to be present`);
});

test.each(['TEARDOWN', 'REVIVE', 'SUPPRESS', 'UNKNOWN', ...WITH_BODY])('%s needs a framework id', (type) => {
  expect(callProblem({ type })).toBe("Expecting 'framework_id' to be present");
});

describe('table', () => {
  const info = (more: object = {}): object => ({ framework_info: { user: 'u', name: 'n', ...more } });
  const differs = "'framework_id' differs from 'subscribe.framework_info.id'";
  const acknowledge = (more: object): UncheckedCall => ({
    type: 'ACKNOWLEDGE',
    framework_id,
    acknowledge: { agent_id: { value: 'a' }, task_id: { value: 't' }, uuid, ...more },
  });
  const operation = (more: object): UncheckedCall => ({
    type: 'ACKNOWLEDGE_OPERATION_STATUS',
    framework_id,
    acknowledge_operation_status: { operation_id: { value: 'o' }, uuid, ...more },
  });
  test.each<[string, UncheckedCall, string | null]>([
    ['no type', {}, "Expecting 'type' to be present"],
    ['a type that is none', { type: 'NO_SUCH', framework_id }, "Expecting 'type' to be present"],
    ['a type in lower case', { type: 'revive', framework_id }, "Expecting 'type' to be present"],
    ['UNKNOWN', { type: 'UNKNOWN', framework_id }, null],
    ['TEARDOWN', { type: 'TEARDOWN', framework_id }, null],
    ['REVIVE without a body', { type: 'REVIVE', framework_id }, null],
    ['SUBSCRIBE', { type: 'SUBSCRIBE', subscribe: info() }, null],
    [
      'SUBSCRIBE without its body',
      { type: 'SUBSCRIBE', framework_id },
      "Expecting 'subscribe' to be present",
    ],
    [
      'SUBSCRIBE with both ids',
      { type: 'SUBSCRIBE', framework_id, subscribe: info({ id: framework_id }) },
      null,
    ],
    [
      'SUBSCRIBE with an empty id of each kind',
      { type: 'SUBSCRIBE', framework_id: { value: '' }, subscribe: info() },
      null,
    ],
    ['SUBSCRIBE with an id outside only', { type: 'SUBSCRIBE', framework_id, subscribe: info() }, differs],
    [
      'SUBSCRIBE with an id inside only',
      { type: 'SUBSCRIBE', subscribe: info({ id: framework_id }) },
      differs,
    ],
    [
      'UPDATE_FRAMEWORK of another',
      { type: 'UPDATE_FRAMEWORK', framework_id, update_framework: info({ id: { value: 'g' } }) },
      "'framework_id' differs from 'update_framework.framework_info.id'",
    ],
    [
      'UPDATE_FRAMEWORK',
      { type: 'UPDATE_FRAMEWORK', framework_id, update_framework: info({ id: framework_id }) },
      null,
    ],
    ['ACKNOWLEDGE', acknowledge({}), null],
    ['ACKNOWLEDGE of a short uuid', acknowledge({ uuid: 'c2hvcnQ=' }), 'Not a valid UUID'],
    [
      'ACKNOWLEDGE of a long uuid',
      acknowledge({ uuid: Buffer.alloc(17).toString('base64') }),
      'Not a valid UUID',
    ],
    ['ACKNOWLEDGE of no uuid', acknowledge({ uuid: '' }), 'Not a valid UUID'],
    ['ACKNOWLEDGE without padding', acknowledge({ uuid: uuid.replace(/=/g, '') }), null],
    ['ACKNOWLEDGE_OPERATION_STATUS', operation({ agent_id: { value: 'a' } }), null],
    ['ACKNOWLEDGE_OPERATION_STATUS without agent', operation({}), "Expecting 'agent_id' to be present"],
    ['ACKNOWLEDGE_OPERATION_STATUS of a bad uuid', operation({ uuid: 'AAAA' }), 'Not a valid UUID'],
  ])('%s', (_name, call, problem) => {
    expect(callProblem(call)).toBe(problem);
  });

  test('an authenticated sender is who it says it is', () => {
    const call = { type: 'SUBSCRIBE', subscribe: info({ principal: 'other' }) };
    expect(callProblem(call, 'other')).toBeNull();
    expect(callProblem({ type: 'SUBSCRIBE', subscribe: info() }, 'sched')).toBeNull();
    expect(callProblem(call, 'sched')).toBe(
      "Authenticated principal 'sched' does not match principal 'other' set in `FrameworkInfo`",
    );
  });
});
