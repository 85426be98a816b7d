/** Answers that are put together from encoded parts say what the codec would have said of the whole. */
import { beforeEach, describe, expect, test } from 'vitest';
import { OperatorLists } from '../../../../server/http/mesos/operator/lists.ts';
import { doubleText } from '../../../../server/libprocess/json.ts';
import { type Field, writeFields } from '../../../../server/libprocess/wire-tree.ts';
import { decodeMessage, type MediaType } from '../../../../shared/mesos/wire/codec.ts';
import { TestMaster, status, taskInfo } from '../../master/test-master.ts';

const TYPES: readonly MediaType[] = ['application/json', 'application/x-protobuf'];
let master: TestMaster;

beforeEach(() => {
  master = new TestMaster();
  const agent = master.addAgent('a');
  const away = master.addAgent('b');
  const framework = master.subscribe('f', { checkpoint: true });
  master.launch('f', agent, [taskInfo('runs', agent), taskInfo('ended', agent)]);
  master.launch('f', away, [taskInfo('away', away)]);
  for (const id of ['runs', 'ended'])
    master.update('a', framework, status(id, 'TASK_RUNNING', btoa(`1${id}`)));
  master.update('b', framework, status('away', 'TASK_RUNNING', btoa('1away')));
  const uuid = btoa('2ended');
  master.update('a', framework, status('ended', 'TASK_FINISHED', uuid));
  master.framework('f', {
    type: 'ACKNOWLEDGE',
    acknowledge: { agent_id: { value: agent }, task_id: { value: 'ended' }, uuid },
  });
  master.subscribe('gone');
  master.framework('gone', { type: 'TEARDOWN' });
  master.closeAgent('b');
  for (let seconds = 0; seconds < 90; seconds += 10) {
    master.pass(10);
    master.agent('a', { type: 'PONG', agent_id: { value: agent } });
  }
});

function response(fields: readonly Field[], type: MediaType): Buffer {
  const tree: Field[] = [
    { name: 'type', number: 1, word: { name: 'GET_STATE', number: 8 } },
    { name: 'get_state', number: 9, fields },
  ];
  return Buffer.concat(writeFields(tree, type));
}

function decoded(type: MediaType, lists = new OperatorLists(master.world, type)): Record<string, unknown> {
  const read = decodeMessage('mesos.v1.master.Response', type, response(lists.getState(), type));
  if (!read.ok) throw new Error(read.problem);
  return read.message['get_state'] as Record<string, unknown>;
}

type State = Record<string, Record<string, Record<string, unknown>[]>>;

describe('GET_STATE', () => {
  test.each(TYPES)('in %s has tasks where they belong', (type) => {
    const state = decoded(type) as State;
    const names = (list: string): unknown[] => (state['get_tasks']?.[list] ?? []).map(({ name }) => name);
    expect(names('tasks')).toEqual(['runs']);
    expect(names('unreachable_tasks')).toEqual(['away']);
    expect(names('completed_tasks')).toEqual(['ended']);
    expect(state['get_frameworks']?.['frameworks']).toHaveLength(1);
    expect(state['get_frameworks']?.['completed_frameworks']).toHaveLength(1);
    expect(state['get_agents']?.['agents']).toHaveLength(1);
  });

  test('says the same in both encodings', () => {
    const [json, protobuf] = TYPES.map((type) => decoded(type));
    const plain = (value: unknown): unknown =>
      JSON.parse(
        JSON.stringify(value, (key, each: unknown) =>
          typeof each === 'bigint' || key === 'nanoseconds'
            ? Number(each)
            : Array.isArray(each) && each.length === 0
              ? undefined
              : each,
        ),
      );
    expect(plain(protobuf)).toEqual(plain(json));
  });

  test('the same lists say the same after a change as fresh ones', () => {
    for (const type of TYPES) {
      const lists = new OperatorLists(master.world, type);
      decoded(type, lists);
      const agent = [...master.world.agents.keys()][0]!;
      const framework = [...master.world.frameworks.keys()][0]!;
      master.launch('f', agent, [taskInfo(`new-${type}`, agent)]);
      master.update('a', framework, status('runs', 'TASK_KILLING', btoa(`3${type}`)));
      expect(
        response(lists.getState(), type).equals(
          response(new OperatorLists(master.world, type).getState(), type),
        ),
      ).toBe(true);
    }
  });

  test('prints lists also when they are empty', () => {
    const lists = new OperatorLists(new TestMaster().world, 'application/json');
    expect(response(lists.getState(), 'application/json').toString()).toBe(
      '{"type":"GET_STATE","get_state":{"get_tasks":{"tasks":[],"unreachable_tasks":[],"completed_tasks":[]},"get_executors":{"executors":[]},"get_frameworks":{"frameworks":[],"completed_frameworks":[]},"get_agents":{"agents":[],"recovered_agents":[]}}}',
    );
  });
});

test.each([
  [4, '4.0'],
  [0.1, '0.1'],
  [-2, '-2.0'],
  [1795314974.08312, '1795314974.08312'],
  [1e21, '1e+21'],
])('a double: %d is written %s', (value, text) => expect(doubleText(value)).toBe(text));
