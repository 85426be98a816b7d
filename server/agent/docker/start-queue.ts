/** Runs at most so many at a time, in the order in which they came. */
export class StartQueue {
  private readonly waiting: (() => Promise<void>)[] = [];
  private readonly most: number;
  private running = 0;

  constructor(most: number) {
    this.most = most;
  }

  add(start: () => Promise<void>): void {
    this.waiting.push(start);
    this.pump();
  }

  private pump(): void {
    while (this.running < this.most) {
      const next = this.waiting.shift();
      if (!next) return;
      this.running += 1;
      void next().finally(() => {
        this.running -= 1;
        this.pump();
      });
    }
  }
}
