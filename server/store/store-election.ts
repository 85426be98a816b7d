import { readLeader, writeLeader } from './leader-file.ts';
import type { Address, Election, Leadership } from './leadership.ts';
import { StoreTaken } from './open.ts';
import { openSqliteJournal } from './sqlite-journal.ts';

/** How often the lock is tried. The kernel gives it free the moment its holder ends, however that ended; to try costs 0.2 ms. */
const TRY_MS = 100;
const TRY_JITTER_MS = 50;

export type StoreJournal = ReturnType<typeof openSqliteJournal>;

export interface StoreElectionOptions {
  readonly directory: string;
  readonly clock: { now(): number; at(atMs: number, run: () => void): () => void };
  /** Chance in [0, 1): those that wait do not try in step. */
  readonly fraction: () => number;
}

/**
 * Whoever has the store leads: its lock elects and fences in one. A leader that hangs keeps it, and so leads; one that is dead has lost it, and cannot write any more.
 */
export class StoreElection implements Election<StoreJournal> {
  private readonly options: StoreElectionOptions;
  private known: Leadership = { kind: 'none' };
  private sinceMs = 0;
  private cancel: (() => void) | undefined;

  constructor(options: StoreElectionOptions) {
    this.options = options;
  }

  get leadership(): Leadership {
    return this.known;
  }

  take(): StoreJournal {
    return this.open();
  }

  tryNow(): StoreJournal | undefined {
    try {
      return this.open({ waitMs: 0 });
    } catch (error) {
      if (!(error instanceof StoreTaken)) throw error;
      this.known = this.follow();
      return undefined;
    }
  }

  wait(won: (journal: StoreJournal) => void, failed: (error: unknown) => void): void {
    const { clock, fraction } = this.options;
    this.cancel = clock.at(clock.now() + TRY_MS + fraction() * TRY_JITTER_MS, () => {
      let journal: StoreJournal | undefined;
      try {
        journal = this.tryNow();
      } catch (error) {
        return failed(error);
      }
      if (journal) won(journal);
      else this.wait(won, failed);
    });
  }

  publish(address: Address): void {
    const { pid } = process;
    writeLeader(this.options.directory, { ...address, pid, sinceMs: this.sinceMs });
  }

  close(): void {
    this.cancel?.();
  }

  private open(options: { readonly waitMs?: number } = {}): StoreJournal {
    const nowMs = this.options.clock.now();
    const journal = openSqliteJournal(this.options.directory, nowMs, options);
    this.known = { kind: 'leading' };
    this.sinceMs = nowMs;
    return journal;
  }

  private follow(): Leadership {
    const leader = readLeader(this.options.directory);
    if (leader?.hostname === undefined || leader.port === undefined) return { kind: 'none' };
    return { kind: 'following', leader: { ...leader, hostname: leader.hostname, port: leader.port } };
  }
}
