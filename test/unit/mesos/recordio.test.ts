import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RECORD_BYTES_MAX, RecordDecoder, encodeRecord } from '../../../shared/mesos/recordio.ts';

function decodeAll(chunks: readonly Uint8Array[]): string[] {
  const decoder = new RecordDecoder();
  return chunks.flatMap((chunk) => {
    const decoded = decoder.push(chunk);
    if (!decoded.ok) throw new Error(decoded.message);
    return decoded.records;
  });
}

test('a record is its length in bytes, a newline, and itself', () => {
  expect(encodeRecord('{"a":"é"}').toString()).toBe('10\n{"a":"é"}');
});

test('records survive a cut at every byte, inside a character too', () => {
  const records = ['{"type":"HEARTBEAT"}', 'é€😀', '', 'x'.repeat(100), '5\nabc'];
  const bytes = Buffer.concat(records.map(encodeRecord));
  for (let at = 0; at <= bytes.length; at++) {
    expect(decodeAll([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(records);
  }
  expect(decodeAll([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(records);
});

test('any records, cut anyhow', () => {
  const records = fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 10 });
  fc.assert(
    fc.property(records, fc.array(fc.nat(400)), (all, cuts) => {
      const bytes = Buffer.concat(all.map(encodeRecord));
      const places = [...new Set(cuts.filter((cut) => cut <= bytes.length))].sort((a, b) => a - b);
      const edges = [0, ...places, bytes.length];
      expect(decodeAll(edges.slice(1).map((end, n) => bytes.subarray(edges[n], end)))).toEqual(all);
    }),
  );
});

describe('what is no record', () => {
  test.each([
    ['letters', 'abc\n', "Failed to decode length 'abc'"],
    ['a sign', '-1\nx', "Failed to decode length '-1'"],
    ['a space', ' 5\nhello', "Failed to decode length ' 5'"],
    ['an exponent', '1e3\n', "Failed to decode length '1e3'"],
    ['nothing', '\nhello', "Failed to decode length ''"],
    ['a length without end', '1'.repeat(21), `Failed to decode length '${'1'.repeat(20)}'`],
    ['too long a length line', `${'1'.repeat(21)}\n`, `Failed to decode length '${'1'.repeat(21)}'`],
    ['zeros without end', '0'.repeat(21), `Failed to decode length '${'0'.repeat(20)}'`],
    ['hexadecimal', '0x10\n', "Failed to decode length '0x10'"],
    ['a fraction', '1.5\nx', "Failed to decode length '1.5'"],
    ['digits of another script', '٣\nabc', 'Failed to decode length'],
    ['a carriage return', '3\r\nabc', 'Failed to decode length'],
    ['more than a double holds', `${'9'.repeat(20)}\n`, 'is larger than'],
    ['too large a record', `${RECORD_BYTES_MAX + 1}\n`, 'is larger than'],
  ])('%s is an error, and stays one', (_what, text, message) => {
    const decoder = new RecordDecoder();
    expect(decoder.push(Buffer.from(text))).toMatchObject({
      ok: false,
      message: expect.stringContaining(message),
    });
    expect(decoder.push(encodeRecord('fine'))).toMatchObject({ ok: false });
  });

  test('the largest record is taken', () => {
    expect(decodeAll([encodeRecord('x'.repeat(RECORD_BYTES_MAX))])[0]).toHaveLength(RECORD_BYTES_MAX);
  });
});
