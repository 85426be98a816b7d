import { createHash } from 'node:crypto';
import { DawnError } from '../../shared/errors.ts';
import { VERSION } from '../../shared/version.ts';
import { HighWater } from './high-water.ts';
import type { Batch, CommandRecord, Committed, Journal, Snapshot } from './journal.ts';
import { StoreFull } from './journal.ts';
import type { OpenStore } from './open.ts';
import { openStore } from './open.ts';

interface JournalRow {
  readonly seq: number;
  readonly epoch: number;
  readonly at_ms: number;
  readonly payload: string;
  readonly hash: Buffer;
}

/** Batches kept behind the newest checkpoint, for history and for readers that resume. */
const BATCHES_KEPT = 100_000;
const NO_HASH = Buffer.alloc(32);

/**
 * The journal on SQLite. `append` returns when the batch is on disk. What SQLite cannot notice itself (rows lost with a damaged
 * write-ahead log, flipped bits) is found by the chained hash, the gapless sequence and the high-water mark in a file of its own.
 */
export function openSqliteJournal(
  directory: string,
  nowMs: number,
  options: { readonly waitMs?: number } = {},
): Journal & { readonly file: string } {
  const store = openStore(directory, options);
  try {
    return sqliteJournal(store, directory, nowMs);
  } catch (error) {
    store.release();
    throw error;
  }
}

function sqliteJournal(
  store: OpenStore,
  directory: string,
  nowMs: number,
): Journal & { readonly file: string } {
  const { db } = store;
  const insert = db.prepare('insert into journal (seq, epoch, at_ms, payload, hash) values (?, ?, ?, ?, ?)');
  const insertCommand = db.prepare(
    'insert into command (id, seq, at_ms, job, user, origin, payload) values (?, ?, ?, ?, ?, ?, ?)',
  );
  const select = db.prepare(
    'select seq, epoch, at_ms, payload, hash from journal where seq > ? order by seq limit ?',
  );
  const last = db.prepare('select seq, hash from journal order by seq desc limit 1').get() as
    | Pick<JournalRow, 'seq' | 'hash'>
    | undefined;
  const highWater = new HighWater(directory);
  let { seq, hash } = last ?? { seq: 0, hash: NO_HASH };
  highWater.check(seq, hash, store.file);
  verifyTail(store);
  const epoch = Number(
    db.prepare('insert into epoch (at_ms, pid, version) values (?, ?, ?)').run(nowMs, process.pid, VERSION)
      .lastInsertRowid,
  );

  const commit = db.transaction((batch: Batch, payload: string, nextHash: Buffer) => {
    insert.run(seq + 1, epoch, batch.atMs, payload, nextHash);
    for (const record of batch.commands) {
      insertCommand.run(
        record.id,
        seq + 1,
        record.atMs,
        jobOf(record),
        record.actor.user,
        record.actor.from,
        JSON.stringify(record),
      );
    }
  });

  return {
    epoch,
    file: store.file,
    get seq() {
      return seq;
    },
    append(batch) {
      const payload = JSON.stringify(batch);
      const nextHash = chain(hash, seq + 1, epoch, payload);
      try {
        commit(batch, payload, nextHash);
      } catch (error) {
        if ((error as { code?: string }).code === 'SQLITE_FULL')
          throw new StoreFull('the disk of the store is full');
        throw error;
      }
      seq += 1;
      hash = nextHash;
      highWater.note(seq, hash, batch.atMs);
      return { ...batch, seq };
    },
    *readFrom(after, limit = Number.MAX_SAFE_INTEGER) {
      // In pages: an open cursor would keep the connection from committing.
      for (let from = after, left = limit; left > 0;) {
        const rows = select.all(from, Math.min(left, 500)) as JournalRow[];
        for (const row of rows) yield decode(row);
        left -= rows.length;
        const end = rows.at(-1);
        if (!end) return;
        from = end.seq;
      }
    },
    snapshot() {
      const found = findSnapshot(store);
      return found ? (JSON.parse(found.payload) as Snapshot) : null;
    },
    saveSnapshot(snapshot) {
      const payload = JSON.stringify(snapshot);
      db.transaction(() => {
        db.prepare('insert or replace into snapshot (seq, at_ms, payload, hash) values (?, ?, ?, ?)').run(
          snapshot.seq,
          nowMs,
          payload,
          sha256(payload),
        );
        db.prepare(
          'delete from snapshot where seq not in (select seq from snapshot order by seq desc limit 2)',
        ).run();
        db.prepare('delete from journal where seq < (select min(seq) from snapshot) - ?').run(BATCHES_KEPT);
      })();
    },
    commands({ job, limit }) {
      const rows = (
        job === undefined
          ? db.prepare('select payload from command order by seq desc limit ?').all(limit)
          : db.prepare('select payload from command where job = ? order by seq desc limit ?').all(job, limit)
      ) as { payload: string }[];
      return rows.map((row) => JSON.parse(row.payload) as CommandRecord);
    },
    close() {
      highWater.write(seq, hash);
      store.release();
    },
  };
}

/** The newest checkpoint whose hash holds, not parsed: it is large. An older one when the newest is damaged. */
function findSnapshot({ db }: OpenStore): { readonly seq: number; readonly payload: string } | undefined {
  const rows = db.prepare('select seq, payload, hash from snapshot order by seq desc').iterate();
  for (const row of rows as Iterable<Pick<JournalRow, 'seq' | 'payload' | 'hash'>>)
    if (sha256(row.payload).equals(row.hash)) return row;
  return undefined;
}

/** Everything since the checkpoint is what recovery rests on: it must be gapless and unchanged. */
function verifyTail(store: OpenStore): void {
  const from = findSnapshot(store)?.seq ?? 0;
  const rows = store.db
    .prepare('select seq, epoch, at_ms, payload, hash from journal where seq >= ? order by seq')
    .iterate(from);
  let before: JournalRow | undefined;
  for (const row of rows as Iterable<JournalRow>) {
    const previous = before ? before.hash : row.seq === 1 ? NO_HASH : undefined;
    const gap = before ? row.seq !== before.seq + 1 : row.seq > from + 1;
    if (gap || (previous && !chain(previous, row.seq, row.epoch, row.payload).equals(row.hash))) {
      throw new DawnError({
        code: 'internal',
        message: `the journal in ${store.file} is broken at ${row.seq}: ${gap ? 'batches are missing before it' : 'its content was changed'}`,
        hint: 'restore a backup of the data directory; nothing was changed in it',
      });
    }
    before = row;
  }
}

function decode(row: JournalRow): Committed {
  return { ...(JSON.parse(row.payload) as Batch), seq: row.seq };
}

function jobOf(record: CommandRecord): string {
  return record.command.kind === 'job.submit' ? record.command.job.key : record.command.key;
}

function chain(previous: Buffer, seq: number, epoch: number, payload: string): Buffer {
  return createHash('sha256').update(previous).update(`${seq}/${epoch}/`).update(payload).digest();
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
