import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Bundle,
  EMPTY,
  add,
  bundleOf,
  contains,
  isAllocatableTo,
  sameBundle,
  scalarOf,
  subtract,
} from '../../../shared/mesos/bundle.ts';
import { describeBundle, flatOf, resourcesOf } from '../../../shared/mesos/bundle-format.ts';
import type { MesosResource, ReservationInfo } from '../../../shared/mesos/v1.ts';

const scalar = (name: string, value: number, more: Partial<MesosResource> = {}): MesosResource => ({
  name,
  type: 'SCALAR',
  scalar: { value },
  ...more,
});
const ports = (...ranges: [number, number][]): MesosResource => ({
  name: 'ports',
  type: 'RANGES',
  ranges: { range: ranges.map(([begin, end]) => ({ begin, end })) },
});
const dynamic = (role: string, principal?: string): ReservationInfo => ({
  type: 'DYNAMIC',
  role,
  ...(principal === undefined ? {} : { principal }),
});
const volume = (id: string, value: number): MesosResource =>
  scalar('disk', value, {
    reservations: [dynamic('eng')],
    disk: { persistence: { id }, volume: { container_path: 'data', mode: 'RW' } },
  });

const arbitraryResource: fc.Arbitrary<MesosResource> = fc.oneof(
  fc.record({
    name: fc.constantFrom('cpus', 'mem', 'disk'),
    type: fc.constant('SCALAR' as const),
    scalar: fc.record({ value: fc.integer({ min: 0, max: 5000 }).map((milli) => milli / 1000) }),
    reservations: fc.constantFrom(
      [],
      [dynamic('eng')],
      [dynamic('eng', 'ann')],
      [{ type: 'STATIC' as const, role: 'ops' }],
      [dynamic('eng'), dynamic('eng/web')],
    ),
  }),
  fc.record({
    name: fc.constant('ports'),
    type: fc.constant('RANGES' as const),
    ranges: fc.record({
      range: fc.array(
        fc
          .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 10 }))
          .map(([begin, more]) => ({ begin, end: begin + more })),
        { maxLength: 4 },
      ),
    }),
  }),
);
const arbitraryBundle: fc.Arbitrary<Bundle> = fc.array(arbitraryResource, { maxLength: 6 }).map(bundleOf);

describe('the algebra', () => {
  test('thousandths never drift: 0.1 + 0.2 is 0.3', () => {
    expect(
      sameBundle(bundleOf([scalar('cpus', 0.1), scalar('cpus', 0.2)]), bundleOf([scalar('cpus', 0.3)])),
    ).toBe(true);
  });

  test('what was added can be taken away again', () => {
    fc.assert(
      fc.property(arbitraryBundle, arbitraryBundle, (a, b) => {
        const sum = add(a, b);
        expect(contains(sum, a)).toBe(true);
        expect(contains(sum, b)).toBe(true);
        // Ports may be in both: there the sum is a union, and taking b away leaves what only a had.
        const scalars = (bundle: Bundle): Bundle => bundle.filter(({ type }) => type === 'SCALAR');
        expect(sameBundle(scalars(subtract(sum, b)), scalars(a))).toBe(true);
      }),
    );
  });

  test('no piece is empty, no kind is there twice', () => {
    fc.assert(
      fc.property(arbitraryBundle, arbitraryBundle, (a, b) => {
        for (const bundle of [add(a, b), subtract(a, b)]) {
          expect(new Set(bundle.map(({ key }) => key)).size).toBe(bundle.length);
          expect(bundle.every(({ milli, ranges }) => milli !== 0 || ranges.length > 0)).toBe(true);
        }
      }),
    );
  });

  test('kinds do not mix: a reservation, a principal, a volume each make one', () => {
    const kinds = [
      scalar('disk', 1),
      scalar('disk', 1, { reservations: [dynamic('eng')] }),
      scalar('disk', 1, { reservations: [dynamic('eng', 'ann')] }),
      scalar('disk', 1, { reservations: [dynamic('eng'), dynamic('eng/web')] }),
      volume('v1', 1),
      volume('v2', 1),
    ];
    expect(bundleOf(kinds)).toHaveLength(6);
    for (const kind of kinds)
      for (const other of kinds) expect(contains(bundleOf([kind]), bundleOf([other]))).toBe(kind === other);
  });

  test('a volume is whole or not at all', () => {
    expect(contains(bundleOf([volume('v', 64)]), bundleOf([volume('v', 32)]))).toBe(false);
    expect(contains(bundleOf([volume('v', 64)]), bundleOf([volume('v', 64)]))).toBe(true);
  });

  test('ranges are merged and cut', () => {
    const all = bundleOf([ports([31000, 31009], [31005, 31020])]);
    expect(describeBundle(all)).toBe('ports:[31000-31020]');
    expect(describeBundle(subtract(all, bundleOf([ports([31003, 31004])])))).toBe(
      'ports:[31000-31002, 31005-31020]',
    );
  });

  test.each([
    [undefined, 'anybody', true],
    ['eng', 'eng', true],
    ['eng', 'eng/web', true],
    ['eng', 'engine', false],
    ['eng/web', 'eng', false],
  ])('reserved for %s, it may be offered to %s: %s', (owner, role, may) => {
    const [piece] = bundleOf([
      scalar('cpus', 1, owner === undefined ? {} : { reservations: [dynamic(owner)] }),
    ]);
    expect(piece && isAllocatableTo(piece, role)).toBe(may);
  });
});

describe('formats', () => {
  const refined = scalar('cpus', 1, { reservations: [dynamic('eng'), dynamic('eng/web', 'ann')] });

  test('what comes in the old format is the same kind as in the new', () => {
    const old = scalar('cpus', 1, { role: 'eng', reservation: { principal: 'ann' } });
    expect(
      sameBundle(bundleOf([old]), bundleOf([scalar('cpus', 1, { reservations: [dynamic('eng', 'ann')] })])),
    ).toBe(true);
    const fixed = bundleOf([scalar('cpus', 1, { role: 'ops' })]);
    expect(
      sameBundle(fixed, bundleOf([scalar('cpus', 1, { reservations: [{ type: 'STATIC', role: 'ops' }] })])),
    ).toBe(true);
  });

  test('what is written is read as the same', () => {
    fc.assert(
      fc.property(arbitraryBundle, (bundle) => {
        expect(sameBundle(bundleOf(resourcesOf(bundle)), bundle)).toBe(true);
      }),
    );
  });

  test('a reader who knows neither roles nor refinement sees a role, and no allocation', () => {
    expect(resourcesOf(bundleOf([scalar('cpus', 1)]), { role: 'eng' })).toEqual([
      scalar('cpus', 1, { role: '*' }),
    ]);
    expect(resourcesOf(bundleOf([refined]), { role: 'eng' })).toEqual([]);
    expect(
      resourcesOf(bundleOf([scalar('mem', 5, { reservations: [dynamic('eng', 'ann')] })]), { role: 'eng' }),
    ).toEqual([scalar('mem', 5, { role: 'eng', reservation: { principal: 'ann' } })]);
  });

  test('one who knows both sees the stack and whom it is allocated to', () => {
    expect(resourcesOf(bundleOf([refined]), { role: 'eng/web', multiRole: true, refinement: true })).toEqual([
      { ...refined, allocation_info: { role: 'eng/web' } },
    ]);
  });

  test('sentences are Mesos’s', () => {
    const some = bundleOf([
      scalar('cpus', 1, {
        reservations: [{ ...dynamic('dev', 'p1'), labels: { labels: [{ key: 'x', value: 'y' }] } }],
      }),
      scalar('mem', 128),
    ]);
    expect(describeBundle(some, 'dev')).toBe(
      'cpus(allocated: dev)(reservations: [(DYNAMIC,dev,p1,{x: y})]):1; mem(allocated: dev):128',
    );
    expect(describeBundle(EMPTY)).toBe('{}');
  });

  test('flat: over all kinds, whole megabytes', () => {
    const some = bundleOf([scalar('cpus', 1.5), scalar('cpus', 0.5, { role: 'eng' }), scalar('mem', 10.9)]);
    expect(flatOf(some)).toMatchObject({ cpusMilli: 2000, memMb: 10 });
    expect(scalarOf(some, 'cpus')).toBe(2000);
  });
});
