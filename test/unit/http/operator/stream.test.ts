import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { OperatorStream } from '../../../../server/http/mesos/operator/stream.ts';
import type { OperatorNews } from '../../../../server/master/facts.ts';
import { emptyMaster } from '../../../../server/master/world.ts';
import { VirtualClock } from '../../../sim/virtual-clock.ts';

/** A response that keeps what is written, and as much of it unread as is said. */
class FakeResponse extends EventEmitter {
  readonly written: Buffer[] = [];
  writableLength = 0;
  writableEnded = false;
  destroyed = false;
  isRead = true;
  write(bytes: Buffer): boolean {
    this.written.push(bytes);
    if (!this.isRead) this.writableLength += bytes.length;
    return this.isRead;
  }
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

beforeEach(() => {
  const watch = (listener: typeof tell): (() => void) => {
    tell = listener;
    return () => undefined;
  };
  const operators = { perform: () => Promise.resolve({ status: 200 }), watch };
  stream = new OperatorStream(emptyMaster('m'), operators, new VirtualClock());
});

function open(): FakeResponse {
  const response = new FakeResponse();
  stream.open(response as unknown as ServerResponse, 'application/json', []);
  return response;
}

const removed = (id: string): OperatorNews => ({ type: 'AGENT_REMOVED', agent_id: { value: id } });

describe('subscribers', () => {
  test('get the very same bytes', () => {
    const [a, b] = [open(), open()];
    tell(removed('S1'));
    expect(a.written.at(-1)?.toString()).toContain(
      '{"type":"AGENT_REMOVED","agent_removed":{"agent_id":{"value":"S1"}}}',
    );
    expect(b.written.at(-1)).toBe(a.written.at(-1));
  });

  test('who does not read is cut off, alone', () => {
    const [slow, quick] = [open(), open()];
    slow.isRead = false;
    const news = removed('x'.repeat(1024 * 1024));
    for (let at = 0; at < 8; at++) tell(news);
    expect([slow.destroyed, quick.destroyed, stream.size]).toEqual([true, false, 1]);
    const before = slow.written.length;
    tell(news);
    expect(slow.written).toHaveLength(before);
  });

  test('of more than a thousand the one that came first goes', () => {
    const all = Array.from({ length: 1001 }, open);
    expect(stream.size).toBe(1000);
    expect(all.map(({ writableEnded }) => writableEnded).indexOf(true)).toBe(0);
    expect(all.filter(({ writableEnded }) => writableEnded)).toHaveLength(1);
  });
});
