import { expect, test } from 'vitest';
import { podOf } from '../../../server/agent/pod.ts';
import { type HeldTask, memoryState } from '../../../server/agent/state.ts';
import { type TaskState, type TaskStatus } from '../../../shared/mesos/v1.ts';
import { toMesos } from '../../../shared/resources.ts';
import { heldTask, status, taskInfo } from './agent-fixtures.ts';

const held = (id: string, parent: string, port: number, state: TaskState = 'TASK_STARTING') => {
  const container_status = { container_id: { value: `c-${id}`, parent: { value: parent } } };
  const told: TaskStatus = { ...status(id, state, 'u'), container_status };
  const resources = toMesos({ cpusMilli: 1, memMb: 1, diskMb: 0, gpus: 0, ports: [[port, port]] });
  return { ...heldTask(id, told), task: taskInfo(id, 'true', { resources }), group: `g-${parent}` };
};

test('the tasks of an executor share its network and their ports; others, and what is over, have no part in it', () => {
  const state = memoryState();
  for (const each of [
    held('a', 'pod', 31_000),
    held('b', 'pod', 31_001),
    held('over', 'pod', 31_002, 'TASK_FINISHED'),
    held('other', 'another', 31_003),
  ])
    state.addTask(each, []);
  expect(podOf(state, state.tasks.get('f/a')!)).toEqual({ id: 'pod', ports: [[31_000, 31_001]] });
});

test('a task that is in no group shares nothing', () => {
  const alone: HeldTask = { ...heldTask('t', status('t', 'TASK_STARTING', 'u')), pending: [], statuses: [] };
  expect(podOf(memoryState(), alone)).toBeUndefined();
});
