import { describe, expect, test } from 'vitest';
import { simulate } from './simulator.ts';

/**
 * One seed is one history of a small cluster with faults. To see one again: `DAWN_SIM_FIRST=36 DAWN_SIM_SEEDS=1 npx vitest run --config test/vitest.config.ts
 * --project sim`. CI runs 250.
 */
const FIRST = Number(process.env['DAWN_SIM_FIRST'] ?? 1);
const COUNT = Number(process.env['DAWN_SIM_SEEDS'] ?? 20);
const PER_TEST = 10;

/** What each of these once found. */
const FOUND: readonly (readonly [seed: number, what: string])[] = [
  [5, 'a kill that was lost while its agent was away left a container that nobody wanted'],
  [13, 'a reconciled TASK_STAGING counted as a start, so that a lost launch was never noticed'],
  [36, 'a rolling restart brought back a task that was being killed'],
  [107, 'a rolling restart brought back an instance that a scale-down had ended'],
  [211, 'a launch that came later than its kill ran for nobody, and kept its agent out'],
];

describe('seeds that found something', () => {
  test.each(FOUND)('%i: %s', async (seed) => {
    expect(await simulate(seed)).toEqual([]);
  });
});

describe('fresh histories', () => {
  const groups = Array.from({ length: Math.ceil(COUNT / PER_TEST) }, (_, at) => FIRST + at * PER_TEST);
  test.each(groups)('from seed %i', async (first) => {
    for (let seed = first; seed < Math.min(first + PER_TEST, FIRST + COUNT); seed++) {
      expect(await simulate(seed), `seed ${seed}`).toEqual([]);
    }
  });
});

test('the same seed is the same history', async () => {
  const told: string[][] = [[], []];
  for (const list of told) {
    await simulate(3, {
      batch: (batch) => {
        list.push(JSON.stringify(batch));
        return batch;
      },
    });
  }
  expect(told[0]?.length).toBeGreaterThan(100);
  // Agents draw their boot and update ids from the machine's own chance; nothing of the journal may depend on it.
  expect(told[0]).toEqual(told[1]);
});
