/** Frameworks, masters, commands, executors, checks, times and places. Field names and numbers are Mesos's own. */
export const CLUSTER = `
package mesos.v1;

enum TaskState {
  TASK_STAGING = 6; TASK_STARTING = 0; TASK_RUNNING = 1; TASK_KILLING = 8; TASK_FINISHED = 2; TASK_FAILED = 3;
  TASK_KILLED = 4; TASK_ERROR = 7; TASK_LOST = 5; TASK_DROPPED = 9; TASK_UNREACHABLE = 10; TASK_GONE = 11;
  TASK_GONE_BY_OPERATOR = 12; TASK_UNKNOWN = 13;
}

enum OperationState {
  OPERATION_UNSUPPORTED = 0; OPERATION_PENDING = 1; OPERATION_FINISHED = 2; OPERATION_FAILED = 3;
  OPERATION_ERROR = 4; OPERATION_DROPPED = 5; OPERATION_UNREACHABLE = 6; OPERATION_GONE_BY_OPERATOR = 7;
  OPERATION_RECOVERING = 8; OPERATION_UNKNOWN = 9;
}

enum DrainState {
  UNKNOWN = 0; DRAINING = 1; DRAINED = 2;
}

message FrameworkID {
  required string value = 1;
}

message OfferID {
  required string value = 1;
}

message AgentID {
  required string value = 1;
}

message TaskID {
  required string value = 1;
}

message ExecutorID {
  required string value = 1;
}

message ContainerID {
  required string value = 1;
  optional ContainerID parent = 2;
}

message ResourceProviderID {
  required string value = 1;
}

message OperationID {
  required string value = 1;
}

message TimeInfo {
  required int64 nanoseconds = 1;
}

message DurationInfo {
  required int64 nanoseconds = 1;
}

message Address {
  optional string hostname = 1;
  optional string ip = 2;
  required int32 port = 3;
}

message URL {
  required string scheme = 1;
  required Address address = 2;
  optional string path = 3;
  repeated Parameter query = 4;
  optional string fragment = 5;
}

message Unavailability {
  required TimeInfo start = 1;
  optional DurationInfo duration = 2;
}

message MachineID {
  optional string hostname = 1;
  optional string ip = 2;
}

message MachineInfo {
  enum Mode {
    UP = 1; DRAINING = 2; DOWN = 3;
  }
  required MachineID id = 1;
  optional Mode mode = 2;
  optional Unavailability unavailability = 3;
}

message FrameworkInfo {
  message Capability {
    enum Type {
      UNKNOWN = 0; REVOCABLE_RESOURCES = 1; TASK_KILLING_STATE = 2; GPU_RESOURCES = 3; SHARED_RESOURCES = 4;
      PARTITION_AWARE = 5; MULTI_ROLE = 6; RESERVATION_REFINEMENT = 7; REGION_AWARE = 8;
    }
    optional Type type = 1;
  }
  required string user = 1;
  required string name = 2;
  optional FrameworkID id = 3;
  optional double failover_timeout = 4 [default = 0.0];
  optional bool checkpoint = 5 [default = false];
  optional string role = 6 [default = "*", deprecated = true];
  optional string hostname = 7;
  optional string principal = 8;
  optional string webui_url = 9;
  repeated Capability capabilities = 10;
  optional Labels labels = 11;
  repeated string roles = 12;
  map<string, OfferFilters> offer_filters = 13;
}

message CheckInfo {
  enum Type {
    UNKNOWN = 0; COMMAND = 1; HTTP = 2; TCP = 3;
  }
  message Command {
    required CommandInfo command = 1;
  }
  message Http {
    required uint32 port = 1;
    optional string path = 2;
  }
  message Tcp {
    required uint32 port = 1;
  }
  optional Type type = 1;
  optional Command command = 2;
  optional Http http = 3;
  optional double delay_seconds = 4 [default = 15.0];
  optional double interval_seconds = 5 [default = 10.0];
  optional double timeout_seconds = 6 [default = 20.0];
  optional Tcp tcp = 7;
}

message HealthCheck {
  enum Type {
    UNKNOWN = 0; COMMAND = 1; HTTP = 2; TCP = 3;
  }
  message HTTPCheckInfo {
    required uint32 port = 1;
    optional string path = 2;
    optional string scheme = 3;
    repeated uint32 statuses = 4;
    optional NetworkInfo.Protocol protocol = 5 [default = IPv4];
  }
  message TCPCheckInfo {
    required uint32 port = 1;
    optional NetworkInfo.Protocol protocol = 2 [default = IPv4];
  }
  optional HTTPCheckInfo http = 1;
  optional double delay_seconds = 2 [default = 15.0];
  optional double interval_seconds = 3 [default = 10.0];
  optional double timeout_seconds = 4 [default = 20.0];
  optional uint32 consecutive_failures = 5 [default = 3];
  optional double grace_period_seconds = 6 [default = 10.0];
  optional CommandInfo command = 7;
  optional Type type = 8;
  optional TCPCheckInfo tcp = 9;
}

message KillPolicy {
  optional DurationInfo grace_period = 1;
}

message CommandInfo {
  message URI {
    required string value = 1;
    optional bool executable = 2;
    optional bool extract = 3 [default = true];
    optional bool cache = 4;
    optional string output_file = 5;
  }
  repeated URI uris = 1;
  optional Environment environment = 2;
  optional string value = 3;
  optional string user = 5;
  optional bool shell = 6 [default = true];
  repeated string arguments = 7;
}

message ExecutorInfo {
  enum Type {
    UNKNOWN = 0; DEFAULT = 1; CUSTOM = 2;
  }
  required ExecutorID executor_id = 1;
  optional bytes data = 4;
  repeated Resource resources = 5;
  optional CommandInfo command = 7;
  optional FrameworkID framework_id = 8;
  optional string name = 9;
  optional string source = 10 [deprecated = true];
  optional ContainerInfo container = 11;
  optional DiscoveryInfo discovery = 12;
  optional DurationInfo shutdown_grace_period = 13;
  optional Labels labels = 14;
  optional Type type = 15;
}

message DomainInfo {
  message FaultDomain {
    message RegionInfo {
      required string name = 1;
    }
    message ZoneInfo {
      required string name = 1;
    }
    required RegionInfo region = 1;
    required ZoneInfo zone = 2;
  }
  optional FaultDomain fault_domain = 1;
}

message MasterInfo {
  message Capability {
    enum Type {
      UNKNOWN = 0; AGENT_UPDATE = 1; AGENT_DRAINING = 2; QUOTA_V2 = 3;
    }
    optional Type type = 1;
  }
  required string id = 1;
  required uint32 ip = 2;
  required uint32 port = 3 [default = 5050];
  optional string pid = 4;
  optional string hostname = 5;
  optional string version = 6;
  optional Address address = 7;
  optional DomainInfo domain = 8;
  repeated Capability capabilities = 9;
}
`;
