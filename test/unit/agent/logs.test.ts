import { expect, test } from 'vitest';
import { Demuxer } from '../../../server/agent/docker/logs.ts';

function frame(stream: 1 | 2, text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

const AT = '2026-11-23T10:00:00.123456789Z';
const BYTES = Buffer.concat([
  frame(1, `${AT} first — with ünïcode\n`),
  frame(2, `${AT} wrong\n`),
  frame(1, `${AT} half of `),
  frame(2, `${AT} between\n`),
  frame(1, 'a line\nno time\n'),
  frame(1, `${AT} \n`),
  frame(1, 'the end without newline'),
]);
const LINES = [
  { stream: 'stdout', at: AT, text: 'first — with ünïcode' },
  { stream: 'stderr', at: AT, text: 'wrong' },
  { stream: 'stderr', at: AT, text: 'between' },
  { stream: 'stdout', at: AT, text: 'half of a line' },
  { stream: 'stdout', at: null, text: 'no time' },
  { stream: 'stdout', at: AT, text: '' },
  { stream: 'stdout', at: null, text: 'the end without newline' },
];

test('the lines are the same wherever the bytes were split', () => {
  for (let at = 0; at <= BYTES.length; at++) {
    const demuxer = new Demuxer();
    const lines = [
      ...demuxer.push(BYTES.subarray(0, at)),
      ...demuxer.push(BYTES.subarray(at)),
      ...demuxer.end(),
    ];
    expect(lines, `split at ${at}`).toEqual(LINES);
  }
});

test('and when each byte comes alone', () => {
  const demuxer = new Demuxer();
  const lines = [...BYTES].flatMap((byte) => [...demuxer.push(Buffer.from([byte]))]);
  expect([...lines, ...demuxer.end()]).toEqual(LINES);
});

test('a line without end is cut, not collected', () => {
  const demuxer = new Demuxer();
  const lines = [...demuxer.push(frame(1, 'x'.repeat(70_000)))];
  expect(lines).toHaveLength(1);
  expect(lines[0]?.text.endsWith('…(cut)')).toBe(true);
  expect([...demuxer.end()]).toEqual([]);
});
