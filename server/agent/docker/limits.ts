import type Docker from 'dockerode';
import type { TaskInfo } from '../../../shared/mesos/v1.ts';
import { fromMesos } from '../../../shared/resources.ts';

const MIB = 1024 * 1024;
/** Mesos's minima: 32 MB, two shares, a quota of a hundredth of a core. */
const MEMORY_MIB_MIN = 32;
const SHARES_MIN = 2;
const CPU_MIN = 0.01;

/** What the engine's host has. */
export interface Machine {
  /** The engine refuses more. */
  readonly cpus: number;
  readonly memoryBytes: number;
}

type Limits = Pick<
  Docker.HostConfig,
  'CpuShares' | 'NanoCpus' | 'Memory' | 'MemorySwap' | 'MemoryReservation' | 'OomScoreAdj'
>;

/** A task has what it requests, and no more unless `limits` says so: of CPU beyond that what others leave, of memory beyond that at its own risk, never swap. */
export function limitsOf(task: Pick<TaskInfo, 'resources' | 'limits'>, machine: Machine): Limits {
  const { cpusMilli, memMb } = fromMesos(task.resources);
  const cpus = limitOf(task, 'cpus') ?? cpusMilli / 1000;
  const requested = bytes(memMb);
  const memory = bytes(limitOf(task, 'mem') ?? memMb);
  const above = memory > requested;
  return {
    CpuShares: Math.max(SHARES_MIN, Math.floor((1024 * cpusMilli) / 1000)),
    ...(cpus === Infinity
      ? {}
      : { NanoCpus: Math.round(Math.min(Math.max(cpus, CPU_MIN), machine.cpus) * 1e9) }),
    ...(memory === Infinity ? {} : { Memory: memory, MemorySwap: memory }),
    ...(above ? { MemoryReservation: requested, OomScoreAdj: oomScore(requested, machine.memoryBytes) } : {}),
  };
}

/** Infinity: no limit at all; undefined: what is requested. */
function limitOf({ limits }: Pick<TaskInfo, 'limits'>, name: string): number | undefined {
  const limit = limits?.[name];
  return limit && (limit.value ?? Infinity);
}

function bytes(mib: number): number {
  return Math.max(MEMORY_MIB_MIN, mib) * MIB;
}

/** Who took more than it requested goes first when memory runs out, whoever requested least before others (Mesos's calculateOOMScoreAdj). */
function oomScore(requested: number, total: number): number {
  return Math.min(999, Math.max(2, 1000 - Math.floor((1000 * requested) / Math.max(1, total))));
}
