import { createHash, randomUUID } from 'node:crypto';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

type Retrieve = (uri: string, file: string, signal: AbortSignal) => Promise<void>;

/** What is asked for, and by whom: what one user fetched is not given to another, who might not be let to fetch it. */
interface Wanted {
  readonly uri: string;
  readonly user: string | undefined;
}

interface Kept {
  readonly file: string;
  readonly bytes: number;
  /** Copies that are being made: it stays while there are any. */
  users: number;
}

/** Files by user and URI, as Mesos keeps them, the least recently used of them dropped when there are too many bytes. Who asks for one that is on its way waits for it. */
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
    wanted: Wanted,
    keep: boolean,
    signal: AbortSignal,
    take: (file: string) => Promise<void>,
  ): Promise<void> {
    if (!keep || this.bytesMax === 0) return this.once(wanted.uri, signal, take);
    const key = keyOf(wanted);
    const kept = this.kept.get(key) ?? (await this.bring(wanted, signal));
    kept.users += 1;
    try {
      await take(kept.file);
    } finally {
      kept.users -= 1;
      // Used last.
      if (this.kept.delete(key)) this.kept.set(key, kept);
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
  private async bring(wanted: Wanted, signal: AbortSignal): Promise<Kept> {
    const key = keyOf(wanted);
    const other = this.coming.get(key);
    if (other) {
      const found = await other.catch(() => undefined);
      signal.throwIfAborted();
      return found ?? this.bring(wanted, signal);
    }
    const coming = this.retrieved(wanted, signal);
    this.coming.set(key, coming);
    try {
      return await coming;
    } finally {
      this.coming.delete(key);
    }
  }

  private async retrieved(wanted: Wanted, signal: AbortSignal): Promise<Kept> {
    const partial = join(this.directory, randomUUID());
    try {
      await this.retrieve(wanted.uri, partial, signal);
      const file = join(this.directory, createHash('sha256').update(keyOf(wanted)).digest('hex'));
      await rename(partial, file);
      const kept = { file, bytes: (await stat(file)).size, users: 0 };
      this.kept.set(keyOf(wanted), kept);
      return kept;
    } finally {
      await rm(partial, { force: true });
    }
  }

  private async trim(): Promise<void> {
    let bytes = 0;
    for (const each of this.kept.values()) bytes += each.bytes;
    for (const [key, each] of this.kept) {
      if (bytes <= this.bytesMax) return;
      if (each.users > 0) continue;
      bytes -= each.bytes;
      this.kept.delete(key);
      await rm(each.file, { force: true });
    }
  }
}

function keyOf({ uri, user }: Wanted): string {
  return JSON.stringify([user ?? null, uri]);
}
