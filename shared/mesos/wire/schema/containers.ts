/** Containers: volumes, networks; discovery; what operators are told. Field names and numbers are Mesos's own. */
export const CONTAINERS = `
package mesos.v1;

message NetworkInfo {
  enum Protocol {
    IPv4 = 1; IPv6 = 2;
  }
  message IPAddress {
    optional NetworkInfo.Protocol protocol = 1 [default = IPv4];
    optional string ip_address = 2;
  }
  message PortMapping {
    required uint32 host_port = 1;
    required uint32 container_port = 2;
    optional string protocol = 3;
  }
  repeated string groups = 3;
  optional Labels labels = 4;
  repeated IPAddress ip_addresses = 5;
  optional string name = 6;
  repeated PortMapping port_mappings = 7;
}

message SeccompInfo {
  optional string profile_name = 1;
  optional bool unconfined = 2;
}

message CapabilityInfo {
  enum Capability {
    UNKNOWN = 0; CHOWN = 1000; DAC_OVERRIDE = 1001; DAC_READ_SEARCH = 1002; FOWNER = 1003; FSETID = 1004;
    KILL = 1005; SETGID = 1006; SETUID = 1007; SETPCAP = 1008; LINUX_IMMUTABLE = 1009; NET_BIND_SERVICE = 1010;
    NET_BROADCAST = 1011; NET_ADMIN = 1012; NET_RAW = 1013; IPC_LOCK = 1014; IPC_OWNER = 1015; SYS_MODULE = 1016;
    SYS_RAWIO = 1017; SYS_CHROOT = 1018; SYS_PTRACE = 1019; SYS_PACCT = 1020; SYS_ADMIN = 1021; SYS_BOOT = 1022;
    SYS_NICE = 1023; SYS_RESOURCE = 1024; SYS_TIME = 1025; SYS_TTY_CONFIG = 1026; MKNOD = 1027; LEASE = 1028;
    AUDIT_WRITE = 1029; AUDIT_CONTROL = 1030; SETFCAP = 1031; MAC_OVERRIDE = 1032; MAC_ADMIN = 1033; SYSLOG = 1034;
    WAKE_ALARM = 1035; BLOCK_SUSPEND = 1036; AUDIT_READ = 1037; PERFMON = 1038; BPF = 1039;
    CHECKPOINT_RESTORE = 1040;
  }
  repeated Capability capabilities = 1;
}

message LinuxInfo {
  enum IpcMode {
    UNKNOWN = 0; PRIVATE = 1; SHARE_PARENT = 2;
  }
  optional CapabilityInfo capability_info = 1 [deprecated = true];
  optional CapabilityInfo bounding_capabilities = 2;
  optional CapabilityInfo effective_capabilities = 3;
  optional bool share_pid_namespace = 4;
  optional SeccompInfo seccomp = 5;
  optional IpcMode ipc_mode = 6;
  optional uint32 shm_size = 7;
  optional bool share_cgroups = 8 [default = true];
}

message RLimitInfo {
  message RLimit {
    enum Type {
      UNKNOWN = 0; RLMT_AS = 1; RLMT_CORE = 2; RLMT_CPU = 3; RLMT_DATA = 4; RLMT_FSIZE = 5; RLMT_LOCKS = 6;
      RLMT_MEMLOCK = 7; RLMT_MSGQUEUE = 8; RLMT_NICE = 9; RLMT_NOFILE = 10; RLMT_NPROC = 11; RLMT_RSS = 12;
      RLMT_RTPRIO = 13; RLMT_RTTIME = 14; RLMT_SIGPENDING = 15; RLMT_STACK = 16;
    }
    optional Type type = 1;
    optional uint64 hard = 2;
    optional uint64 soft = 3;
  }
  repeated RLimit rlimits = 1;
}

message TTYInfo {
  message WindowSize {
    required uint32 rows = 1;
    required uint32 columns = 2;
  }
  optional WindowSize window_size = 1;
}

message ContainerInfo {
  enum Type {
    DOCKER = 1; MESOS = 2;
  }
  message DockerInfo {
    enum Network {
      HOST = 1; BRIDGE = 2; NONE = 3; USER = 4;
    }
    message PortMapping {
      required uint32 host_port = 1;
      required uint32 container_port = 2;
      optional string protocol = 3;
    }
    required string image = 1;
    optional Network network = 2 [default = HOST];
    repeated PortMapping port_mappings = 3;
    optional bool privileged = 4 [default = false];
    repeated Parameter parameters = 5;
    optional bool force_pull_image = 6;
    optional string volume_driver = 7 [deprecated = true];
  }
  message MesosInfo {
    optional Image image = 1;
  }
  required Type type = 1;
  repeated Volume volumes = 2;
  optional DockerInfo docker = 3;
  optional string hostname = 4;
  optional MesosInfo mesos = 5;
  repeated NetworkInfo network_infos = 7;
  optional LinuxInfo linux_info = 8;
  optional RLimitInfo rlimit_info = 9;
  optional TTYInfo tty_info = 10;
}

message CgroupInfo {
  message NetCls {
    optional uint32 classid = 1;
  }
  optional NetCls net_cls = 1;
}

message ContainerStatus {
  repeated NetworkInfo network_infos = 1;
  optional CgroupInfo cgroup_info = 2;
  optional uint32 executor_pid = 3;
  optional ContainerID container_id = 4;
}

message Labels {
  repeated Label labels = 1;
}

message Label {
  required string key = 1;
  optional string value = 2;
}

message Port {
  required uint32 number = 1;
  optional string name = 2;
  optional string protocol = 3;
  optional DiscoveryInfo.Visibility visibility = 4;
  optional Labels labels = 5;
}

message Ports {
  repeated Port ports = 1;
}

message DiscoveryInfo {
  enum Visibility {
    FRAMEWORK = 0; CLUSTER = 1; EXTERNAL = 2;
  }
  required Visibility visibility = 1;
  optional string name = 2;
  optional string environment = 3;
  optional string location = 4;
  optional string version = 5;
  optional Ports ports = 6;
  optional Labels labels = 7;
}

message WeightInfo {
  required double weight = 1;
  optional string role = 2;
}

message VersionInfo {
  required string version = 1;
  optional string build_date = 2;
  optional double build_time = 3;
  optional string build_user = 4;
  optional string git_sha = 5;
  optional string git_branch = 6;
  optional string git_tag = 7;
}

message Flag {
  required string name = 1;
  optional string value = 2;
}

message Role {
  required string name = 1;
  required double weight = 2;
  repeated FrameworkID frameworks = 3;
  repeated Resource resources = 4;
}

message Metric {
  required string name = 1;
  optional double value = 2;
}

message FileInfo {
  required string path = 1;
  optional int32 nlink = 2;
  optional uint64 size = 3;
  optional TimeInfo mtime = 4;
  optional uint32 mode = 5;
  optional string uid = 6;
  optional string gid = 7;
}

message DrainConfig {
  optional DurationInfo max_grace_period = 1;
  optional bool mark_gone = 2 [default = false];
}

message DrainInfo {
  required DrainState state = 1;
  required DrainConfig config = 2;
}
`;
