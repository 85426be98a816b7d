import { DawnError } from '../../shared/errors.ts';
import type { Sqlite } from './open.ts';

/**
 * Schema steps, in order, each in its own transaction; PRAGMA user_version counts those taken. Steps are never edited, only added:
 * stores made by any earlier version must come up.
 */
const STEPS: readonly string[] = [
  `
  -- One row per commit. hash = sha256(previous hash, seq, epoch, payload): a lost or changed row is noticed.
  create table journal (
    seq     integer primary key,
    epoch   integer not null,
    at_ms   integer not null,
    payload text not null,
    hash    blob not null
  );
  -- Checkpoints of both worlds. Two are kept: the newest, and the one before it in case the newest is damaged.
  create table snapshot (
    seq     integer primary key,
    at_ms   integer not null,
    payload text not null,
    hash    blob not null
  );
  -- One row per opening of the store by a server.
  create table epoch (
    epoch   integer primary key autoincrement,
    at_ms   integer not null,
    pid     integer not null,
    version text not null
  );
  -- Who asked for what: written in the transaction of the change itself.
  create table command (
    id      text primary key,
    seq     integer not null,
    at_ms   integer not null,
    job     text not null,
    user    text not null,
    origin  text not null,
    payload text not null
  );
  create index command_by_job on command (job, seq desc);
  -- For people with sqlite3 at hand: the rows of the newest checkpoint.
  create view task as
    select t.value ->> 'id' as id, t.value ->> 'job' as job, t.value ->> 'instance' as instance,
           t.value ->> 'status' as status, t.value ->> 'host' as host, t.value ->> 'failures' as failures
      from (select payload from snapshot order by seq desc limit 1) s, json_each(s.payload, '$.scheduler.tasks') t;
  create view job as
    select j.value ->> 'key' as key, j.value ->> 'instances' as instances, j.value ->> 'changedBy' as changed_by
      from (select payload from snapshot order by seq desc limit 1) s, json_each(s.payload, '$.scheduler.jobs') j;
  `,
];

/** Brings the schema up to date; a copy of the file is made before a store that already holds something is changed. */
export function migrate(db: Sqlite, file: string): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > STEPS.length) {
    throw new DawnError({
      code: 'invalid_parameter',
      message: `${file} was written by a newer Dawn (schema ${version}; this one knows ${STEPS.length})`,
      hint: 'run the newer version, or restore a backup made before the upgrade',
    });
  }
  if (version === STEPS.length) return;
  if (version > 0) db.prepare('vacuum into ?').run(`${file}.before-schema-${STEPS.length}`);
  for (let step = version; step < STEPS.length; step++) {
    db.transaction(() => {
      db.exec(STEPS[step] ?? '');
      db.pragma(`user_version = ${step + 1}`);
    })();
  }
}
