import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import { RecordEncoder } from '../../libprocess/record-encoder.ts';
import { begin } from '../../libprocess/respond.ts';
import type { Chunk } from '../containerizer.ts';
import type { ProcessIo, StreamType } from './process-io.ts';

/** So that what lies between does not take a quiet stream for a dead one, as Mesos's. */
const HEARTBEAT_MS = 30_000;
const HEARTBEAT: ProcessIo = {
  type: 'CONTROL',
  control: { type: 'HEARTBEAT', heartbeat: { interval: { nanoseconds: HEARTBEAT_MS * 1e6 } } },
};

/** Answers with what a container writes, as RecordIO of ProcessIO, no faster than it is read; resolves when that has ended or nobody listens any more. */
export async function sendOutput(
  response: ServerResponse,
  chunks: AsyncIterable<Chunk>,
  { type, headers }: StreamType,
): Promise<void> {
  const encoder = new RecordEncoder<ProcessIo>('mesos.v1.agent.ProcessIO');
  begin(response);
  response.writeHead(200, headers);
  response.flushHeaders();
  const beat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(encoder.encode(HEARTBEAT, type));
  }, HEARTBEAT_MS);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    for await (const { stream, data } of chunks) {
      if (response.destroyed) return;
      const record = { type: 'DATA', data: { type: stream, data: data.toString('base64') } } as const;
      if (!response.write(encoder.encode(record, type)))
        await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
    }
    response.end();
  } catch (error) {
    // Nobody listens any more: what was read was destroyed.
    if (!response.destroyed) throw error;
  } finally {
    clearInterval(beat);
  }
}
