import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../shared/job/config-id.ts';
import { sameJson } from '../../shared/same-json.ts';

const values = fc.jsonValue({ maxDepth: 3 }).map((value) => value as unknown);

test('two values are the same when their canonical texts are', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      expect(sameJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
      expect(sameJson(a, structuredClone(a))).toBe(true);
    }),
    { numRuns: 2_000, seed: 3 },
  );
});

test('bigints', () => {
  expect([sameJson(10n, 10n), sameJson(10n, 11n), sameJson(10n, 10)]).toEqual([true, false, false]);
});

test.each([
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, true],
  [{ a: 1 }, { a: 1, b: null }, false],
  [{ a: [1, 2] }, { a: [2, 1] }, false],
  [[1], { 0: 1 }, false],
  [{ a: 1 }, { b: 1 }, false],
  [{ toString: 1 }, {}, false],
  [{}, { toString: 1 }, false],
  [null, {}, false],
])('%j and %j: %s', (a, b, same) => {
  expect(sameJson(a, b)).toBe(same);
});
