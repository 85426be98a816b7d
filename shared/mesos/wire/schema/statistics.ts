/** What containers use. Field names and numbers are Mesos's own; what only its kernel modules measure (perf, SNMP, block devices, traffic control) is left out. */
export const STATISTICS = `
package mesos.v1;

message DiskStatistics {
  optional Resource.DiskInfo.Source source = 1;
  optional Resource.DiskInfo.Persistence persistence = 2;
  optional uint64 limit_bytes = 3;
  optional uint64 used_bytes = 4;
}

message ResourceStatistics {
  required double timestamp = 1;
  optional uint32 processes = 30;
  optional uint32 threads = 31;
  optional double cpus_user_time_secs = 2;
  optional double cpus_system_time_secs = 3;
  optional double cpus_limit = 4;
  optional double cpus_soft_limit = 45;
  optional uint32 cpus_nr_periods = 7;
  optional uint32 cpus_nr_throttled = 8;
  optional double cpus_throttled_time_secs = 9;
  optional uint64 mem_total_bytes = 36;
  optional uint64 mem_total_memsw_bytes = 37;
  optional uint64 mem_kmem_usage_bytes = 52;
  optional uint64 mem_kmem_tcp_usage_bytes = 53;
  optional uint64 mem_limit_bytes = 6;
  optional uint64 mem_soft_limit_bytes = 38;
  optional uint64 mem_file_bytes = 10;
  optional uint64 mem_anon_bytes = 11;
  optional uint64 mem_cache_bytes = 39;
  optional uint64 mem_rss_bytes = 5;
  optional uint64 mem_mapped_file_bytes = 12;
  optional uint64 mem_swap_bytes = 40;
  optional uint64 mem_unevictable_bytes = 41;
  optional uint64 mem_low_pressure_counter = 32;
  optional uint64 mem_medium_pressure_counter = 33;
  optional uint64 mem_critical_pressure_counter = 34;
  optional uint64 disk_limit_bytes = 26;
  optional uint64 disk_used_bytes = 27;
  repeated DiskStatistics disk_statistics = 43;
  optional uint64 net_rx_packets = 14;
  optional uint64 net_rx_bytes = 15;
  optional uint64 net_rx_errors = 16;
  optional uint64 net_rx_dropped = 17;
  optional uint64 net_tx_packets = 18;
  optional uint64 net_tx_bytes = 19;
  optional uint64 net_tx_errors = 20;
  optional uint64 net_tx_dropped = 21;
}
`;
