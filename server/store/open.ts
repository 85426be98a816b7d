import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { DawnError } from '../../shared/errors.ts';
import { readLeader, removeLeader, writeLeader } from './leader-file.ts';
import { migrate } from './migrate.ts';

export type Sqlite = Database.Database;

/** `DAWN` in ASCII: tells our files from any other program's SQLite files (PRAGMA application_id). */
const APPLICATION_ID = 0x4441574e;

/** File systems on which SQLite's locks or fsync cannot be trusted (statfs magic numbers of Linux). */
const REMOTE_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x65735546, 'FUSE'],
]);

export interface OpenStore {
  readonly db: Sqlite;
  readonly file: string;
  release(): void;
}

/** For a server that starts: its predecessor may be ending just now. */
const WAIT_MS = 500;

/** Another server has the store. */
export class StoreTaken extends DawnError {}

/**
 * Opens the store of a server, alone: one connection, exclusive, every commit on disk before it returns.
 * @param waitMs how long the process stands still for another one to let it go
 * @throws StoreTaken when another server has it; DawnError `invalid_parameter` when it is no store of ours or lies on a remote disk.
 */
export function openStore(
  directory: string,
  { waitMs = WAIT_MS }: { readonly waitMs?: number } = {},
): OpenStore {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  refuseRemote(directory);
  const file = join(directory, 'dawn.db');
  const db = connect(directory, file, waitMs);
  writeLeader(directory, { pid: process.pid, sinceMs: Date.now() });
  return {
    db,
    file,
    release() {
      // First: with the lock goes the right to say who leads.
      removeLeader(directory);
      db.close();
    },
  };
}

function connect(directory: string, file: string, waitMs: number): Sqlite {
  let db: Sqlite | undefined;
  try {
    db = new Database(file, { timeout: waitMs });
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('journal_mode = WAL');
    // better-sqlite3 is built with NORMAL as its WAL default, which loses acknowledged commits in a power cut; so it is set on every
    // open, after WAL, and read back.
    db.pragma('synchronous = FULL');
    if (db.pragma('synchronous', { simple: true }) !== 2)
      throw new Error('SQLite did not take synchronous=FULL');
    db.pragma('cache_size = -65536');
    const application = db.pragma('application_id', { simple: true });
    const tables = db.prepare('select count(*) as n from sqlite_master').get() as { n: number };
    if (application !== APPLICATION_ID && tables.n > 0) throw notOurs(file);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    migrate(db, file);
    return db;
  } catch (error) {
    // Whoever waits for the store tries again and again.
    db?.close();
    throw explain(error, directory, file);
  }
}

function explain(error: unknown, directory: string, file: string): unknown {
  const code = (error as { code?: string }).code ?? '';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new StoreTaken({
      code: 'conflict',
      message: `another server has ${file} open (pid ${readLeader(directory)?.pid ?? 'unknown'})`,
      hint: 'stop it first, give this one its own --work-dir, or let it stand by with --standby',
    });
  }
  if (code === 'SQLITE_NOTADB') return notOurs(file);
  if (code === 'SQLITE_READONLY' || code === 'SQLITE_CANTOPEN') {
    return new DawnError({
      code: 'invalid_parameter',
      message: `cannot write ${file}: ${(error as Error).message}`,
      hint: 'check who owns the directory, and its mode',
    });
  }
  return error;
}

function notOurs(file: string): DawnError {
  return new DawnError({
    code: 'invalid_parameter',
    message: `not a Dawn store: ${file}`,
    hint: 'give another --data-dir, or move that file away',
  });
}

function refuseRemote(directory: string): void {
  const name = REMOTE_FILE_SYSTEMS.get(Number(statfsSync(directory).type) >>> 0);
  if (name === undefined) return;
  throw new DawnError({
    code: 'invalid_parameter',
    message: `${directory} is on ${name}, where a commit may not be durable`,
    hint: 'give a --data-dir on a local disk',
  });
}
