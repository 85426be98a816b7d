import { afterAll, describe, expect, test } from 'vitest';
import type { Difference } from './compare.ts';
import { KNOWN_DIFFERENCES, NOT_COMPARED } from './not-compared.ts';
import { PLAYERS } from './players.ts';
import type { Exchange, Outcome } from './recorded.ts';
import { readRecordings, sessionsOf } from './recordings.ts';
import { Replay } from './replay.ts';
import { SCENARIOS } from './scenarios.ts';

const exchanges = readRecordings();
const folders = [...new Set(exchanges.map(({ folder }) => folder))];
const used = new Set<readonly string[]>();
/** How many there are; of which were played and compared; how many of those are as recorded; where a row says why not; and that were not played. */
interface Count {
  exchanges: number;
  compared: number;
  matched: number;
  explained: number;
  'not played': number;
}
const none = (): Count => ({ exchanges: 0, compared: 0, matched: 0, explained: 0, 'not played': 0 });
const table: Record<string, Count> = {};

/** A glob with `*` only. */
function fits(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(text);
}

function isSkipped({ name }: Exchange): boolean {
  const rows = NOT_COMPARED.filter(([pattern]) => fits(pattern, name));
  for (const row of rows) used.add(row);
  return rows.length > 0;
}

function unexplained({ name }: Exchange, differences: readonly Difference[]): Difference[] {
  return differences.filter(({ at }) => {
    const rows = KNOWN_DIFFERENCES.filter(([exchange, where]) => fits(exchange, name) && fits(where, at));
    for (const row of rows) used.add(row);
    return rows.length === 0;
  });
}

describe('recordings of a real Mesos', () => {
  test('there are all of them', () => {
    // 549 one by one, and 18 calls on the connections of 17-clients.
    expect(exchanges.length).toBe(567);
  });

  test.each(folders)('%s', async (folder) => {
    const all = exchanges.filter((exchange) => exchange.folder === folder);
    const played = all.filter((exchange) => !isSkipped(exchange));
    const row = (table[folder] = {
      ...none(),
      exchanges: all.length,
      'not played': all.length - played.length,
    });
    const outcomes: Outcome[] = [];
    const scenario = SCENARIOS[folder] ?? {};
    const isOthers = (exchange: Exchange): boolean => PLAYERS.some((player) => player.takes(exchange));
    for (const player of PLAYERS) {
      const theirs = played.filter((exchange) => player.takes(exchange));
      if (theirs.length > 0) outcomes.push(...(await player.play(theirs)));
    }
    const leftOut = (exchange: Exchange): boolean => isOthers(exchange) || isSkipped(exchange);
    for (const [index, session] of (scenario.sessions ?? sessionsOf)(all).entries())
      if (!session.every(leftOut))
        outcomes.push(...(await new Replay(session, scenario, index).run(leftOut)));
    const wrong: Record<string, Difference[]> = {};
    for (const { exchange, differences } of outcomes) {
      row.compared += 1;
      if (differences.length === 0) row.matched += 1;
      const left = unexplained(exchange, differences);
      if (left.length > 0) wrong[exchange.name] = left;
      else if (differences.length > 0) row.explained += 1;
    }
    expect(outcomes.map(({ exchange }) => exchange.name).sort()).toEqual(
      played.map(({ name }) => name).sort(),
    );
    expect(wrong).toEqual({});
  });

  test('every row explains something', () => {
    const idle = [...NOT_COMPARED, ...KNOWN_DIFFERENCES].filter((row) => !used.has(row));
    expect(idle).toEqual([]);
  });

  afterAll(() => {
    const sum = none();
    for (const row of Object.values(table))
      for (const name of Object.keys(sum) as (keyof Count)[]) sum[name] += row[name];
    console.table({ ...table, all: sum });
  });
});
