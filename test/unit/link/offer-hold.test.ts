import { beforeEach, expect, test } from 'vitest';
import { HOLD_JITTER_MS, HOLD_MS, OfferHold } from '../../../server/link/offer-hold.ts';
import type { Call, Event } from '../../../shared/mesos/scheduler.ts';
import type { Offer } from '../../../shared/mesos/v1.ts';
import { HandClock } from '../agent/agent-fixtures.ts';

let clock: HandClock;
let hold: OfferHold;
let back: string[];
let rescinded: string[];
let fraction: number;

beforeEach(() => {
  clock = new HandClock();
  back = [];
  rescinded = [];
  fraction = 0;
  hold = new OfferHold({
    clock,
    fraction: () => fraction,
    giveBack(decline, rescinds) {
      expect(decline).toMatchObject({ type: 'DECLINE', decline: { filters: { refuse_seconds: 5 } } });
      if (decline.type === 'DECLINE')
        back.push(...(decline.decline.offer_ids ?? []).map(({ value }) => value));
      for (const event of rescinds)
        if (event.type === 'RESCIND') rescinded.push(event.rescind.offer_id.value);
    },
  });
});

function offers(...ids: string[]): Event {
  return { type: 'OFFERS', offers: { offers: ids.map((value) => ({ id: { value } }) as Offer) } };
}
const ids = (...values: string[]): { value: string }[] => values.map((value) => ({ value }));
const accept = (...values: string[]): Call => ({ type: 'ACCEPT', accept: { offer_ids: ids(...values) } });

test('what nobody needs goes back after a while, and the scheduler has it no more', () => {
  hold.heard(offers('a', 'b'));
  clock.pass(HOLD_MS - 1);
  expect(back).toEqual([]);
  clock.pass(1);
  expect(back).toEqual(['a', 'b']);
  expect(rescinded).toEqual(['a', 'b']);
  expect(clock.waiting).toBe(0);
});

test('each in its own time', () => {
  hold.heard(offers('soon'));
  fraction = 0.5;
  hold.heard(offers('later'));
  clock.pass(HOLD_MS);
  expect(back).toEqual(['soon']);
  clock.pass(HOLD_JITTER_MS / 2);
  expect(back).toEqual(['soon', 'later']);
});

test('what was used, sent back or taken back does not', () => {
  hold.heard(offers('used', 'declined', 'rescinded', 'kept'));
  hold.said(accept('used'));
  hold.said({ type: 'DECLINE', decline: { offer_ids: ids('declined') } });
  hold.heard({ type: 'RESCIND', rescind: { offer_id: { value: 'rescinded' } } });
  clock.pass(HOLD_MS);
  expect(back).toEqual(['kept']);
});

test('with the subscription its offers end', () => {
  hold.heard(offers('a'));
  hold.end();
  clock.pass(HOLD_MS * 10);
  expect([back, clock.waiting]).toEqual([[], 0]);
});
