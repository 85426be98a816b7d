/** A Mesos master as a framework sees it over HTTP: answers and streams what a test says, and keeps what it was asked. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeRecord } from '../../shared/mesos/recordio.ts';
import type { Call } from '../../shared/mesos/scheduler.ts';
import { decodeMessage, encodeMessage, type MediaType } from '../../shared/mesos/wire/codec.ts';

export interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly call: Call;
}

interface Reply {
  readonly status: number;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class PretendMesos {
  readonly asked: Asked[] = [];
  /** How calls other than SUBSCRIBE are answered; undefined: never. */
  answer: (call: Call) => Reply | undefined = () => ({ status: 202 });
  /** Instead of a stream, if it says something. */
  refuse: () => Reply | undefined = () => undefined;
  /** Operator API and anything else. */
  other: (path: string, body: string) => Reply | undefined = () => ({ status: 404 });
  private streams: ServerResponse[] = [];
  port = 0;
  private count = 0;
  /** What the framework speaks. */
  private type: MediaType = 'application/json';
  private readonly server = createServer((request, response) => void this.serve(request, response));
  private waiting: (() => void)[] = [];

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.port}`);
  }

  /** Calls of a type, oldest first. */
  calls<Type extends Call['type']>(type: Type): Extract<Call, { type: Type }>[] {
    return this.asked.map(({ call }) => call).filter((call) => call.type === type) as Extract<
      Call,
      { type: Type }
    >[];
  }

  /** Until so many calls of a type have come. */
  async until(type: Call['type'], count = 1): Promise<void> {
    while (this.asked.filter(({ call }) => call.type === type).length < count)
      await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Events to whoever subscribed last, one record a chunk. */
  send(...events: readonly object[]): void {
    for (const event of events) this.write(this.recordOf(event));
  }

  /** An event as it stands on the stream; JSON also when it is no event. */
  recordOf(event: object): Buffer {
    if (this.type === 'application/json') return encodeRecord(JSON.stringify(event));
    const record = encodeMessage('mesos.v1.scheduler.Event', this.type, event);
    return Buffer.concat([Buffer.from(`${record.length}\n`), record]);
  }

  /** Bytes as they are. */
  write(bytes: Uint8Array): void {
    this.streams.at(-1)?.write(bytes);
  }

  get streamId(): string {
    return `stream-${this.count}`;
  }

  /** The final chunk. */
  endStream(): void {
    this.streams.pop()?.end();
  }

  /** As a killed master does it. */
  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const body = bytes.toString('utf8');
    const path = request.url ?? '';
    if (!path.endsWith('/api/v1/scheduler')) {
      const other = this.other(path, body);
      return other && reply(response, other);
    }
    this.type = request.headers['content-type'] as MediaType;
    const decoded = decodeMessage('mesos.v1.scheduler.Call', this.type, bytes);
    if (!decoded.ok) return reply(response, { status: 400, text: decoded.problem });
    const call = decoded.message as unknown as Call;
    this.asked.push({ path, headers: request.headers, call });
    for (const wake of this.waiting.splice(0)) wake();
    if (call.type !== 'SUBSCRIBE') {
      const answer = this.answer(call);
      return answer && reply(response, answer);
    }
    const refused = this.refuse();
    if (refused) return reply(response, refused);
    this.count += 1;
    response.writeHead(200, { 'content-type': this.type, 'mesos-stream-id': this.streamId });
    response.flushHeaders();
    this.streams.push(response);
    response.on('close', () => (this.streams = this.streams.filter((each) => each !== response)));
  }
}

function reply(response: ServerResponse, { status, text = '', headers = {} }: Reply): void {
  response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(text);
}

/** SUBSCRIBED and the HEARTBEAT behind it. */
export function subscribed(framework: string, heartbeatSeconds = 15): object[] {
  return [
    {
      type: 'SUBSCRIBED',
      subscribed: { framework_id: { value: framework }, heartbeat_interval_seconds: heartbeatSeconds },
    },
    { type: 'HEARTBEAT' },
  ];
}
