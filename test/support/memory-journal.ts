import type { Batch, CommandRecord, Committed, Journal, Snapshot } from '../../server/store/journal.ts';

/** A journal in memory that behaves like the real one: what is appended is a copy, and survives the worlds that wrote it. */
export class MemoryJournal implements Journal {
  epoch = 0;
  private readonly batches: string[] = [];
  private saved: string | null = null;
  /** Bytes of all batches, for benchmarks. */
  bytes = 0;

  /** A server opens it. */
  open(): this {
    this.epoch += 1;
    return this;
  }

  get seq(): number {
    return this.batches.length;
  }

  append(batch: Batch): Committed {
    const text = JSON.stringify(batch);
    this.batches.push(text);
    this.bytes += text.length;
    return { ...batch, seq: this.batches.length };
  }

  *readFrom(seq: number, limit = Infinity): Iterable<Committed> {
    for (let at = seq; at < this.batches.length && at < seq + limit; at++)
      yield { ...(JSON.parse(this.batches[at] ?? '') as Batch), seq: at + 1 };
  }

  snapshot(): Snapshot | null {
    return this.saved === null ? null : (JSON.parse(this.saved) as Snapshot);
  }

  saveSnapshot(snapshot: Snapshot): void {
    this.saved = JSON.stringify(snapshot);
  }

  commands(): CommandRecord[] {
    return [...this.readFrom(0)].flatMap((batch) => batch.commands).reverse();
  }

  close(): void {
    // Nothing to give back.
  }
}
