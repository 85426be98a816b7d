import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobKey } from '../../shared/ids.ts';
import type { Batch, CommandRecord } from '../../server/store/journal.ts';
import { openStore } from '../../server/store/open.ts';
import { openSqliteJournal } from '../../server/store/sqlite-journal.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dawn-store-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const key = 'www/prod/hello' as JobKey;
const batch = (n: number, commands: readonly CommandRecord[] = []): Batch => ({
  atMs: n,
  commands,
  scheduler: [{ w: 'job-gone', key: `www/prod/j${n}` as JobKey }],
  master: [],
});
const kill = (id: string): CommandRecord => ({
  id,
  atMs: 1,
  actor: { user: 'ann', from: 'test' },
  command: { kind: 'job.kill', key },
  refused: null,
});

/** Opens, appends n batches, closes. */
function write(n: number): void {
  const journal = openSqliteJournal(directory, 0);
  for (let i = 0; i < n; i++) journal.append(batch(i));
  journal.close();
}

describe('the journal', () => {
  test('gives back what was appended, in order and without a gap, after any number of openings', () => {
    write(3);
    write(2);
    const journal = openSqliteJournal(directory, 0);
    expect([...journal.readFrom(0)].map(({ seq, atMs }) => [seq, atMs])).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 0],
      [5, 1],
    ]);
    expect([...journal.readFrom(3, 1)].map(({ seq }) => seq)).toEqual([4]);
    expect(journal.epoch).toBe(3);
    expect(journal.seq).toBe(5);
    journal.close();
  });

  test('appends while a reader is in the middle', () => {
    write(3);
    const journal = openSqliteJournal(directory, 0);
    const seen: number[] = [];
    for (const { seq } of journal.readFrom(0)) {
      seen.push(seq);
      if (seq === 2) journal.append(batch(9));
    }
    expect(seen).toEqual([1, 2, 3, 4]);
    journal.close();
  });

  test('keeps commands with the batch they belong to, newest first', () => {
    const journal = openSqliteJournal(directory, 0);
    journal.append(batch(1, [kill('a')]));
    journal.append(batch(2, [kill('b')]));
    expect(journal.commands({ job: key, limit: 10 }).map(({ id }) => id)).toEqual(['b', 'a']);
    expect(journal.commands({ job: 'other/prod/x', limit: 10 })).toEqual([]);
    journal.close();
  });

  test('a checkpoint comes back whole; a damaged one is passed over for the one before', () => {
    const journal = openSqliteJournal(directory, 0);
    for (let i = 0; i < 4; i++) journal.append(batch(i));
    journal.saveSnapshot({ seq: 2, scheduler: { rows: 2 }, master: null });
    journal.saveSnapshot({ seq: 4, scheduler: { rows: 4 }, master: null });
    expect(journal.snapshot()).toEqual({ seq: 4, scheduler: { rows: 4 }, master: null });
    journal.close();
    tamper("update snapshot set payload = replace(payload, '4', '5') where seq = 4");
    const again = openSqliteJournal(directory, 0);
    expect(again.snapshot()).toEqual({ seq: 2, scheduler: { rows: 2 }, master: null });
    again.close();
  });
});

describe('durability', () => {
  test('every commit is synced: WAL with synchronous=FULL, read back after opening', () => {
    const store = openStore(directory);
    expect(store.db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(store.db.pragma('synchronous', { simple: true })).toBe(2);
    store.release();
    const again = openStore(directory);
    expect(again.db.pragma('synchronous', { simple: true })).toBe(2);
    again.release();
  });

  test('nothing acknowledged is lost when the process is killed while writing', () => {
    const program = `
      import { openSqliteJournal } from ${JSON.stringify(join(process.cwd(), 'server/store/sqlite-journal.ts'))};
      const journal = openSqliteJournal(process.argv[2], 0);
      for (let i = 0; ; i++) {
        const { seq } = journal.append({ atMs: i, commands: [], scheduler: [], master: [] });
        process.stdout.write(seq + '\\n');
        if (seq === 150) process.kill(process.pid, 'SIGKILL');
      }`;
    const file = join(directory, 'writer.mts');
    writeFileSync(file, program);
    const run = spawnSync(process.execPath, ['--import', 'tsx', file, directory], {
      encoding: 'utf8',
      cwd: process.cwd(),
    });
    const acknowledged = Number(run.stdout.trim().split('\n').at(-1));
    expect(acknowledged).toBeGreaterThan(100);
    const journal = openSqliteJournal(directory, 0);
    expect(journal.seq).toBeGreaterThanOrEqual(acknowledged);
    journal.close();
  });
});

describe('refuses by name', () => {
  test('a second server on the same file', () => {
    write(1);
    const first = openSqliteJournal(directory, 0);
    const program = `
      import { openSqliteJournal } from ${JSON.stringify(join(process.cwd(), 'server/store/sqlite-journal.ts'))};
      try { openSqliteJournal(process.argv[2], 0); } catch (error) { process.stdout.write(error.message); }`;
    const file = join(directory, 'second.mts');
    writeFileSync(file, program);
    const said = execFileSync(process.execPath, ['--import', 'tsx', file, directory], {
      encoding: 'utf8',
      cwd: process.cwd(),
    });
    expect(said).toContain(`another server has ${join(directory, 'dawn.db')} open (pid ${process.pid})`);
    first.close();
  });

  test.each([
    ['a text file', 'hello, world, this is no database at all. '.repeat(50)],
    ['noise', Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256))],
  ])('%s in its place', (_name, content) => {
    writeFileSync(join(directory, 'dawn.db'), content);
    expect(() => openSqliteJournal(directory, 0)).toThrow(/not a Dawn store/);
  });

  test("another program's SQLite file", () => {
    const other = new Database(join(directory, 'dawn.db'));
    other.exec('create table their_things (x)');
    other.close();
    expect(() => openSqliteJournal(directory, 0)).toThrow(/not a Dawn store/);
  });

  test('a store of a newer version', () => {
    write(1);
    tamper('pragma user_version = 99');
    expect(() => openSqliteJournal(directory, 0)).toThrow(/written by a newer Dawn/);
  });

  test('a batch whose content was changed', () => {
    write(5);
    tamper("update journal set payload = replace(payload, 'j2', 'j7') where seq = 3");
    expect(() => openSqliteJournal(directory, 0)).toThrow(
      /journal .* is broken at 3: its content was changed/,
    );
  });

  test('a batch that is missing', () => {
    write(5);
    tamper('delete from journal where seq = 3');
    expect(() => openSqliteJournal(directory, 0)).toThrow(/broken at 4: batches are missing/);
  });

  test('a store that lost its end', () => {
    write(5);
    const mark = readFileSync(join(directory, 'high-water'), 'utf8');
    expect(mark).toMatch(/^5 /);
    tamper('delete from journal where seq > 3');
    expect(() => openSqliteJournal(directory, 0)).toThrow(
      /went back in time: it ends at 3, but 5 was committed/,
    );
  });

  test('a write-ahead log whose middle was damaged: later commits do not vanish silently', () => {
    const journal = openSqliteJournal(directory, 0);
    for (let i = 0; i < 60; i++) journal.append(batch(i * 1001));
    const copy = mkdtempSync(join(tmpdir(), 'dawn-copy-'));
    for (const name of ['dawn.db', 'dawn.db-wal', 'high-water']) {
      if (existsSync(join(directory, name))) copyFileSync(join(directory, name), join(copy, name));
    }
    journal.close();
    const wal = readFileSync(join(copy, 'dawn.db-wal'));
    const middle = Math.floor(wal.length / 2);
    wal.writeUInt8(wal.readUInt8(middle) ^ 1, middle);
    writeFileSync(join(copy, 'dawn.db-wal'), wal);
    expect(() => openSqliteJournal(copy, 0)).toThrow(/went back in time/);
    rmSync(copy, { recursive: true });
  });
});

/** Changes the closed store behind its back. */
function tamper(sql: string): void {
  const db = new Database(join(directory, 'dawn.db'));
  db.exec(sql);
  db.close();
}
