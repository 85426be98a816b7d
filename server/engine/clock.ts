/** Time and waiting, as the engine needs them; the simulation brings its own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs once at or after `atMs`; the returned function takes it back. */
  at(atMs: number, run: () => void): () => void;
  /** Runs once, soon, after what is already waiting. */
  soon(run: () => void): void;
}

/** Node's longest timer; a later wake is reached in steps. */
const TIMER_MS_MAX = 2_147_483_647;

/**
 * Wall time at the start, monotonic from then on: a clock that somebody sets while we run neither fires nor stalls a timeout.
 */
export function systemClock(): Clock {
  const originMs = Date.now() - performance.now();
  const now = (): number => Math.round(originMs + performance.now());
  return {
    now,
    at(atMs, run) {
      const timer = setTimeout(run, Math.min(Math.max(0, atMs - now()), TIMER_MS_MAX));
      return () => clearTimeout(timer);
    },
    soon: (run) => void setImmediate(run),
  };
}
