interface Clock {
  now(): number;
}

/** How much is logged, as GET_LOGGING_LEVEL tells it: back to 0 when the time that it was set for is over. Our log has one level; the number is kept for who asks. */
export class LoggingLevel {
  private readonly clock: Clock;
  private current = 0;
  private untilMs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get level(): number {
    return this.clock.now() < this.untilMs ? this.current : 0;
  }

  /** Null: set. Otherwise why not, in glog's bounds as Mesos tells them. */
  set(level: number, durationMs: number): string | null {
    if (!Number.isInteger(level) || level < 0) return `Invalid level '${level}'.`;
    this.current = level;
    this.untilMs = this.clock.now() + Math.max(0, durationMs);
    return null;
  }
}
