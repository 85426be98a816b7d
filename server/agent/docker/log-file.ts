import { constants } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** How far a file has come: everything that the engine wrote before `at` is in its first `size` bytes. */
export interface Position {
  readonly at: string;
  readonly size: number;
}

/** One piece of output, with the engine's time. */
export interface Piece {
  /** As the engine writes it, of one width: texts are compared like the times. */
  readonly at: string;
  readonly data: Buffer;
}

/** A file that grows; when it is full, it becomes `NAME.1` in place of the one before, and a new one begins. Two of them are kept. */
export class LogFile {
  readonly name: string;
  private readonly path: string;
  private readonly bytesMax: number;
  private handle: FileHandle;
  private size: number;
  private position: Position;

  private constructor(path: string, name: string, bytesMax: number, handle: FileHandle, position: Position) {
    this.path = path;
    this.name = name;
    this.bytesMax = bytesMax;
    this.handle = handle;
    this.size = position.size;
    this.position = position;
  }

  /** Goes on where an earlier life of the agent was: what it wrote beyond that is written again. @throws Error (rejects) where there is no plain file to be had */
  static async open(directory: string, name: string, from: Position, bytesMax: number): Promise<LogFile> {
    const path = join(directory, name);
    const handle = await openPlain(path);
    const { size } = await handle.stat();
    // Shorter than it was: a new one was begun after that was noted.
    const kept = size < from.size ? 0 : from.size;
    await handle.truncate(kept);
    return new LogFile(path, name, bytesMax, handle, { at: from.at, size: kept });
  }

  get reached(): Position {
    return this.position;
  }

  /** @returns whether a new file was begun */
  async append(pieces: readonly Piece[]): Promise<boolean> {
    const wanted = pieces.filter(({ at }) => at >= this.position.at);
    if (wanted.length === 0) return false;
    const isFull = this.size >= this.bytesMax;
    if (isFull) await this.begin();
    let size = this.size;
    let position = this.position;
    for (const { at, data } of wanted) {
      if (at !== position.at) position = { at, size };
      size += data.length;
    }
    await this.handle.appendFile(Buffer.concat(wanted.map(({ data }) => data)));
    this.size = size;
    this.position = position;
    return isFull;
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  private async begin(): Promise<void> {
    await this.handle.close();
    await rename(this.path, `${this.path}.1`);
    this.handle = await openPlain(this.path);
    this.size = 0;
    this.position = { at: this.position.at, size: 0 };
  }
}

/** The directory is a task's, which may put anything there: links are not followed, pipes not waited for. */
async function openPlain(path: string): Promise<FileHandle> {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0o644);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new Error(`${path} is no plain file`);
}
