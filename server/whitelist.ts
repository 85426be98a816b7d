import { readFile } from 'node:fs/promises';
import type { Clock } from './engine/clock.ts';

/** As often as Mesos looks. */
const READ_EVERY_MS = 5_000;

/** A whitelist as it was read at the start, and where it is read again. */
export interface Whitelist {
  readonly file: string;
  readonly text: string;
}

interface Follower {
  readonly clock: Clock;
  readonly log: (message: string, about?: Record<string, unknown>) => void;
  /** Told at once, and whenever the file says something else. */
  readonly told: (hostnames: ReadonlySet<string>) => void;
}

/**
 * Mesos's `--whitelist`: names of hosts, one a line, whose agents are offered; nobody's while it is empty. While it cannot be read, what it said last is in force.
 * @returns ends it
 */
export function followWhitelist({ file, text }: Whitelist, { clock, log, told }: Follower): () => void {
  let last = text;
  let isReadable = true;
  let end = (): void => {};
  let hasEnded = false;
  const look = async (): Promise<void> => {
    const now = await readFile(file, 'utf8').catch((error: unknown) => {
      if (isReadable)
        log('the whitelist cannot be read; its last one stays in force', { error: String(error) });
      return null;
    });
    if (hasEnded) return;
    isReadable = now !== null;
    if (now !== null && now !== last) told(hostnamesIn((last = now)));
    wait();
  };
  const wait = (): void => void (end = clock.at(clock.now() + READ_EVERY_MS, () => void look()));
  told(hostnamesIn(text));
  // A standby may lead long after its start.
  void look();
  return () => {
    hasEnded = true;
    end();
  };
}

function hostnamesIn(text: string): ReadonlySet<string> {
  const lines = text.split('\n').map((line) => line.trim());
  return new Set(lines.filter((line) => line !== ''));
}
