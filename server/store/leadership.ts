/** The contract of election: who of several servers of one cluster leads. HTTP asks it before everything, and knows nothing of how it is decided. */
import type { Journal } from './journal.ts';

/** Where a server is reached by others. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

export interface Leader extends Address {
  readonly pid: number;
  readonly sinceMs: number;
}

/** As this server knows it: a leader that died a moment ago may still be named. */
export type Leadership =
  /** This one does. */
  | { readonly kind: 'leading' }
  | { readonly kind: 'following'; readonly leader: Leader }
  | { readonly kind: 'none' };

export interface Election<Won extends Journal = Journal> {
  readonly leadership: Leadership;
  /** Leads at once. @throws DawnError `conflict` naming whoever leads */
  take(): Won;
  /** The same if nobody leads. Undefined: somebody does. */
  tryNow(): Won | undefined;
  /** Waits until this server leads; `won` is called once. @param failed what was found then makes leading impossible */
  wait(won: (journal: Won) => void, failed: (error: unknown) => void): void;
  /** This one leads, and is reached there: to be told to the others. */
  publish(address: Address): void;
  /** Waits no more. Leading ends with the journal, when that is closed. */
  close(): void;
}

/** `host:port`, as in a URL. */
export function authorityOf({ hostname, port }: Address): string {
  return `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
}
