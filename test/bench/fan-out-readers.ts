/** The other side of `fan-out.ts`: reads on every connection until each has seen the last event; one more connection is never read. A process of its own, whose time is its own. */
import { connect } from 'node:net';

export interface Reading {
  readonly port: number;
  readonly subscribers: number;
  /** What only the last event has in it. */
  readonly last: string;
  readonly withSlow: boolean;
}

const ASK = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
/** In the events as JSON: when each was told, in seconds. */
const TOLD_AT = /"timestamp":([0-9.]+)/g;

function read({ port, subscribers, last, withSlow }: Reading): void {
  /** Milliseconds from a change to the first of the readers. */
  const lags: number[] = [];
  let left = subscribers;
  const open = (at: number): void => {
    let tail = Buffer.alloc(0);
    let seen = false;
    const socket = connect(port, '127.0.0.1', () => socket.write(ASK));
    socket
      .on('error', () => undefined)
      .on('data', (chunk: Buffer) => {
        const now = performance.timeOrigin + performance.now();
        if (at === 0)
          for (const [, told] of chunk.toString('latin1').matchAll(TOLD_AT))
            lags.push(now - Number(told) * 1000);
        const text = Buffer.concat([tail, chunk]);
        tail = text.subarray(-64);
        if (seen || !text.includes(last)) return;
        seen = true;
        if ((left -= 1) === 0) process.send?.(lags.sort((a, b) => a - b));
      });
  };
  for (let at = 0; at < subscribers; at++) open(at);
  if (!withSlow) return;
  const slow = connect(port, '127.0.0.1', () => slow.write(ASK));
  slow.on('error', () => undefined).pause();
}

process.once('message', (reading) => read(reading as Reading));
