/** Entries below which throwing stale ones out is not worth it. */
const COMPACT_AT_MIN = 1024;

/**
 * A heap of due times with lazy deletion: entries are hints, the row's own `wakeAtMs` is the truth. One heap per core; the engine
 * keeps one real timer at the earliest of them.
 */
export class Timers<Key> {
  private heap: { atMs: number; key: Key }[] = [];
  private compactAt = COMPACT_AT_MIN;

  get size(): number {
    return this.heap.length;
  }

  push(atMs: number, key: Key): void {
    const heap = this.heap;
    let at = heap.push({ atMs, key }) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.atMs <= atMs) break;
      [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
      at = parent;
    }
  }

  /** Drops entries that `isLive` says are stale, then tells the earliest time left. */
  next(isLive: (key: Key, atMs: number) => boolean): number | undefined {
    if (this.heap.length >= this.compactAt) this.compact(isLive);
    for (;;) {
      const head = this.heap[0];
      if (!head) return undefined;
      if (isLive(head.key, head.atMs)) return head.atMs;
      this.pop();
    }
  }

  /** Takes every entry due by `nowMs`, in order of time; stale ones are left out. */
  takeDue(nowMs: number, isLive: (key: Key, atMs: number) => boolean): Key[] {
    const due: Key[] = [];
    for (let head = this.heap[0]; head && head.atMs <= nowMs; head = this.heap[0]) {
      this.pop();
      if (isLive(head.key, head.atMs)) due.push(head.key);
    }
    return due;
  }

  /** Stale entries far in the future would never come to the head: now and then they are all thrown out. */
  private compact(isLive: (key: Key, atMs: number) => boolean): void {
    const live = this.heap.filter(({ key, atMs }) => isLive(key, atMs));
    // A sorted array is a heap.
    this.heap = live.sort((a, b) => a.atMs - b.atMs);
    this.compactAt = Math.max(COMPACT_AT_MIN, 2 * live.length);
  }

  private pop(): void {
    const heap = this.heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    heap[0] = last;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) return;
      const child = left + 1 < heap.length && heap[left + 1]!.atMs < heap[left]!.atMs ? left + 1 : left;
      if (heap[child]!.atMs >= heap[at]!.atMs) return;
      [heap[at], heap[child]] = [heap[child]!, heap[at]!];
      at = child;
    }
  }
}
