import { describe, expect, test } from 'vitest';
import type { JobKey } from '../../../shared/ids.ts';
import type { Constraint } from '../../../shared/job/config.ts';
import type { Call } from '../../../shared/mesos/scheduler.ts';
import { SchedulerHarness } from '../../support/scheduler-harness.ts';
import { job } from '../../support/jobs.ts';

const KEY = 'web/prod/api' as JobKey;
const OTHER = 'web/prod/other' as JobKey;

/** What was said of offers since the last time, in order. */
function said(harness: SchedulerHarness): Call['type'][] {
  return harness.calls
    .splice(0)
    .map(({ type }) => type)
    .filter((type) => ['SUBSCRIBE', 'ACCEPT', 'DECLINE', 'SUPPRESS', 'REVIVE'].includes(type));
}

function limit(attribute: string, most: number): Constraint {
  return { kind: 'limit', attribute, limit: most };
}

describe('with nothing to place', () => {
  test('the subscription begins without offers', () => {
    const harness = new SchedulerHarness();
    expect(harness.calls[0]).toMatchObject({ type: 'SUBSCRIBE', subscribe: { suppressed_roles: ['dawn'] } });
    harness.agent('a1');
    harness.advance(3600);
    expect(said(harness)).toEqual(['SUBSCRIBE']);
  });

  test('an offer that comes all the same goes back', () => {
    const harness = new SchedulerHarness();
    harness.master.suppressed = false;
    said(harness);
    harness.agent('a1');
    expect(said(harness)).toEqual(['DECLINE']);
    expect([...harness.master.agents.get('a1')!.offers]).toEqual([]);
  });
});

describe('something to place', () => {
  test('is asked for, placed, and that was it', () => {
    const harness = new SchedulerHarness();
    for (const host of ['a1', 'a2', 'a3']) harness.agent(host);
    said(harness);
    expect(harness.submit(job(KEY, 1)).ok).toBe(true);
    expect(said(harness)).toEqual(['REVIVE']);
    harness.deliverAll();
    harness.advance(3600);
    expect(said(harness)).toEqual(['ACCEPT', 'DECLINE', 'SUPPRESS']);
    expect(harness.task(KEY).status).toBe('RUNNING');
    expect(harness.master.suppressed).toBe(true);
  });

  test('is what a subscription with offers is for', () => {
    const harness = new SchedulerHarness();
    harness.run(job(KEY, 1));
    harness.calls.length = 0;
    harness.restart();
    const [subscribe] = harness.calls;
    expect(subscribe?.type === 'SUBSCRIBE' && subscribe.subscribe).not.toHaveProperty('suppressed_roles');
    expect(said(harness)).toEqual(['SUBSCRIBE']);
    harness.agent('a1');
    expect(said(harness)).toEqual(['ACCEPT', 'SUPPRESS']);
  });

  test('that comes between SUBSCRIBE and its answer is asked for after it', () => {
    const harness = new SchedulerHarness();
    harness.step({ kind: 'link', up: false });
    harness.step({ kind: 'link', up: true });
    said(harness);
    harness.submit(job(KEY, 1));
    expect(said(harness)).toEqual([]);
    harness.event({ type: 'SUBSCRIBED', subscribed: { framework_id: { value: 'framework-1' } } });
    expect(said(harness)).toEqual(['REVIVE']);
  });
});

describe('what fits nowhere', () => {
  function stuck(constraints: readonly Constraint[] = []): SchedulerHarness {
    const harness = new SchedulerHarness();
    for (const host of ['a1', 'a2']) harness.agent(host, { attributes: { rack: 'r1' } });
    harness.run(job(KEY, 3, { cpu: 12, constraints }));
    return harness;
  }

  test('is said once and then waits without a word; nothing is held', () => {
    const harness = stuck();
    expect(said(harness)).toEqual(['SUBSCRIBE', 'REVIVE', 'ACCEPT', 'ACCEPT']);
    harness.advance(3600);
    expect(said(harness)).toEqual([]);
    expect(harness.master.suppressed).toBe(false);
    for (const { offers } of harness.master.agents.values()) expect(offers.size).toBe(0);
  });

  test('what is offered meanwhile is refused for a while, in one call', () => {
    const harness = stuck();
    for (const agent of harness.master.agents.values()) agent.refused.length = 0;
    said(harness);
    harness.master.offerAll();
    harness.deliver();
    expect(harness.calls).toEqual([
      {
        type: 'DECLINE',
        decline: { offer_ids: [expect.anything(), expect.anything()], filters: { refuse_seconds: 10 } },
      },
    ]);
  });

  test('more of the same changes nothing', () => {
    const harness = stuck();
    said(harness);
    harness.command({ kind: 'job.scale', key: KEY, instances: 5 });
    harness.deliverAll();
    expect(said(harness)).toEqual([]);
  });

  test('another group looks at what was refused', () => {
    const harness = stuck();
    said(harness);
    harness.run(job(OTHER, 1));
    expect(harness.task(OTHER).status).toBe('RUNNING');
    expect(said(harness)).toEqual(['REVIVE', 'ACCEPT', 'DECLINE']);
  });

  test('what becomes free is offered, and taken, without another REVIVE', () => {
    const harness = stuck();
    said(harness);
    const placed = [0, 1, 2].map((at) => harness.task(KEY, at)).find(({ host }) => host !== null)!;
    harness.report(placed.id, 'TASK_FINISHED');
    harness.deliverAll();
    expect([0, 1, 2].filter((at) => harness.task(KEY, at).status === 'RUNNING')).toHaveLength(2);
    // The one that ended waits for its time, not for a place.
    expect(said(harness)).toEqual(['ACCEPT', 'SUPPRESS']);
  });

  test('a limit that is relieved on one agent lets a task onto another that was refused', () => {
    const harness = new SchedulerHarness();
    harness.agent('small', { attributes: { rack: 'r1' }, resources: { cpusMilli: 1000 } });
    harness.agent('large', { attributes: { rack: 'r1' } });
    harness.run(
      job(KEY, 1, {
        constraints: [
          limit('rack', 1),
          { kind: 'value', attribute: 'host', negated: false, values: ['small'] },
        ],
      }),
    );
    harness.submit(job(KEY, 2, { cpu: 2, constraints: [limit('rack', 1)] }), [[1, 1]]);
    harness.deliverAll();
    harness.command({ kind: 'update.command', command: 'abort', key: KEY });
    expect(harness.task(KEY, 1).status).toBe('PENDING');
    said(harness);
    harness.command({ kind: 'job.kill', key: KEY, only: [[0, 0]] });
    harness.deliverAll();
    expect(harness.task(KEY, 1)).toMatchObject({ status: 'RUNNING', host: 'large' });
    expect(said(harness)).toEqual(['DECLINE', 'REVIVE', 'ACCEPT', 'DECLINE', 'SUPPRESS']);
  });

  test('nobody waits any more: no offers', () => {
    const harness = stuck();
    said(harness);
    harness.command({ kind: 'job.kill', key: KEY });
    expect(said(harness)).toEqual(['SUPPRESS']);
  });
});

test('a rolling update takes part until its last instance has its place', () => {
  const harness = new SchedulerHarness();
  for (const host of ['a1', 'a2', 'a3']) harness.agent(host);
  harness.run(job(KEY, 6));
  harness.advance(600);
  said(harness);
  harness.run(job(KEY, 6, { env: { VERSION: '2' } }, { watchSecs: 20 }));
  // The last one is watched: nothing more will be added.
  harness.advance(6 * 20 - 10);
  expect(harness.update(KEY).status).toBe('ROLLING_FORWARD');
  expect(harness.master.suppressed).toBe(true);
  const calls = said(harness);
  expect(calls.filter((type) => type === 'SUPPRESS')).toHaveLength(1);
  expect(calls.filter((type) => type === 'ACCEPT')).toHaveLength(6);
  harness.advance(600);
  expect(harness.update(KEY).status).toBe('ROLLED_FORWARD');
  expect(said(harness)).toEqual([]);
});

test('a paused update asks for nothing', () => {
  const harness = new SchedulerHarness();
  harness.agent('a1');
  harness.run(job(KEY, 3));
  harness.advance(600);
  harness.run(job(KEY, 3, { env: { VERSION: '2' } }, { watchSecs: 20 }));
  expect(harness.master.suppressed).toBe(false);
  harness.command({ kind: 'update.command', command: 'pause', key: KEY });
  harness.deliverAll();
  expect(harness.master.suppressed).toBe(true);
  harness.command({ kind: 'update.command', command: 'resume', key: KEY });
  expect(harness.master.suppressed).toBe(false);
});

test('in a large cluster one REVIVE does not follow the other at once', () => {
  const harness = new SchedulerHarness();
  for (let at = 0; at < 400; at++) harness.agent(`a${at}`);
  harness.run(job(KEY, 1));
  said(harness);
  harness.run(job(OTHER, 1));
  expect([harness.task(OTHER).status, said(harness)]).toEqual(['PENDING', []]);
  harness.advance(0.019);
  expect(said(harness)).toEqual([]);
  harness.advance(0.001);
  expect(harness.task(OTHER).status).toBe('RUNNING');
  expect(said(harness)).toEqual(['REVIVE', 'ACCEPT', 'DECLINE', 'SUPPRESS']);
});
