import { expect, test } from 'vitest';
import { usageIn } from '../../../server/agent/docker/usage.ts';
import { memoryState } from '../../../server/agent/state.ts';
import { measure } from '../../../server/agent/usage.ts';
import { heldTask, status } from './agent-fixtures.ts';

const cpu_stats = {
  cpu_usage: { usage_in_usermode: 1_500_000_000, usage_in_kernelmode: 20_000_000 },
  throttling_data: { periods: 5, throttled_periods: 2, throttled_time: 3_000_000_000 },
};

test.each<[string, Record<string, number>]>([
  ['first', { rss: 1, total_rss: 4096, total_cache: 8192, total_mapped_file: 1024, total_swap: 0 }],
  ['second', { anon: 4096, file: 8192, file_mapped: 1024 }],
])('what an engine tells of the %s generation of control groups', (_which, stats) => {
  const networks = { eth0: { rx_bytes: 1, tx_packets: 2 }, eth1: { rx_bytes: 10, tx_packets: 20 } };
  const memory_stats = { usage: 12_288, stats };
  expect(usageIn({ cpu_stats, memory_stats, pids_stats: { current: 7 }, networks })).toMatchObject({
    processes: 7,
    cpus_user_time_secs: 1.5,
    cpus_system_time_secs: 0.02,
    cpus_nr_periods: 5,
    cpus_nr_throttled: 2,
    cpus_throttled_time_secs: 3,
    mem_total_bytes: 12_288,
    mem_rss_bytes: 4096,
    mem_cache_bytes: 8192,
    mem_mapped_file_bytes: 1024,
    net_rx_bytes: 11,
    net_tx_packets: 22,
  });
});

test('what an engine does not tell is not said', () => {
  expect(usageIn({})).toEqual({});
});

test('a default executor uses what its tasks do; what is over uses nothing', async () => {
  const state = memoryState();
  const add = (id: string, more: object) =>
    state.addTask({ ...heldTask(id, { ...status(id, 'TASK_RUNNING', 'u'), ...more }) }, []);
  const inPod = { container_status: { container_id: { value: 'x', parent: { value: 'pod' } } } };
  add('a', inPod);
  add('b', inPod);
  add('over', { state: 'TASK_FINISHED' });
  const asked: string[] = [];
  const used = await measure(state, {
    usage: (ids) => {
      asked.push(...ids);
      return Promise.resolve(new Map(ids.map((id) => [id, { mem_rss_bytes: 5 }])));
    },
  });
  expect(asked).toEqual(['c-a', 'c-b']);
  expect(used.get('pod')).toEqual({ mem_rss_bytes: 10 });
});
