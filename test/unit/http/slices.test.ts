import { expect, test } from 'vitest';
import { slices } from '../../../server/libprocess/slices.ts';

/** Takes longer than a turn has. */
function work(): void {
  const endAt = performance.now() + 3;
  while (performance.now() < endAt);
}

const PIECES = 40;

/** Forty pieces, each of which is done once. */
function pieces(): { readonly make: () => number; readonly begun: () => number; readonly done: Set<number> } {
  const done = new Set<number>();
  let begun = 0;
  const make = (): number => {
    begun += 1;
    for (let piece = 0; piece < PIECES; piece++) {
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
    if (done.size < PIECES) setImmediate(look);
  };
  look();
  expect(await slices.run(make)).toBe(PIECES);
  // Four pieces in each of the first eight turns, five in those that follow.
  expect(begun()).toBe(10);
  expect(seen).toEqual(expect.arrayContaining([0, 4, 8, 12, 16, 20, 24, 28, 32, 37]));
});

test('what changes faster than a busy machine gets on is made all the same', async () => {
  // Each turn undoes six pieces, while four are done in one at first.
  const { make, done, begun } = pieces();
  const other = slices.run(() => {
    for (let piece = 0; piece < 6; piece++) done.delete(piece);
    return make();
  });
  expect(await other).toBe(PIECES);
  expect(begun()).toBeLessThan(100);
});

test('two who work at once both get on', async () => {
  const [one, other] = [pieces(), pieces()];
  const first = await Promise.race([
    slices.run(one.make).then(() => other.done.size),
    slices.run(other.make).then(() => one.done.size),
  ]);
  expect(first).toBeGreaterThanOrEqual(30);
});

test('what nobody runs in slices is done at once', () => {
  const { make, begun } = pieces();
  expect([make(), begun()]).toEqual([PIECES, 1]);
});

test('a fault is told to whoever asked, and the next have their turn', async () => {
  const fault = slices.run(() => {
    throw new Error('a fault');
  });
  const next = slices.run(() => 'next');
  await expect(fault).rejects.toThrow('a fault');
  expect(await next).toBe('next');
});
