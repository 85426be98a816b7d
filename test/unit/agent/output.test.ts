import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Chunk } from '../../../server/agent/containerizer.ts';
import { Output } from '../../../server/agent/nested/output.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const textOf = (chunks: readonly Chunk[]): string => chunks.map(({ data }) => String(data)).join('');

/** Writes without end, and counts how much was taken. */
function endless(bytes: number): { source: Readable; taken: () => number } {
  let taken = 0;
  const data = Buffer.alloc(bytes, 'x');
  const source = new Readable({
    objectMode: true,
    highWaterMark: 1,
    read: () => void setImmediate(() => (taken++, source.push({ stream: 'STDOUT', data }))),
  });
  return { source, taken: () => taken };
}

test('what writes waits for the slowest reader, and goes on when that one leaves', async () => {
  const { source, taken } = endless(1);
  const slow = new Output(source).read();
  for (let round = 0; round < 200; round++) await turn();
  const before = taken();
  expect(before).toBeLessThan(50);
  slow.destroy();
  for (let round = 0; round < 200; round++) await turn();
  expect(taken()).toBeGreaterThan(before + 50);
  source.destroy();
});

test('of what was written before only the end is kept', async () => {
  const { source } = endless(10_000);
  const output = new Output(source);
  for (let round = 0; round < 100; round++) await turn();
  source.destroy();
  await turn();
  const kept = (await output.read().toArray()) as Chunk[];
  expect(textOf(kept).length).toBeGreaterThan(50_000);
  expect(textOf(kept).length).toBeLessThanOrEqual(64 * 1024);
});
