/** What the machine of an agent has, as Mesos's agent finds it where `--resources` does not say. */
import { mkdirSync, statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { MesosResource } from '../../shared/mesos/v1.ts';

const MB = 1024 * 1024;
/** What is left to the system, where there is twice as much or more; of less, half is left (Mesos's containerizer.cpp). */
const MEM_LEFT_MB = 1024;
const DISK_LEFT_MB = 5 * 1024;
/** Mesos's DEFAULT_PORTS. */
const PORTS = { begin: 31_000, end: 32_000 };

export interface Machine {
  readonly cpus: number;
  readonly memMb: number;
  /** Of the file system that sandboxes are on. */
  readonly diskMb: number;
}

/** This one. @param workDir is made if it is not there. */
export function thisMachine(workDir: string): Machine {
  mkdirSync(workDir, { recursive: true });
  const { blocks, bsize } = statfsSync(workDir);
  // Within a container's limit there is no more than that; without one it is absurdly large, or 0.
  const limit = process.constrainedMemory() || Infinity;
  return {
    cpus: availableParallelism(),
    memMb: Math.floor(Math.min(totalmem(), limit) / MB),
    diskMb: Math.floor((blocks * bsize) / MB),
  };
}

/** What was given, and of cpus, mem, disk and ports that were not named what the machine has. */
export function withMachine(
  given: readonly MesosResource[],
  { cpus, memMb, diskMb }: Machine,
): readonly MesosResource[] {
  const scalar = (name: string, value: number): MesosResource => ({
    name,
    type: 'SCALAR',
    scalar: { value },
  });
  const found: readonly MesosResource[] = [
    scalar('cpus', cpus),
    scalar('mem', rest(memMb, MEM_LEFT_MB)),
    scalar('disk', rest(diskMb, DISK_LEFT_MB)),
    { name: 'ports', type: 'RANGES', ranges: { range: [PORTS] } },
  ];
  const named = new Set(given.map(({ name }) => name));
  return [...given, ...found.filter(({ name }) => !named.has(name))];
}

function rest(all: number, left: number): number {
  return all >= 2 * left ? all - left : Math.floor(all / 2);
}
