import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A response as it came over the wire. */
export interface RawResponse {
  readonly status: number;
  readonly reason: string;
  /** Names as written, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Chunks of a chunked body, one by one; else the body as one. */
  readonly chunks: readonly Buffer[];
  /** The whole body came: its length, or the final chunk. */
  readonly complete: boolean;
}

/** One connection, on which bytes are sent as they are and what comes is read as HTTP. */
export class RawConnection {
  readonly socket: Socket;
  private received: Buffer = Buffer.alloc(0);
  ended = false;
  private wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (data) => {
      this.received = Buffer.concat([this.received, data]);
      this.wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.ended = true;
      this.wake();
    });
    socket.on('end', () => {
      this.ended = true;
      this.wake();
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  send(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  /** What has come so far of the first response; undefined before its head is whole. Interim responses are passed over. */
  response(): RawResponse | undefined {
    return parseResponse(this.received, this.ended);
  }

  get bytes(): Buffer {
    return this.received;
  }

  /** Waits until it is so; at most that long, then says what came instead. */
  async until<Value>(
    look: (response: RawResponse | undefined) => Value | undefined,
    ms = 5000,
  ): Promise<Value> {
    const deadline = Date.now() + ms;
    for (;;) {
      const found = look(this.response());
      if (found !== undefined && found !== false) return found;
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(
          `timed out; so far: ${JSON.stringify(this.received.toString('latin1').slice(-2000))}`,
        );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  whole(ms?: number): Promise<RawResponse> {
    return this.until((response) => (response?.complete ? response : undefined), ms);
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Reads bytes of a recording, or of a connection. */
export function parseResponse(bytes: Buffer, ended: boolean): RawResponse | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const match = /^HTTP\/1\.\d (\d{3}) ?(.*)$/.exec(statusLine);
  if (!match) throw new Error(`no status line: ${statusLine}`);
  const rest = bytes.subarray(headEnd + 4);
  if (match[1] === '100') return parseResponse(rest, ended);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const header = (name: string): string | undefined =>
    headers.find(([each]) => each.toLowerCase() === name)?.[1];
  const common = { status: Number(match[1]), reason: match[2] ?? '', headers };
  if (header('transfer-encoding') === 'chunked') return { ...common, ...readChunks(rest) };
  const length = Number(header('content-length') ?? (ended ? rest.length : Infinity));
  return {
    ...common,
    chunks: rest.length > 0 ? [rest.subarray(0, Math.min(length, rest.length))] : [],
    complete: rest.length >= length || ended,
  };
}

function readChunks(bytes: Buffer): { chunks: Buffer[]; complete: boolean } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return { chunks, complete: false };
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    if (!Number.isFinite(size)) return { chunks, complete: false };
    if (size === 0) return { chunks, complete: true };
    if (bytes.length < end + 2 + size + 2) return { chunks, complete: false };
    chunks.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}
