import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY } from '../../../shared/mesos/bundle.ts';
import type { MasterOffer } from '../../../server/master/offer-book.ts';
import { TestMaster } from './test-master.ts';

/** Thousands of offers come and go at once; some are held for ever. */
const step = fc.record({
  makes: fc.constantFrom(0, 1, 3, 700, 3_000),
  keeps: fc.constantFrom(0, 1, 5, 2_000),
});

test('an offer is known by its id as long as it is outstanding, in the order of making, and nobody else is', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), fc.integer(), (steps, seed) => {
      const master = new TestMaster();
      const id = master.subscribe('f', {});
      const agentId = master.addAgent('a');
      const { world } = master;
      const [framework, agent] = [world.frameworks.get(id)!, world.agents.get(agentId)!];
      for (const offer of agent.offers) world.offers.remove(offer, framework, agent);
      const { offers } = world;
      let outstanding: MasterOffer[] = [];
      const over: MasterOffer[] = [];
      const terms = { framework, agent, role: 'r', resources: EMPTY, atMs: 0, unavailability: undefined };
      for (const [at, { makes, keeps }] of steps.entries()) {
        for (let n = 0; n < makes; n++) {
          const offer = offers.make(terms);
          // The list of an agent is as short as an agent is small: not what this is about.
          agent.offers = [offer];
          outstanding.push(offer);
        }
        if (at % 3 === 2) expect(offers.has(offers.newId())).toBe(false);
        const kept = new Set(outstanding.filter((_, n) => (n * 7919 + seed) % outstanding.length < keeps));
        for (const offer of outstanding) if (!kept.has(offer)) offers.remove(offer, framework, agent);
        over.push(...outstanding.filter((offer) => !kept.has(offer)));
        outstanding = outstanding.filter((offer) => kept.has(offer));
        expect([...offers.values()]).toEqual(outstanding);
        expect([offers.size, framework.offers.length]).toEqual([outstanding.length, outstanding.length]);
        expect(outstanding.every((offer) => offers.get(offer.id) === offer)).toBe(true);
        expect(outstanding.every((offer) => framework.offers[offer.place] === offer)).toBe(true);
        expect(over.some((offer) => offers.has(offer.id))).toBe(false);
      }
      for (const stranger of ['', 'x', `${offers.prefix}`, `${offers.prefix}01`, `${offers.prefix}1.0`])
        expect(offers.has(stranger as never)).toBe(false);
    }),
    { numRuns: 40 },
  );
});
