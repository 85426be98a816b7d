import type { Usage } from '../containerizer.ts';
import type { Engine } from './engine.ts';

/** Who asks what containers use waits for it. */
const DEADLINE_MS = 2_000;
const NANOS = 1e9;

/** The fields of the engine's answer that are read: of the first and the second generation of control groups. */
export interface EngineStats {
  readonly cpu_stats?: {
    readonly cpu_usage?: { readonly usage_in_usermode?: number; readonly usage_in_kernelmode?: number };
    readonly throttling_data?: {
      readonly periods?: number;
      readonly throttled_periods?: number;
      readonly throttled_time?: number;
    };
  };
  readonly memory_stats?: {
    readonly usage?: number;
    readonly stats?: Readonly<Record<string, number>>;
  };
  readonly pids_stats?: { readonly current?: number };
  readonly networks?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Undefined: the engine does not know, or does not say so in time. */
export async function usageOfContainer(engine: Engine, name: string): Promise<Usage | undefined> {
  try {
    const stats = (await engine.calls.getContainer(name).stats({
      stream: false,
      'one-shot': true,
      abortSignal: AbortSignal.timeout(DEADLINE_MS),
    } as never)) as unknown as EngineStats;
    return usageIn(stats);
  } catch {
    return undefined;
  }
}

/** In the words of mesos.v1.ResourceStatistics; what the engine does not tell is left out. */
export function usageIn({
  cpu_stats: cpu,
  memory_stats: memory,
  pids_stats,
  networks = {},
}: EngineStats): Usage {
  const { periods, throttled_periods, throttled_time } = cpu?.throttling_data ?? {};
  const of = memory?.stats ?? {};
  const network = (field: string): number | undefined => {
    const counts = Object.values(networks).map((each) => each[field] ?? 0);
    return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
  };
  const found: Record<string, number | undefined> = {
    processes: pids_stats?.current,
    cpus_user_time_secs: seconds(cpu?.cpu_usage?.usage_in_usermode),
    cpus_system_time_secs: seconds(cpu?.cpu_usage?.usage_in_kernelmode),
    cpus_nr_periods: periods,
    cpus_nr_throttled: throttled_periods,
    cpus_throttled_time_secs: seconds(throttled_time),
    mem_total_bytes: memory?.usage,
    mem_rss_bytes: of['total_rss'] ?? of['rss'] ?? of['anon'],
    mem_cache_bytes: of['total_cache'] ?? of['cache'] ?? of['file'],
    mem_mapped_file_bytes: of['total_mapped_file'] ?? of['mapped_file'] ?? of['file_mapped'],
    mem_swap_bytes: of['total_swap'] ?? of['swap'],
    net_rx_bytes: network('rx_bytes'),
    net_rx_packets: network('rx_packets'),
    net_rx_errors: network('rx_errors'),
    net_rx_dropped: network('rx_dropped'),
    net_tx_bytes: network('tx_bytes'),
    net_tx_packets: network('tx_packets'),
    net_tx_errors: network('tx_errors'),
    net_tx_dropped: network('tx_dropped'),
  };
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function seconds(nanoseconds: number | undefined): number | undefined {
  return nanoseconds === undefined ? undefined : nanoseconds / NANOS;
}
