export const BACKOFF_MS_MIN = 1_000;
export const BACKOFF_MS_MAX = 60_000;

/** Waits between subscriptions: 1 s doubling to 1 min, each cut to between a half and the whole of it so that schedulers do not come back in step. */
export class Backoff {
  private waitMs = BACKOFF_MS_MIN;
  private readonly fraction: () => number;

  /** `fraction`: chance in [0, 1). */
  constructor(fraction: () => number) {
    this.fraction = fraction;
  }

  /** How long to wait now, after a subscription that held for `heldMs` (0: there was none). One that held longer than the last wait starts over. */
  next(heldMs: number): number {
    if (heldMs > this.waitMs) this.waitMs = BACKOFF_MS_MIN;
    const wait = this.waitMs * (0.5 + this.fraction() / 2);
    this.waitMs = Math.min(this.waitMs * 2, BACKOFF_MS_MAX);
    return Math.round(wait);
  }

  /** The next wait is the longest: trying sooner would do harm. */
  toMaximum(): void {
    this.waitMs = BACKOFF_MS_MAX;
  }
}
