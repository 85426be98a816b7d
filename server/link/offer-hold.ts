import type { Call, Event } from '../../shared/mesos/scheduler.ts';
import type { Id } from '../../shared/mesos/v1.ts';

/**
 * How long an offer of a master elsewhere is held for tasks to come, and by how much more at most, so that not everything goes back at once. Aurora holds offers for five
 * minutes (min_offer_hold_time, offer_hold_jitter_window); whoever shares the cluster should not wait that long.
 */
export const HOLD_MS = 30_000;
export const HOLD_JITTER_MS = 30_000;
/** Mesos's default: for so long what went back is offered to others first. */
const REFUSE_SECONDS = 5;

interface Waiting {
  now(): number;
  at(atMs: number, run: () => void): () => void;
}

interface Options {
  readonly clock: Waiting;
  /** Chance in [0, 1). */
  readonly fraction: () => number;
  /** Offers go back, and the scheduler has them no more. */
  readonly giveBack: (decline: Call, rescinds: readonly Event[]) => void;
}

/** Our scheduler holds what it is offered, so that tasks start at once. A master that is not ours cannot take it back when others want it, so it goes back by itself. */
export class OfferHold {
  private readonly options: Options;
  /** By offer, when it goes back. */
  private readonly dueAtMs = new Map<string, number>();
  private cancelTimer: (() => void) | undefined;

  constructor(options: Options) {
    this.options = options;
  }

  heard(event: Event): void {
    const { clock, fraction } = this.options;
    if (event.type === 'RESCIND') this.dueAtMs.delete(event.rescind.offer_id.value);
    if (event.type !== 'OFFERS') return;
    for (const { id } of event.offers.offers)
      this.dueAtMs.set(id.value, clock.now() + HOLD_MS + fraction() * HOLD_JITTER_MS);
    this.wait();
  }

  /** What was used or sent back is not held any more. */
  said(call: Call): void {
    const used: readonly Id[] =
      call.type === 'ACCEPT'
        ? (call.accept.offer_ids ?? [])
        : call.type === 'DECLINE'
          ? (call.decline.offer_ids ?? [])
          : [];
    for (const { value } of used) this.dueAtMs.delete(value);
  }

  /** The subscription is over, and its offers with it. */
  end(): void {
    this.dueAtMs.clear();
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private wait(): void {
    if (this.cancelTimer || this.dueAtMs.size === 0) return;
    let nextMs = Infinity;
    for (const atMs of this.dueAtMs.values()) nextMs = Math.min(nextMs, atMs);
    this.cancelTimer = this.options.clock.at(nextMs, () => {
      this.cancelTimer = undefined;
      this.giveBackOverdue();
      this.wait();
    });
  }

  private giveBackOverdue(): void {
    const nowMs = this.options.clock.now();
    const overdue = [...this.dueAtMs].filter(([, atMs]) => atMs <= nowMs).map(([value]) => ({ value }));
    if (overdue.length === 0) return;
    for (const { value } of overdue) this.dueAtMs.delete(value);
    this.options.giveBack(
      { type: 'DECLINE', decline: { offer_ids: overdue, filters: { refuse_seconds: REFUSE_SECONDS } } },
      overdue.map((offer_id) => ({ type: 'RESCIND', rescind: { offer_id } })),
    );
  }
}
