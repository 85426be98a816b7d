import { createHash, randomUUID } from 'node:crypto';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

type Retrieve = (uri: string, file: string, signal: AbortSignal) => Promise<void>;

interface Kept {
  readonly file: string;
  readonly bytes: number;
  /** Copies that are being made: it stays while there are any. */
  users: number;
}

/** Files by URI, the least recently used of them dropped when there are too many bytes. Who asks for one that is on its way waits for it. */
export class FetchCache {
  private readonly directory: string;
  private readonly bytesMax: number;
  private readonly retrieve: Retrieve;
  /** Least recently used first. */
  private readonly kept = new Map<string, Kept>();
  private readonly coming = new Map<string, Promise<Kept>>();

  constructor(directory: string, bytesMax: number, retrieve: Retrieve) {
    this.directory = directory;
    this.bytesMax = bytesMax;
    this.retrieve = retrieve;
  }

  /** Has the file in hand while `take` runs. @throws what retrieving throws */
  async use(
    uri: string,
    keep: boolean,
    signal: AbortSignal,
    take: (file: string) => Promise<void>,
  ): Promise<void> {
    if (!keep || this.bytesMax === 0) return this.once(uri, signal, take);
    const kept = this.kept.get(uri) ?? (await this.bring(uri, signal));
    kept.users += 1;
    try {
      await take(kept.file);
    } finally {
      kept.users -= 1;
      // Used last.
      if (this.kept.delete(uri)) this.kept.set(uri, kept);
      await this.trim();
    }
  }

  private async once(uri: string, signal: AbortSignal, take: (file: string) => Promise<void>): Promise<void> {
    const file = join(this.directory, randomUUID());
    try {
      await this.retrieve(uri, file, signal);
      await take(file);
    } finally {
      await rm(file, { force: true });
    }
  }

  /** Whoever asked first goes away: the others bring it themselves. */
  private async bring(uri: string, signal: AbortSignal): Promise<Kept> {
    const other = this.coming.get(uri);
    if (other) {
      const found = await other.catch(() => undefined);
      signal.throwIfAborted();
      return found ?? this.bring(uri, signal);
    }
    const coming = this.retrieved(uri, signal);
    this.coming.set(uri, coming);
    try {
      return await coming;
    } finally {
      this.coming.delete(uri);
    }
  }

  private async retrieved(uri: string, signal: AbortSignal): Promise<Kept> {
    const partial = join(this.directory, randomUUID());
    try {
      await this.retrieve(uri, partial, signal);
      const file = join(this.directory, createHash('sha256').update(uri).digest('hex'));
      await rename(partial, file);
      const kept = { file, bytes: (await stat(file)).size, users: 0 };
      this.kept.set(uri, kept);
      return kept;
    } finally {
      await rm(partial, { force: true });
    }
  }

  private async trim(): Promise<void> {
    let bytes = 0;
    for (const each of this.kept.values()) bytes += each.bytes;
    for (const [uri, each] of this.kept) {
      if (bytes <= this.bytesMax) return;
      if (each.users > 0) continue;
      bytes -= each.bytes;
      this.kept.delete(uri);
      await rm(each.file, { force: true });
    }
  }
}
