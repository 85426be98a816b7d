import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DawnError } from '../../shared/errors.ts';

/** How old the mark may get. A damaged write-ahead log can silently lose no more than this before it is named. */
const MARK_EVERY_MS = 1000;

/**
 * The highest sequence known to be committed, in a file beside the database. SQLite opens a database whose log lost its tail without a
 * word (a flipped bit drops every later commit); the mark is how we notice.
 */
export class HighWater {
  private readonly file: string;
  private notedAtMs = 0;

  constructor(directory: string) {
    this.file = join(directory, 'high-water');
  }

  check(seq: number, hash: Buffer, database: string): void {
    const mark = this.read();
    if (!mark || seq > mark.seq) return;
    if (seq === mark.seq && hash.toString('hex') === mark.hash) return;
    throw new DawnError({
      code: 'internal',
      message: `${database} went back in time: it ends at ${seq}, but ${mark.seq} was committed`,
      hint: `restore a newer copy; to accept the loss of ${mark.seq - seq} commits, remove ${this.file}`,
    });
  }

  note(seq: number, hash: Buffer, nowMs: number): void {
    if (nowMs - this.notedAtMs < MARK_EVERY_MS) return;
    this.notedAtMs = nowMs;
    this.write(seq, hash);
  }

  write(seq: number, hash: Buffer): void {
    if (seq === 0) return;
    const fresh = `${this.file}.new`;
    const fd = openSync(fresh, 'w');
    writeSync(fd, `${seq} ${hash.toString('hex')}\n`);
    fsyncSync(fd);
    closeSync(fd);
    renameSync(fresh, this.file);
  }

  private read(): { seq: number; hash: string } | undefined {
    try {
      const [seq, hash] = readFileSync(this.file, 'utf8').trim().split(' ');
      return seq !== undefined && hash !== undefined && /^\d+$/.test(seq)
        ? { seq: Number(seq), hash }
        : undefined;
    } catch {
      return undefined;
    }
  }
}
