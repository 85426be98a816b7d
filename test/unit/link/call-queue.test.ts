import { array, assert, asyncProperty, constantFrom, integer, nat, oneof, record } from 'fast-check';
import { expect, test } from 'vitest';
import type { Answer } from '../../../server/link/call-queue.ts';
import { CallQueue } from '../../../server/link/call-queue.ts';
import type { Call } from '../../../shared/mesos/scheduler.ts';
import type { TaskInfo } from '../../../shared/mesos/v1.ts';

const kill = (value: string): Call => ({ type: 'KILL', kill: { task_id: { value } } });
const acknowledge = (value: string): Call => ({
  type: 'ACKNOWLEDGE',
  acknowledge: { agent_id: { value: 'a' }, task_id: { value }, uuid: '' },
});
const decline = (value: string): Call => ({ type: 'DECLINE', decline: { offer_ids: [{ value }] } });
const accept = (offer: string, ...tasks: string[]): Call => ({
  type: 'ACCEPT',
  accept: {
    offer_ids: [{ value: offer }],
    operations: [
      {
        type: 'LAUNCH',
        launch: { task_infos: tasks.map((value) => ({ task_id: { value } }) as TaskInfo) },
      },
    ],
  },
});
const suppress: Call = { type: 'SUPPRESS' };
const revive: Call = { type: 'REVIVE' };
const reconcile: Call = { type: 'RECONCILE', reconcile: { tasks: [] } };

/** A queue whose calls are answered when the test says so. */
class Line {
  readonly out: Call[] = [];
  readonly refused: Call[] = [];
  readonly broken: string[] = [];
  readonly queue: CallQueue;
  private readonly answers = new Map<Call, (answer: Answer) => void>();

  constructor(inFlightMax = 16) {
    this.queue = new CallQueue({
      inFlightMax,
      post: (call) => {
        this.out.push(call);
        return new Promise((resolve) => this.answers.set(call, resolve));
      },
      refused: (call) => void this.refused.push(call),
      broken: (why) => void this.broken.push(why),
    });
  }

  get waiting(): Call[] {
    return [...this.answers.keys()];
  }

  push(...calls: readonly Call[]): this {
    for (const call of calls) this.queue.push(call);
    return this;
  }

  async answer(call: Call, answer: Answer = { status: 202, text: '' }): Promise<void> {
    this.answers.get(call)?.(answer);
    this.answers.delete(call);
    for (let turns = 0; turns < 5; turns++) await Promise.resolve();
  }
}

test('what is about different tasks and offers goes side by side, so many at a time', async () => {
  const calls = [accept('o1', 't1'), accept('o2', 't2'), kill('t3'), acknowledge('t4'), decline('o3')];
  expect(new Line().push(...calls).out).toEqual(calls);
  const line = new Line(2).push(...calls);
  expect(line.out).toHaveLength(2);
  await line.answer(calls[1]!);
  expect(line.out).toEqual(calls.slice(0, 3));
});

test.each<[string, Call, Call]>([
  ['a task is killed after it was launched', accept('o1', 't1', 't2'), kill('t2')],
  ['statuses of one task are acknowledged in turn', acknowledge('t'), acknowledge('t')],
  ['an offer is given back after it was accepted', accept('o1', 't1'), decline('o1')],
  ['REVIVE after SUPPRESS', suppress, revive],
  ['what is refused after REVIVE stays refused', revive, decline('o1')],
  ['what was refused before REVIVE is not any more', decline('o1'), revive],
  ['nobody asks about a task before it is launched', accept('o1', 't1'), reconcile],
])('%s', async (_what, first, second) => {
  const line = new Line().push(first, second);
  expect(line.out).toEqual([first]);
  await line.answer(first);
  expect(line.out).toEqual([first, second]);
});

test('a refused call is told and makes way; when the outcome is unknown, nothing more goes out', async () => {
  const [wrong, next, lost, last] = [acknowledge('t'), acknowledge('t'), acknowledge('t'), acknowledge('t')];
  const line = new Line().push(wrong, next, lost, last);
  await line.answer(wrong, { status: 400, text: 'nonsense' });
  expect(line.refused).toEqual([wrong]);
  await line.answer(next);
  await line.answer(lost, { status: 503, text: '' });
  expect(line.broken).toHaveLength(1);
  const ended = new Line(1).push(kill('a'), kill('b'));
  ended.queue.end();
  await ended.answer(ended.out[0]!);
  expect(ended.push(kill('c')).out).toHaveLength(1);
});

test('any calls answered in any order: all go out, and none before what it must not pass', async () => {
  const name = constantFrom('1', '2', '3');
  const call = oneof(
    record({ kind: constantFrom('kill', 'acknowledge', 'decline', 'accept'), name, other: name }),
    record({ kind: constantFrom('suppress', 'revive'), name, other: name }),
  ).map(({ kind, name: of, other }): Call => {
    if (kind === 'kill') return kill(of);
    if (kind === 'acknowledge') return acknowledge(of);
    if (kind === 'decline') return decline(of);
    return kind === 'accept' ? accept(of, other) : { type: kind === 'revive' ? 'REVIVE' : 'SUPPRESS' };
  });
  await assert(
    asyncProperty(
      array(call, { maxLength: 30 }),
      array(nat()),
      integer({ min: 1, max: 4 }),
      async (calls, picks, most) => {
        const line = new Line(most).push(...calls);
        const answered = new Set<Call>();
        for (let at = 0; line.waiting.length > 0; at++) {
          const { waiting } = line;
          expect(waiting.length).toBeLessThanOrEqual(most);
          for (const out of waiting)
            for (const earlier of calls.slice(0, calls.indexOf(out)))
              if (isTied(earlier, out)) expect(answered.has(earlier)).toBe(true);
          const next = waiting[(picks[at % Math.max(1, picks.length)] ?? 0) % waiting.length]!;
          answered.add(next);
          await line.answer(next);
        }
        expect(line.out).toHaveLength(calls.length);
      },
    ),
    { numRuns: 200 },
  );
});

/** The plain way: both name the same thing, or one names none. */
function isTied(a: Call, b: Call): boolean {
  const [of, others] = [namesOf(a), namesOf(b)];
  return of.length === 0 || others.length === 0 || of.some((name) => others.includes(name));
}

function namesOf(call: Call): string[] {
  const text = JSON.stringify(call);
  return [...text.matchAll(/"(offer_ids|task_id)":\[?\{"value":"(\d)"/g)].map(
    ([, what, name]) => `${what} ${name}`,
  );
}
