/** Who has the store, in a file beside it: for those that wait for it, and for the error of those that do not. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Leader } from './leadership.ts';

const NAME = 'leader.json';

/** Without an address until it is known where it is reached. */
export type LeaderRecord = Pick<Leader, 'pid' | 'sinceMs'> & Partial<Leader>;

/** Whole or not at all: others read it at any time. It need not survive a power cut, which ends the leader too. */
export function writeLeader(directory: string, leader: LeaderRecord): void {
  const file = join(directory, NAME);
  writeFileSync(`${file}.new`, `${JSON.stringify(leader)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Whoever wrote it may be dead: only the lock of the store says who leads. */
export function readLeader(directory: string): LeaderRecord | undefined {
  try {
    const leader = JSON.parse(readFileSync(join(directory, NAME), 'utf8')) as Partial<LeaderRecord>;
    const { pid, sinceMs, hostname, port } = leader;
    if (!Number.isInteger(pid) || typeof sinceMs !== 'number') return undefined;
    const hasAddress = typeof hostname === 'string' && /^[\w.:-]+$/.test(hostname) && Number.isInteger(port);
    return hasAddress ? (leader as Leader) : { pid: pid!, sinceMs };
  } catch {
    return undefined;
  }
}

export function removeLeader(directory: string): void {
  rmSync(join(directory, NAME), { force: true });
}
