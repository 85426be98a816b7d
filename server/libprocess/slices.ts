/** What one turn of the event loop spends on long work before short requests have theirs. */
const SLICE_MS = 2;
/** Work that is never done in time is done all the same. */
const ROUNDS_MAX = 10_000;
const NOT_YET = new Error('the turn is over');

/**
 * Long work beside short: steps wait in one queue, and each turn of the event loop does some milliseconds' worth of them, whoever they are for. An answer of tens of megabytes is
 * put together and sent so, and `/health` is not kept waiting behind it.
 */
class Slices {
  private readonly waiting: (() => void)[] = [];
  private isComing = false;
  /** When the turn is over; only while `run` lets work be left in the middle. */
  private leaveAt = Infinity;
  private hasWorked = false;

  /** Runs a step, which is to be short and does not throw, in one of the next turns. */
  soon(step: () => void): void {
    this.waiting.push(step);
    if (!this.isComing) setImmediate(() => this.turn());
    this.isComing = true;
  }

  /**
   * Makes something in as many turns as it takes. `make` is begun anew each time, and so is to remember what `mayLeave` let it finish: what it makes at last is made in one turn, of
   * one state of the world.
   */
  run<Made>(make: () => Made): Promise<Made> {
    return new Promise((resolve, reject) => {
      let rounds = 0;
      const step = (): void => {
        this.leaveAt = (rounds += 1) > ROUNDS_MAX ? Infinity : performance.now() + SLICE_MS;
        this.hasWorked = false;
        try {
          resolve(make());
        } catch (error) {
          if (error === NOT_YET) this.soon(step);
          else reject(error as Error);
        } finally {
          this.leaveAt = Infinity;
        }
      };
      this.soon(step);
    });
  }

  /** To be called before a piece of work whose result is remembered. @throws where `run` takes up the work again in another turn */
  mayLeave(): void {
    if (this.leaveAt === Infinity) return;
    // A piece is done each time, however late it is.
    if (this.hasWorked && performance.now() > this.leaveAt) throw NOT_YET;
    this.hasWorked = true;
  }

  private turn(): void {
    const endsAt = performance.now() + SLICE_MS;
    do this.waiting.shift()?.();
    while (this.waiting.length > 0 && performance.now() < endsAt);
    this.isComing = this.waiting.length > 0;
    if (this.isComing) setImmediate(() => this.turn());
  }
}

/** There is one event loop. */
export const slices = new Slices();
