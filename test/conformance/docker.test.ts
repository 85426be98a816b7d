/** What a real agent told Docker to run, and what it said of it, for every recorded variant of a task: ours is compared with it, field by field. */
import { afterAll, describe, expect, test } from 'vitest';
import { type Difference, compare } from './compare.ts';
import { DOCKER_DIFFERENCES } from './docker-differences.ts';
import { play, readVariants, recorded } from './docker-variants.ts';
import type { Json } from './recorded.ts';

const used = new Set<(typeof DOCKER_DIFFERENCES)[number]>();

describe('as a real agent ran it', () => {
  test.for(readVariants())('$name', async (variant) => {
    const found: Difference[] = [];
    const ours = (await play(variant)) as unknown as Json;
    compare(recorded(variant) as unknown as Json, ours, '', found);
    const unexplained = found.filter(({ at }) => {
      const rows = DOCKER_DIFFERENCES.filter(
        ([name, where]) => matches(name, variant.name) && matches(where, at.slice(1)),
      );
      for (const row of rows) used.add(row);
      return rows.length === 0;
    });
    expect(unexplained).toEqual([]);
  });
});

afterAll(() => {
  const idle = DOCKER_DIFFERENCES.filter((row) => !used.has(row)).map(([name, at]) => `${name} ${at}`);
  expect(idle, 'rows that explain nothing').toEqual([]);
});

function matches(pattern: string, text: string): boolean {
  const escaped = pattern.split('*').map((each) => each.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 's').test(text);
}
