/**
 * The other side of `state.ts`: pollers in a process of their own, which yields to the server as machines elsewhere would; and one who asks for `/health` meanwhile, in a process
 * that does not yield.
 */
import { Agent, request } from 'node:http';
import { setPriority } from 'node:os';

export interface Polling {
  readonly port: number;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly pollers: number;
  /** Between an answer and the next question. */
  readonly pauseMs: number;
  readonly seconds: number;
  /** Lets everybody else have the processor first. */
  readonly yields: boolean;
}

/** Milliseconds of each answer, sorted; and how many bytes one was. */
export interface Polled {
  readonly latencies: readonly number[];
  readonly bytes: number;
}

function poll({ pollers, pauseMs, seconds, body, yields, ...options }: Polling): Promise<Polled> {
  if (yields) setPriority(5);
  const agent = new Agent({ keepAlive: true });
  const latencies: number[] = [];
  const endAt = performance.now() + seconds * 1000;
  let bytes = 0;
  let left = pollers;
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const startAt = performance.now();
      request({ ...options, host: '127.0.0.1', agent }, (response) => {
        let read = 0;
        response
          .on('data', (chunk: Buffer) => (read += chunk.length))
          .on('end', () => {
            if (response.statusCode !== 200) return reject(new Error(`status ${response.statusCode}`));
            bytes = read;
            latencies.push(performance.now() - startAt);
            if (performance.now() < endAt) return void setTimeout(next, pauseMs);
            if ((left -= 1) === 0) resolve({ latencies: latencies.sort((a, b) => a - b), bytes });
          });
      })
        .on('error', reject)
        .end(body);
    };
    for (let poller = 0; poller < pollers; poller++) next();
  });
}

process.once('message', (polling) => {
  void poll(polling as Polling).then((polled) => process.send?.(polled));
});
