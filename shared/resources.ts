/**
 * Resource algebra in integers, so that adding and taking away never drifts: cpus in thousandths of a core (Mesos keeps
 * three decimals), memory and disk in MiB, gpus whole, ports as inclusive sorted ranges.
 */
import type { MesosResource } from './mesos/v1.ts';

export type PortRange = readonly [begin: number, end: number];

export interface Resources {
  readonly cpusMilli: number;
  readonly memMb: number;
  readonly diskMb: number;
  readonly gpus: number;
  readonly ports: readonly PortRange[];
}

export const NO_RESOURCES: Resources = { cpusMilli: 0, memMb: 0, diskMb: 0, gpus: 0, ports: [] };

export const SCALARS = ['cpusMilli', 'memMb', 'diskMb', 'gpus'] as const;
export type Scalar = (typeof SCALARS)[number];

export function addResources(a: Resources, b: Resources): Resources {
  return {
    cpusMilli: a.cpusMilli + b.cpusMilli,
    memMb: a.memMb + b.memMb,
    diskMb: a.diskMb + b.diskMb,
    gpus: a.gpus + b.gpus,
    ports: addPorts(a.ports, b.ports),
  };
}

/** a − b. Scalars may go below zero (callers assert); ports not in `a` are ignored. */
export function subtractResources(a: Resources, b: Resources): Resources {
  return {
    cpusMilli: a.cpusMilli - b.cpusMilli,
    memMb: a.memMb - b.memMb,
    diskMb: a.diskMb - b.diskMb,
    gpus: a.gpus - b.gpus,
    ports: subtractPorts(a.ports, b.ports),
  };
}

export function containsResources(a: Resources, b: Resources): boolean {
  return (
    a.cpusMilli >= b.cpusMilli &&
    a.memMb >= b.memMb &&
    a.diskMb >= b.diskMb &&
    a.gpus >= b.gpus &&
    (b.ports.length === 0 || countPorts(subtractPorts(b.ports, a.ports)) === 0)
  );
}

export function isEmpty(r: Resources): boolean {
  return r.cpusMilli === 0 && r.memMb === 0 && r.diskMb === 0 && r.gpus === 0 && r.ports.length === 0;
}

export function countPorts(ranges: readonly PortRange[]): number {
  let count = 0;
  for (const [begin, end] of ranges) count += end - begin + 1;
  return count;
}

/** Union of ranges, sorted and merged. */
export function addPorts(a: readonly PortRange[], b: readonly PortRange[]): readonly PortRange[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  return mergePorts([...a, ...b]);
}

/** Ranges in any order → sorted, without overlap; those that end before they begin are nothing. */
export function mergePorts(ranges: readonly PortRange[]): readonly PortRange[] {
  const merged: [number, number][] = [];
  for (const [begin, end] of ranges.filter((range) => range[0] <= range[1]).sort((x, y) => x[0] - y[0])) {
    const last = merged.at(-1);
    if (last && begin <= last[1] + 1) last[1] = Math.max(last[1], end);
    else merged.push([begin, end]);
  }
  return merged;
}

export function subtractPorts(a: readonly PortRange[], b: readonly PortRange[]): readonly PortRange[] {
  if (a.length === 0 || b.length === 0) return a;
  let left: PortRange[] = [...a];
  for (const [begin, end] of b) {
    left = left.flatMap(([from, to]): PortRange[] => {
      if (end < from || begin > to) return [[from, to]];
      const rest: PortRange[] = [];
      if (from < begin) rest.push([from, begin - 1]);
      if (to > end) rest.push([end + 1, to]);
      return rest;
    });
  }
  return left;
}

/** Mesos resources → ours. Names unknown to us are left out, whoever they are reserved to; scalars are rounded to 0.001. */
export function fromMesos(resources: readonly MesosResource[]): Resources {
  let [cpusMilli, memMb, diskMb, gpus] = [0, 0, 0, 0];
  let ports: readonly PortRange[] = [];
  for (const resource of resources) {
    const value = resource.scalar?.value ?? 0;
    if (resource.name === 'cpus') cpusMilli += Math.round(value * 1000);
    else if (resource.name === 'mem') memMb += Math.floor(value + 1e-6);
    else if (resource.name === 'disk') diskMb += Math.floor(value + 1e-6);
    else if (resource.name === 'gpus') gpus += Math.floor(value + 1e-6);
    else if (resource.name === 'ports') {
      const ranges = (resource.ranges?.range ?? []).map((r): PortRange => [r.begin, r.end]);
      ports = mergePorts([...ports, ...ranges]);
    }
  }
  return { cpusMilli, memMb, diskMb, gpus, ports };
}

/** Ours → Mesos; zero quantities are left out, as Mesos drops them. */
export function toMesos(r: Resources, role?: string): MesosResource[] {
  const list: MesosResource[] = [];
  const allocation = role === undefined ? {} : { allocation_info: { role } };
  const scalar = (name: string, value: number): void => {
    if (value > 0) list.push({ name, type: 'SCALAR', scalar: { value }, ...allocation });
  };
  scalar('cpus', r.cpusMilli / 1000);
  scalar('mem', r.memMb);
  scalar('disk', r.diskMb);
  scalar('gpus', r.gpus);
  if (r.ports.length > 0) {
    list.push({
      name: 'ports',
      type: 'RANGES',
      ranges: { range: r.ports.map(([begin, end]) => ({ begin, end })) },
      ...allocation,
    });
  }
  return list;
}
