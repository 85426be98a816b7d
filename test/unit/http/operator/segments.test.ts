import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Segments } from '../../../../server/http/mesos/operator/segments.ts';

interface Item {
  readonly number: number;
  text: string;
}

function segments(separator: string): { segments: Segments<Item>; encoded: Item[] } {
  const encoded: Item[] = [];
  return {
    encoded,
    segments: new Segments<Item>({
      number: (item) => item.number,
      version: (item) => item.text,
      encode(item) {
        encoded.push(item);
        return Buffer.from(item.text);
      },
      separator,
    }),
  };
}

type Step =
  | { readonly do: 'add'; readonly text: string }
  | { readonly do: 'change'; readonly at: number; readonly text: string }
  | { readonly do: 'remove'; readonly at: number };

const text = fc.string({ maxLength: 8 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), text }),
  fc.record({ do: fc.constant('change' as const), at: fc.nat(2000), text }),
  fc.record({ do: fc.constant('remove' as const), at: fc.nat(2000) }),
);

describe('segments', () => {
  test.each(['', ','])('are the items joined, whatever happened to them (separator %j)', (separator) => {
    fc.assert(
      fc.property(
        fc.nat(700),
        fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 6 }),
        (size, rounds) => {
          const { segments: subject } = segments(separator);
          const items = Array.from({ length: size }, (_, number): Item => ({ number, text: `i${number}` }));
          let next = size;
          for (const round of [[], ...rounds]) {
            for (const each of round) {
              if (each.do === 'add') items.push({ number: next++, text: each.text });
              else if (items.length === 0) continue;
              else if (each.do === 'remove') items.splice(each.at % items.length, 1);
              else items[each.at % items.length]!.text = each.text;
            }
            const all = items.map((item) => item.text).join(separator);
            expect(Buffer.concat(subject.chunks(items, items)).toString()).toBe(all);
            expect(subject.parts(items, items).map(([item, part]) => [item, part.toString()])).toEqual(
              items.map((item) => [item, item.text]),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('encode only what changed, and join only its neighbours again', () => {
    const { segments: subject, encoded } = segments(',');
    const items = Array.from({ length: 2000 }, (_, number): Item => ({ number, text: `i${number}` }));
    const before = subject.chunks(items, items);
    expect(encoded).toHaveLength(2000);
    encoded.length = 0;
    items[700]!.text = 'changed';
    items.splice(1500, 1);
    const after = subject.chunks(items, items);
    expect(encoded).toEqual([items[700]]);
    const same = after.filter((chunk) => chunk.length > 1 && before.includes(chunk));
    expect(same).toHaveLength(61);
  });

  test('items out of order are all there', () => {
    const { segments: subject } = segments(',');
    const items = [3, 600, 5, 601, 1].map((number): Item => ({ number, text: String(number) }));
    for (const _round of [1, 2])
      expect(Buffer.concat(subject.chunks(items, items)).toString()).toBe('3,600,5,601,1');
  });
});
