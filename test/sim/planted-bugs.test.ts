import { expect, test } from 'vitest';
import { simulate, type Sabotage } from './simulator.ts';

/** Seeds within which each bug must be noticed. */
const SEEDS = 25;

/** The simulator is worth something only if it sees what is wrong. Each of these is a mistake that such systems have really had. */
const BUGS: readonly (readonly [name: string, sabotage: Sabotage])[] = [
  [
    'the journal forgets the failures of tasks',
    {
      batch: (batch) => ({
        ...batch,
        scheduler: batch.scheduler.map((write) =>
          write.w === 'task' && write.failures !== undefined ? { ...write, failures: 0 } : write,
        ),
      }),
    },
  ],
  [
    'the journal forgets the steps of updates',
    {
      batch: (batch) => ({
        ...batch,
        scheduler: batch.scheduler.filter((write) => write.w !== 'update-step'),
      }),
    },
  ],
  ['kills are never sent', { calls: (calls) => calls.filter((call) => call.type !== 'KILL') }],
  [
    'kills are sent to nobody in particular once and never again',
    { agentEvent: (event) => (event.type === 'KILL_TASK' ? null : event) },
  ],
  [
    'statuses are never acknowledged',
    { calls: (calls) => calls.filter((call) => call.type !== 'ACKNOWLEDGE') },
  ],
  [
    'the end of a task is never told',
    {
      agentCall: (call) =>
        call.type === 'UPDATE' && call.update.status.state === 'TASK_KILLED' ? null : call,
    },
  ],
  [
    'launches get lost and nobody waits for them',
    { agentEvent: dropEvery('RUN_TASK', 3), limits: { transientTimeoutMs: 10 ** 12 } },
  ],
  ['agents forget what they run', { agentsForget: true }],
  ['agents start a task as often as they are told', { agentsRepeat: true }],
  [
    'accepted offers are lost',
    {
      calls: dropEveryCall('ACCEPT', 4),
      limits: { transientTimeoutMs: 10 ** 12, reconcileEveryMs: 10 ** 12 },
    },
  ],
  ['offers are never given back', { calls: (calls) => calls.filter((call) => call.type !== 'DECLINE') }],
  ['offers are asked for to the end', { calls: (calls) => calls.filter((call) => call.type !== 'SUPPRESS') }],
  ['offers are asked for once only', { calls: dropEveryCall('REVIVE', 2) }],
  [
    'nobody ever reconciles, and timeouts are off',
    {
      calls: (calls) => calls.filter((call) => call.type !== 'RECONCILE'),
      agentEvent: dropEvery('KILL_TASK', 2),
      limits: { transientTimeoutMs: 10 ** 12, killRetryMs: 10 ** 12 },
    },
  ],
  ['a penalty for flapping never ends', { limits: { flappingInitialMs: 10 ** 12, flappingMaxMs: 10 ** 12 } }],
];

test.each(BUGS)('%s', async (_name, sabotage) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const wrong = await simulate(seed, sabotage).catch((error: unknown) => [String(error)]);
    if (wrong.length > 0) return;
  }
  expect.fail(`not noticed within ${SEEDS} seeds`);
});

function dropEvery(type: string, nth: number): NonNullable<Sabotage['agentEvent']> {
  let count = 0;
  return (event) => (event.type === type && ++count % nth === 0 ? null : event);
}

function dropEveryCall(type: string, nth: number): NonNullable<Sabotage['calls']> {
  let count = 0;
  return (calls) => calls.filter((call) => call.type !== type || ++count % nth !== 0);
}
