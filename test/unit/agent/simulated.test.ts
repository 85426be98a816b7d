import { expect, test } from 'vitest';
import { SimulatedContainerizer } from '../../../server/agent/simulated/simulated.ts';
import { HandClock, Listener, run } from './agent-fixtures.ts';

function setUp(end: { afterMs: number; exit: number } | null = null) {
  const clock = new HandClock();
  const heard = new Listener();
  const behaviour = { startMs: () => 100, end: () => end, stopMs: () => 50 };
  const containerizer = new SimulatedContainerizer(behaviour, clock, heard);
  containerizer.launch(run('t', 'true'));
  return { clock, heard, containerizer, states: () => heard.of('t').map(({ state }) => state) };
}

test('it starts and ends in the time of the clock', () => {
  const { clock, states } = setUp({ afterMs: 1000, exit: 0 });
  clock.pass(99);
  expect(states()).toEqual([]);
  clock.pass(1);
  expect(states()).toEqual(['TASK_RUNNING']);
  clock.pass(1000);
  expect(states()).toEqual(['TASK_RUNNING', 'TASK_FINISHED']);
});

test('a failure carries its exit code', () => {
  const { clock, heard } = setUp({ afterMs: 1, exit: 3 });
  clock.pass(101);
  expect(heard.of('t').at(-1)).toMatchObject({
    state: 'TASK_FAILED',
    message: 'Command exited with status 3',
  });
});

test('killed while it starts or runs, it ends once', () => {
  for (const ranMs of [0, 500]) {
    const { clock, containerizer, states } = setUp({ afterMs: 10_000, exit: 0 });
    clock.pass(ranMs);
    containerizer.kill('t');
    containerizer.kill('t');
    clock.pass(100_000);
    expect(states().filter((state) => state !== 'TASK_RUNNING')).toEqual(['TASK_KILLED']);
  }
});

test('another life of the agent is told what is known', () => {
  const { clock, containerizer } = setUp();
  clock.pass(100);
  const next = new Listener();
  containerizer.host = next;
  containerizer.launch(run('t', 'true'));
  expect(next.of('t')).toMatchObject([{ state: 'TASK_RUNNING' }]);
});
