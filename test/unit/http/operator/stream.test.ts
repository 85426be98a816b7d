import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { OperatorStream } from '../../../../server/http/mesos/operator/stream.ts';
import type { OperatorNews } from '../../../../server/master/facts.ts';
import { emptyMaster } from '../../../../server/master/world.ts';
import { VirtualClock } from '../../../sim/virtual-clock.ts';

/** A response that keeps what is written to its socket, and as much of it unread as is said. */
class FakeResponse extends EventEmitter {
  readonly written: Buffer[] = [];
  writableLength = 0;
  writableEnded = false;
  destroyed = false;
  isRead = true;
  readonly socket = {
    setNoDelay: (): void => {},
    setTimeout: (): void => {},
    write: (bytes: Buffer): void => {
      this.written.push(bytes);
      if (!this.isRead) this.writableLength += bytes.length;
    },
  };
  end(): void {
    this.writableEnded = true;
    this.emit('close');
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
  removeHeader(): void {}
  writeHead(): this {
    return this;
  }
  flushHeaders(): void {}
}

let tell: (news: OperatorNews) => void;
let stream: OperatorStream;
let clock: VirtualClock;

beforeEach(() => {
  const watch = (listener: typeof tell): (() => void) => {
    tell = listener;
    return () => undefined;
  };
  const operators = { perform: () => Promise.resolve({ status: 200 }), watch };
  clock = new VirtualClock();
  stream = new OperatorStream(emptyMaster('m'), operators, clock);
});

function open(): FakeResponse {
  const response = new FakeResponse();
  stream.open(response as unknown as ServerResponse, 'application/json', []);
  return response;
}

const removed = (id: string): OperatorNews => ({ type: 'AGENT_REMOVED', agent_id: { value: id } });

/** The turn is over. */
const settled = (): Promise<void> => Promise.resolve();
/** Chunks of HTTP/1.1, each as its record's JSON. */
function recordsIn(bytes: Buffer | undefined): string[] {
  const text = bytes?.toString() ?? '';
  const records: string[] = [];
  for (let at = 0; at < text.length;) {
    const size = /^([0-9a-f]+)\r\n/.exec(text.slice(at))!;
    const begin = at + size[0].length;
    const end = begin + parseInt(size[1]!, 16);
    expect(text.slice(end, end + 2)).toBe('\r\n');
    const [length, record = ''] = text.slice(begin, end).split('\n');
    expect(Number(length)).toBe(record.length);
    records.push(record);
    at = end + 2;
  }
  return records;
}

describe('subscribers', () => {
  test('get what one turn brings in one write, one record a chunk', async () => {
    const response = open();
    const before = response.written.length;
    tell(removed('S1'));
    tell(removed('S2'));
    expect(response.written).toHaveLength(before);
    await settled();
    expect(response.written).toHaveLength(before + 1);
    expect(recordsIn(response.written.at(-1)).map((record) => JSON.parse(record) as unknown)).toEqual(
      ['S1', 'S2'].map((value) => ({ type: 'AGENT_REMOVED', agent_removed: { agent_id: { value } } })),
    );
  });

  test('get what follows soon in one write, ten milliseconds later or when it is much', async () => {
    const response = open();
    const before = response.written.length;
    const writes = (): string[][] => response.written.slice(before).map(recordsIn);
    tell(removed('S1'));
    await settled();
    tell(removed('S2'));
    await settled();
    tell(removed('S3'));
    await clock.advance(9, () => undefined);
    expect(writes()).toHaveLength(1);
    await clock.advance(1, () => undefined);
    expect(writes().map(({ length }) => length)).toEqual([1, 2]);
    for (let at = 0; at < 100; at++) tell(removed(`S${at}`));
    expect(writes().map(({ length }) => length)).toEqual([1, 2, 100]);
    await clock.advance(1000, () => undefined);
    tell(removed('S4'));
    await settled();
    expect(writes().map(({ length }) => length)).toEqual([1, 2, 100, 1]);
  });

  test('are not told what the state that they begin with has already', async () => {
    const early = open();
    tell(removed('S1'));
    const late = open();
    await settled();
    const types = ({ written }: FakeResponse): string[] =>
      written.flatMap(recordsIn).map((record) => (JSON.parse(record) as { type: string }).type);
    expect(types(early)).toEqual(['SUBSCRIBED', 'HEARTBEAT', 'AGENT_REMOVED']);
    expect(types(late)).toEqual(['SUBSCRIBED', 'HEARTBEAT']);
  });

  test('get the very same bytes', async () => {
    const [a, b] = [open(), open()];
    tell(removed('S1'));
    await settled();
    expect(a.written.at(-1)?.toString()).toContain(
      '{"type":"AGENT_REMOVED","agent_removed":{"agent_id":{"value":"S1"}}}',
    );
    expect(b.written.at(-1)).toBe(a.written.at(-1));
  });

  test('who does not read is cut off, alone', async () => {
    const [slow, quick] = [open(), open()];
    slow.isRead = false;
    const news = removed('x'.repeat(1024 * 1024));
    for (let at = 0; at < 8; at++) tell(news);
    await settled();
    expect([slow.destroyed, quick.destroyed, stream.size]).toEqual([true, false, 1]);
    const before = slow.written.length;
    tell(news);
    await clock.advance(10, () => undefined);
    expect(slow.written).toHaveLength(before);
    expect(quick.written.at(-1)?.length).toBeGreaterThan(1024 * 1024);
  });

  test('of more than a thousand the one that came first goes', () => {
    const all = Array.from({ length: 1001 }, open);
    expect(stream.size).toBe(1000);
    expect(all.map(({ writableEnded }) => writableEnded).indexOf(true)).toBe(0);
    expect(all.filter(({ writableEnded }) => writableEnded)).toHaveLength(1);
  });
});
