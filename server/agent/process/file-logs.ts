import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { LogLine } from '../../../shared/api/views.ts';
import type { LogQuery } from '../containerizer.ts';

/** How much of the end of a file is searched for the last lines. */
const TAIL_BYTES_MAX = 1024 * 1024;
const POLL_MS = 250;
const LINE_BYTES_MAX = 64 * 1024;

type Line = Omit<LogLine, 'task' | 'instance'>;
type Stream = 'stdout' | 'stderr';

/** Lines of a task's stdout and stderr files. A process's output has no times of its own. */
export async function* fileLogs(
  directory: string,
  query: LogQuery,
  signal: AbortSignal,
  isOver: () => boolean,
): AsyncGenerator<Line> {
  const streams: readonly Stream[] = query.stream === 'both' ? ['stdout', 'stderr'] : [query.stream];
  const tails = streams.map((stream) => new Tail(join(directory, stream), stream));
  for (const tail of tails) yield* await tail.last(query.tail);
  if (!query.follow) return;
  for (;;) {
    // Asked before reading: what a task wrote just before its end is still read.
    const over = isOver();
    for (const tail of tails) yield* await tail.more();
    if (over || signal.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

class Tail {
  private readonly file: string;
  private readonly stream: Stream;
  private offset = 0;
  private partial = '';
  /** A character may be spread over two reads. */
  private decoder = new StringDecoder('utf8');

  constructor(file: string, stream: Stream) {
    this.file = file;
    this.stream = stream;
  }

  /** The last lines there are. */
  async last(count: number): Promise<Line[]> {
    const size = await sizeOf(this.file);
    this.offset = Math.max(0, size - TAIL_BYTES_MAX);
    const begun = this.offset > 0;
    const lines = await this.more();
    // The search began somewhere inside of a line.
    if (begun) lines.shift();
    if (this.partial !== '' && count > 0) {
      lines.push(this.line(this.partial));
      this.partial = '';
    }
    return count === 0 ? [] : lines.slice(-count);
  }

  /** Whole lines written since; a file that became shorter was rotated and is read from its start. */
  async more(): Promise<Line[]> {
    const size = await sizeOf(this.file);
    if (size < this.offset) {
      this.offset = 0;
      this.partial = '';
      this.decoder = new StringDecoder('utf8');
    }
    if (size === this.offset) return [];
    const handle = await open(this.file, 'r');
    try {
      const buffer = Buffer.alloc(Math.min(size - this.offset, TAIL_BYTES_MAX));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.offset);
      this.offset += bytesRead;
      const pieces = (this.partial + this.decoder.write(buffer.subarray(0, bytesRead))).split('\n');
      this.partial = pieces.pop() ?? '';
      if (this.partial.length > LINE_BYTES_MAX) {
        pieces.push(`${this.partial}…(cut)`);
        this.partial = '';
      }
      return pieces.map((text) => this.line(text));
    } finally {
      await handle.close();
    }
  }

  private line(text: string): Line {
    return { stream: this.stream, at: null, text };
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}
