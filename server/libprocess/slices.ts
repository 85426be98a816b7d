/** What one turn of the event loop spends on long work before short requests have theirs. */
const SLICE_MS = 2;
/**
 * Pieces that are done in a turn however late it is; one more every so many turns. On a machine that is too busy the turn is over before it began, and while the world changes there is
 * always another piece: what is made must come to an end all the same.
 */
const PIECES_MIN = 4;
const ROUNDS_A_PIECE = 8;
const NOT_YET = new Error('the turn is over');

/**
 * Long work beside short: steps wait in one queue, and each turn of the event loop does some milliseconds' worth of them, whoever they are for. An answer of tens of megabytes is
 * put together and sent so, and `/health` is not kept waiting behind it.
 */
class Slices {
  private readonly waiting: (() => void)[] = [];
  private isComing = false;
  /** Of what `run` makes in this turn; undefined outside. */
  private round: { readonly begunAt: number; leaveAt: number; piecesLeft: number } | undefined;

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
        const piecesLeft = PIECES_MIN + Math.floor(rounds++ / ROUNDS_A_PIECE);
        this.round = { begunAt: performance.now(), leaveAt: 0, piecesLeft };
        try {
          resolve(make());
        } catch (error) {
          if (error === NOT_YET) this.soon(step);
          else reject(error as Error);
        } finally {
          this.round = undefined;
        }
      };
      this.soon(step);
    });
  }

  /** To be called before a piece of work whose result is remembered. @throws where `run` takes up the work again in another turn */
  mayLeave(): void {
    const { round } = this;
    if (!round) return;
    const now = performance.now();
    // As long as it took to get here, at least: else a long way to the first piece would be most of the work.
    if (round.leaveAt === 0) round.leaveAt = now + Math.max(SLICE_MS, now - round.begunAt);
    if (round.piecesLeft <= 0 && now > round.leaveAt) throw NOT_YET;
    round.piecesLeft -= 1;
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
