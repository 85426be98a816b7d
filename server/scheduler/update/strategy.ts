import type { UpdateStrategy } from '../../../shared/job/config.ts';

/** Instances that may be taken up now, given how many are being worked on. Queue: a rolling window; batch: all at once when the last ones are done. */
export function room(strategy: UpdateStrategy, working: number): number {
  if (strategy.kind === 'queue') return Math.max(0, strategy.groupSize - working);
  return working === 0 ? strategy.groupSize : 0;
}

/**
 * Whether to pause before the next batch: as many pauses as batches begun, none before the first. `begun`: instances taken up so far; `pauses`: automatic
 * pauses so far.
 */
export function pausesBefore(strategy: UpdateStrategy, begun: number, pauses: number): boolean {
  return (
    strategy.kind === 'batch' &&
    strategy.autopauseAfterBatch &&
    begun > 0 &&
    pauses < Math.ceil(begun / strategy.groupSize)
  );
}
