/** Who of several servers on one store leads. Time is virtual, the lock is real. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JobKey } from '../../shared/ids.ts';
import { StoreElection, type StoreJournal } from '../../server/store/store-election.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';

const BATCH = {
  atMs: 1,
  commands: [],
  scheduler: [{ w: 'job-gone', key: 'www/prod/a' as JobKey }],
  master: [],
} as const;
/** Longer than any two tries are apart. */
const A_WHILE_MS = 200;

let directory: string;
let clock: VirtualClock;
let open: StoreJournal[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dawn-election-'));
  clock = new VirtualClock();
  open = [];
});
afterEach(() => {
  for (const journal of open) journal.close();
  rmSync(directory, { recursive: true, force: true });
});

const candidate = (): StoreElection => new StoreElection({ directory, clock, fraction: () => 0.5 });

function leader(port: number): { election: StoreElection; journal: StoreJournal } {
  const election = candidate();
  const journal = election.take();
  open.push(journal);
  election.publish({ hostname: 'here', port });
  return { election, journal };
}

const never = (): never => expect.unreachable();

const pass = (): Promise<void> => clock.advance(A_WHILE_MS, () => undefined);

test('whoever has the store leads; the others follow, once it is told where', async () => {
  const [first, second] = [candidate(), candidate()];
  expect(second.leadership).toEqual({ kind: 'none' });
  const journal = first.take();
  open.push(journal);
  expect(first.leadership).toEqual({ kind: 'leading' });
  expect(second.tryNow()).toBeUndefined();
  expect(second.leadership).toEqual({ kind: 'none' });
  second.wait(never, never);
  first.publish({ hostname: 'here', port: 5050 });
  await pass();
  expect(second.leadership).toEqual({
    kind: 'following',
    leader: { hostname: 'here', port: 5050, pid: process.pid, sinceMs: 1_700_000_000_000 },
  });
  second.close();
});

test('one that does not wait is refused by name', () => {
  leader(1);
  expect(() => candidate().take()).toThrow(/another server has .*dawn\.db open \(pid \d+\)/);
});

test('when it lets go another one leads, with everything that was committed', async () => {
  const { journal } = leader(1);
  const second = candidate();
  expect(second.tryNow()).toBeUndefined();
  let won: StoreJournal | undefined;
  second.wait((store) => open.push((won = store)), never);
  journal.append(BATCH);
  await pass();
  expect(won).toBeUndefined();
  open.pop();
  journal.close();
  // Nobody is told of a leader that has ended.
  expect(existsSync(join(directory, 'leader.json'))).toBe(false);
  await pass();
  expect(second.leadership).toEqual({ kind: 'leading' });
  expect(won).toMatchObject({ epoch: 2, seq: 1 });
  expect([...(won?.readFrom(0) ?? [])]).toEqual([{ ...BATCH, seq: 1 }]);
});

test('of many that wait one leads, and the others follow it', async () => {
  const { journal } = leader(1);
  const waiting = Array.from({ length: 5 }, () => candidate());
  const won: number[] = [];
  for (const [at, each] of waiting.entries()) {
    expect(each.tryNow()).toBeUndefined();
    each.wait((store) => {
      won.push(at);
      open.push(store);
      each.publish({ hostname: 'here', port: 100 + at });
    }, never);
  }
  open.pop();
  journal.close();
  await pass();
  await pass();
  expect(won).toHaveLength(1);
  const ports = waiting.flatMap(({ leadership }) =>
    leadership.kind === 'following' ? [leadership.leader.port] : [],
  );
  expect(ports).toEqual(Array.from({ length: 4 }, () => 100 + (won[0] ?? 0)));
  for (const each of waiting) each.close();
});

test.each([
  ['a leader that is dead', '{"hostname":"gone","port":1,"pid":1,"sinceMs":1}'],
  ['nothing that can be read', '{"hostname":"go'],
])('what the file says of %s keeps nobody from leading', (_what, text) => {
  writeFileSync(join(directory, 'leader.json'), text);
  const journal = candidate().tryNow();
  expect(journal).toBeDefined();
  if (journal) open.push(journal);
});

test.each([
  '',
  'null',
  '[]',
  '{"pid":1}',
  '{"pid":1,"sinceMs":1,"hostname":"a b","port":1}',
  '{"pid":1,"sinceMs":1,"hostname":"a\\r\\nx: y","port":1}',
])('nobody is sent on by %j', (text) => {
  leader(1);
  writeFileSync(join(directory, 'leader.json'), text);
  const second = candidate();
  expect(second.tryNow()).toBeUndefined();
  expect(second.leadership).toEqual({ kind: 'none' });
});

test('to wait holds nothing, and can be given up', async () => {
  const { journal } = leader(1);
  const second = candidate();
  second.tryNow();
  const files = (): number => readdirSync('/proc/self/fd').length;
  const before = files();
  second.wait(never, never);
  for (let times = 0; times < 50; times++) await pass();
  expect(files()).toBe(before);
  second.close();
  open.pop();
  journal.close();
  await pass();
  expect(second.leadership.kind).toBe('following');
});

test('a store that cannot be read is told to whoever waited for it', async () => {
  const { journal } = leader(1);
  const second = candidate();
  second.tryNow();
  let failed: unknown;
  second.wait(never, (error) => (failed = error));
  journal.append(BATCH);
  open.pop();
  journal.close();
  writeFileSync(join(directory, 'high-water'), `9 ${'0'.repeat(64)}\n`);
  await pass();
  expect(failed).toMatchObject({ message: expect.stringContaining('went back in time') });
  // It is free again: the next one finds out for itself.
  expect(() => candidate().take()).toThrow('went back in time');
});
