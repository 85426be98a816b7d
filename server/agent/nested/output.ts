import { Readable } from 'node:stream';
import type { Chunk } from '../containerizer.ts';

/** Kept for those who listen later. */
const KEPT_BYTES_MAX = 64 * 1024;
const KEPT_CHUNKS_MAX = 256;
/** A reader may be behind by so many chunks; then what writes has to wait, as at any pipe. */
const BEHIND_MAX = 16;

/** What a container writes, for any number of readers: first the newest of what was written before, then all of it. */
export class Output {
  private readonly source: Readable;
  private readonly readers = new Set<Readable>();
  private readonly full = new Set<Readable>();
  private kept: Chunk[] = [];
  private keptBytes = 0;
  private over = false;

  constructor(source: Readable) {
    this.source = source;
    source
      .on('data', (chunk: Chunk) => this.tell(chunk))
      .on('error', () => undefined)
      .once('close', () => {
        this.over = true;
        for (const reader of this.readers) reader.push(null);
      });
  }

  /** Of `Chunk`s; ends with the output. To be destroyed by whoever has had enough. */
  read(): Readable {
    const settle = (reader: Readable, behind: boolean): void => {
      if (behind) this.full.add(reader);
      else this.full.delete(reader);
      if (this.full.size > 0) this.source.pause();
      else this.source.resume();
    };
    const reader: Readable = new Readable({
      objectMode: true,
      highWaterMark: BEHIND_MAX,
      read: () => settle(reader, false),
      destroy: (error, done) => {
        this.readers.delete(reader);
        settle(reader, false);
        done(error);
      },
    });
    reader.on('behind', () => settle(reader, true)).on('error', () => undefined);
    for (const chunk of this.kept) reader.push(chunk);
    if (this.over) reader.push(null);
    else this.readers.add(reader);
    return reader;
  }

  private tell(chunk: Chunk): void {
    this.kept.push(chunk);
    this.keptBytes += chunk.data.length;
    while (this.kept.length > KEPT_CHUNKS_MAX || (this.keptBytes > KEPT_BYTES_MAX && this.kept.length > 1))
      this.keptBytes -= this.kept.shift()!.data.length;
    for (const reader of this.readers) if (!reader.push(chunk)) reader.emit('behind');
  }
}
