import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Timers } from '../../server/timers.ts';

const always = (): boolean => true;

test('due keys come in order of time, stale ones do not come', () => {
  const timers = new Timers<string>();
  for (const [at, key] of [
    [5, 'e'],
    [1, 'a'],
    [3, 'c'],
    [2, 'stale'],
    [9, 'z'],
  ] as const)
    timers.push(at, key);
  const isLive = (key: string): boolean => key !== 'stale';
  expect(timers.next(isLive)).toBe(1);
  expect(timers.takeDue(5, isLive)).toEqual(['a', 'c', 'e']);
  expect(timers.next(isLive)).toBe(9);
});

test('any times come sorted', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000)), (times) => {
      const timers = new Timers<number>();
      for (const at of times) timers.push(at, at);
      expect(timers.takeDue(1000, always)).toEqual([...times].sort((a, b) => a - b));
    }),
  );
});

test('stale entries far in the future do not pile up, and no live one is lost', () => {
  const timers = new Timers<number>();
  const isLive = (key: number): boolean => key % 100 === 0;
  for (let key = 1; key <= 100_000; key++) {
    timers.push(1_000_000 + key, key);
    timers.next(isLive);
  }
  expect(timers.size).toBeLessThan(5_000);
  expect(timers.takeDue(2_000_000, isLive)).toHaveLength(1000);
});
