import type { Clock } from '../../server/engine/clock.ts';

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Time that passes only when there is nothing left to do at this moment. Same calls, same order: nothing depends on the real clock. */
export class VirtualClock implements Clock {
  private nowMs = 1_700_000_000_000;
  private order = 0;
  private heap: Due[] = [];

  now(): number {
    return this.nowMs;
  }

  at(atMs: number, run: () => void): () => void {
    const due: Due = { atMs: Math.max(atMs, this.nowMs), order: this.order++, run, cancelled: false };
    this.push(due);
    return () => {
      due.cancelled = true;
    };
  }

  soon(run: () => void): void {
    this.at(this.nowMs, run);
  }

  /** Runs everything due within `ms`, promises in between included. */
  async advance(ms: number, afterEach: () => void): Promise<void> {
    const endMs = this.nowMs + ms;
    for (;;) {
      const next = this.heap[0];
      if (!next || next.atMs > endMs) break;
      this.pop();
      if (next.cancelled) continue;
      this.nowMs = next.atMs;
      next.run();
      await Promise.resolve();
      await Promise.resolve();
      afterEach();
    }
    this.nowMs = endMs;
  }

  private push(due: Due): void {
    const { heap } = this;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(heap[at]!, heap[parent]!)) break;
      [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
      at = parent;
    }
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      if (left >= heap.length) return;
      const child = left + 1 < heap.length && before(heap[left + 1]!, heap[left]!) ? left + 1 : left;
      if (!before(heap[child]!, heap[at]!)) return;
      [heap[at], heap[child]] = [heap[child]!, heap[at]!];
      at = child;
    }
  }
}

function before(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
