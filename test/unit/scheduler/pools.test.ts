import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { carve, poolsOf, sumOf } from '../../../server/scheduler/placement/pools.ts';
import type { MesosResource } from '../../../shared/mesos/v1.ts';
import { containsResources, fromMesos, subtractResources } from '../../../shared/resources.ts';
import type { Resources } from '../../../shared/resources.ts';
import { recorded } from '../link/link-fixture.ts';

const cpus = (value: number, more: Partial<MesosResource> = {}): MesosResource => ({
  name: 'cpus',
  type: 'SCALAR',
  scalar: { value },
  ...more,
});
const allocated = { allocation_info: { role: 'web' } };
const usable = (resources: readonly MesosResource[]): number =>
  sumOf(poolsOf({ resources, allocation_info: { role: 'web' } })).cpusMilli;

test.each<[string, MesosResource, number]>([
  ['not reserved', cpus(1), 1000],
  ['of the role *', cpus(1, { role: '*' }), 1000],
  ['reserved to us', cpus(1, { reservations: [{ type: 'STATIC', role: 'web' }] }), 1000],
  ['reserved to us in the old way', cpus(1, { role: 'web' }), 1000],
  [
    'reserved above us',
    cpus(1, { allocation_info: { role: 'web/eu' }, reservations: [{ role: 'web' }] }),
    1000,
  ],
  ['refined to another below us', cpus(1, { reservations: [{ role: 'web' }, { role: 'web/eu' }] }), 0],
  ['reserved to another', cpus(1, { reservations: [{ role: 'db' }] }), 0],
  ['reserved to another in the old way', cpus(1, { role: 'db' }), 0],
  ['of a name that only begins like ours', cpus(1, { reservations: [{ role: 'we' }] }), 0],
  ['revocable', cpus(1, { revocable: {} }), 0],
  ['shared', cpus(1, { shared: {} }), 0],
  ['of a resource provider', cpus(1, { provider_id: { value: 'p' } }), 0],
  ['a volume', { ...cpus(1), disk: { persistence: { id: 'v' } } }, 0],
  ['with an empty disk', { ...cpus(1), disk: {} }, 1000],
])('%s', (_name, resource, milli) => {
  expect(usable([resource])).toBe(milli);
});

test('what is taken is named as it was offered, reserved first', () => {
  const reservations = [{ type: 'DYNAMIC', role: 'web', principal: 'ops' }] as const;
  const pools = poolsOf({ resources: [cpus(2, allocated), cpus(1, { ...allocated, reservations })] });
  const needs: Resources = { cpusMilli: 1500, memMb: 0, diskMb: 0, gpus: 0, ports: [] };
  const { taken, left } = carve(pools, needs);
  expect(taken).toEqual([cpus(1, { ...allocated, reservations }), cpus(0.5, allocated)]);
  expect(sumOf(left).cpusMilli).toBe(1500);
});

test('ports go to the pools that have them', () => {
  const ports = (begin: number, end: number, more: Partial<MesosResource>): MesosResource => ({
    name: 'ports',
    type: 'RANGES',
    ranges: { range: [{ begin, end }] },
    ...more,
  });
  const reservations = [{ role: 'web' }];
  const pools = poolsOf({
    resources: [ports(1, 9, allocated), ports(10, 19, { ...allocated, reservations })],
  });
  const { taken } = carve(pools, {
    cpusMilli: 0,
    memMb: 0,
    diskMb: 0,
    gpus: 0,
    ports: [
      [5, 5],
      [12, 12],
    ],
  });
  expect(taken).toEqual([ports(12, 12, { ...allocated, reservations }), ports(5, 5, allocated)]);
});

test('offers of a real master: each is of the role it was allocated to', () => {
  const offers = recorded('two-roles').flatMap((event) =>
    event.type === 'OFFERS' ? event.offers.offers : [],
  );
  for (const offer of offers) {
    const pools = poolsOf(offer);
    expect(pools.length).toBeGreaterThan(0);
    for (const { like } of pools) expect(like.allocation_info).toEqual(offer.allocation_info);
  }
});

test('whatever the pools: all that is needed is taken, nothing twice', () => {
  const amount = fc.record({
    cpusMilli: fc.nat(4000),
    memMb: fc.nat(64),
    diskMb: fc.nat(64),
    gpus: fc.nat(2),
  });
  fc.assert(
    fc.property(fc.array(amount, { maxLength: 4 }), amount, (parts, wanted) => {
      const pools = parts.map((part, at) => ({
        like: { allocation_info: { role: 'web' }, ...(at % 2 ? { reservations: [{ role: 'web' }] } : {}) },
        reserved: at % 2 === 1,
        free: { ...part, ports: [] },
      }));
      const needs = { ...wanted, ports: [] };
      fc.pre(containsResources(sumOf(pools), needs));
      const { taken, left } = carve(pools, needs);
      expect(fromMesos(taken)).toEqual(needs);
      expect(sumOf(left)).toEqual(subtractResources(sumOf(pools), needs));
    }),
  );
});
