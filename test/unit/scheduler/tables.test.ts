import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { TaskPlace } from '../../../shared/task-states.ts';
import {
  ACTION_ORDER,
  TASK_STATUSES,
  TASK_TABLE,
  TRANSIENT_STATUSES,
  transition,
} from '../../../shared/task-states.ts';
import type { UpdateStatus } from '../../../shared/update-states.ts';
import {
  ACTIVE_UPDATE_STATUSES,
  UPDATE_COMMANDS,
  UPDATE_STATUSES,
  UPDATE_TABLE,
  afterCommand,
  canMoveUpdate,
} from '../../../shared/update-states.ts';

/** A grid for people: a row per status left, a column per status entered. `fixtures/tables/*.txt` is written by hand; the code must agree with every cell. */
function readGrid(name: string): { row: string; column: string; cell: string }[] {
  const lines = readFileSync(`fixtures/tables/${name}.txt`, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const [head = '', ...rest] = lines;
  const columns = head.trim().split(/\s+/).slice(1);
  return rest.flatMap((line) => {
    const [row = '', ...cells] = line.trim().split(/\s+/);
    expect(cells, `row ${row}`).toHaveLength(columns.length);
    return columns.map((column, at) => ({ row, column, cell: cells[at] ?? '' }));
  });
}

/** What the letters of the task grid stand for. */
const LETTERS: Readonly<Record<string, readonly string[]>> = {
  '.': [],
  '=': [],
  s: ['save'],
  k: ['save', 'kill'],
  r: ['save', 'reschedule'],
  v: ['save', 'reschedule-if-service'],
  f: ['count-failure', 'save', 'reschedule-if-retries-left'],
  R: ['save', 'reschedule', 'kill'],
  U: ['save', 'reschedule-unless-killed', 'kill'],
  L: ['mark-lost'],
  D: ['delete'],
  z: ['kill'],
};

const cells = readGrid('task-states');

test('the task grid names every status', () => {
  const places = new Set<string>(['INIT', ...TASK_STATUSES, 'DELETED']);
  expect(new Set(cells.map(({ row }) => row))).toEqual(places);
  expect(new Set(cells.map(({ column }) => column))).toEqual(places);
});

test.each(cells)('task $row → $column is $cell', ({ row, column, cell }) => {
  const move = transition(row as TaskPlace, column as TaskPlace);
  expect([...move.actions].sort()).toEqual([...(LETTERS[cell] ?? ['?'])].sort());
  expect(move.kind).toBe(cell === '=' ? 'same' : cell === '.' || cell === 'z' ? 'illegal' : 'moved');
});

test('every action has its place in the order, and saving comes before what rests on it', () => {
  const used = new Set(
    Object.values(TASK_TABLE).flatMap((row) =>
      Object.values(row as Record<string, readonly string[]>).flat(),
    ),
  );
  expect(new Set(ACTION_ORDER)).toEqual(used);
  for (const later of ['reschedule', 'kill'] as const)
    expect(ACTION_ORDER.indexOf('save')).toBeLessThan(ACTION_ORDER.indexOf(later));
  expect(ACTION_ORDER.indexOf('count-failure')).toBeLessThan(
    ACTION_ORDER.indexOf('reschedule-if-retries-left'),
  );
});

test('STARTING never times out by itself: health checks bound it', () => {
  expect([...TRANSIENT_STATUSES].sort()).toEqual([
    'ASSIGNED',
    'DRAINING',
    'KILLING',
    'PREEMPTING',
    'RESTARTING',
  ]);
});

test.each(readGrid('update-states'))('update $row → $column is $cell', ({ row, column, cell }) => {
  expect(canMoveUpdate(row as UpdateStatus, column as UpdateStatus)).toBe(cell === 'x');
});

test.each(readGrid('update-commands'))(
  '$column of an update that is $row leads to $cell',
  ({ row, column, cell }) => {
    expect(afterCommand(column as (typeof UPDATE_COMMANDS)[number], row as UpdateStatus) ?? '-').toBe(cell);
  },
);

test('what a command leads to is a move that the table allows, or none at all', () => {
  for (const command of UPDATE_COMMANDS) {
    for (const status of UPDATE_STATUSES) {
      const to = afterCommand(command, status);
      if (to !== undefined && to !== status)
        expect(UPDATE_TABLE[status] as readonly string[], `${command} of ${status}`).toContain(to);
      if (!ACTIVE_UPDATE_STATUSES.has(status)) expect(to).toBeUndefined();
    }
  }
});
