import { expect, test } from 'vitest';
import { slices } from '../../../server/libprocess/slices.ts';

/** Takes longer than a turn has. */
function work(): void {
  const endAt = performance.now() + 3;
  while (performance.now() < endAt);
}

/** Ten pieces, each of which is done once. */
function pieces(): { readonly make: () => number; readonly begun: () => number; readonly done: Set<number> } {
  const done = new Set<number>();
  let begun = 0;
  const make = (): number => {
    begun += 1;
    for (let piece = 0; piece < 10; piece++) {
      if (done.has(piece)) continue;
      slices.mayLeave();
      work();
      done.add(piece);
    }
    return done.size;
  };
  return { make, begun: () => begun, done };
}

test('long work is left and taken up again, and others have their turn between', async () => {
  const { make, begun, done } = pieces();
  const seen: number[] = [];
  const look = (): void => {
    seen.push(done.size);
    if (done.size < 10) setImmediate(look);
  };
  look();
  expect(await slices.run(make)).toBe(10);
  // The turn is over after each piece; the last one ends it.
  expect(begun()).toBe(10);
  expect(seen).toEqual(expect.arrayContaining([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
});

test('two who work at once both get on', async () => {
  const [one, other] = [pieces(), pieces()];
  const first = await Promise.race([
    slices.run(one.make).then(() => other.done.size),
    slices.run(other.make).then(() => one.done.size),
  ]);
  expect(first).toBeGreaterThanOrEqual(9);
});

test('what nobody runs in slices is done at once', () => {
  const { make, begun } = pieces();
  expect([make(), begun()]).toEqual([10, 1]);
});

test('a fault is told to whoever asked, and the next have their turn', async () => {
  const fault = slices.run(() => {
    throw new Error('a fault');
  });
  const next = slices.run(() => 'next');
  await expect(fault).rejects.toThrow('a fault');
  expect(await next).toBe('next');
});
