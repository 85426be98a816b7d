/** Tasks and their statuses; operations and theirs; environment, secrets, images. Field names and numbers are Mesos's own. */
export const TASKS = `
package mesos.v1;

message TaskInfo {
  required string name = 1;
  required TaskID task_id = 2;
  required AgentID agent_id = 3;
  repeated Resource resources = 4;
  optional ExecutorInfo executor = 5;
  optional bytes data = 6;
  optional CommandInfo command = 7;
  optional HealthCheck health_check = 8;
  optional ContainerInfo container = 9;
  optional Labels labels = 10;
  optional DiscoveryInfo discovery = 11;
  optional KillPolicy kill_policy = 12;
  optional CheckInfo check = 13;
  optional DurationInfo max_completion_time = 14;
  map<string, Value.Scalar> limits = 15;
}

message TaskGroupInfo {
  repeated TaskInfo tasks = 1;
}

message Task {
  required string name = 1;
  required TaskID task_id = 2;
  required FrameworkID framework_id = 3;
  optional ExecutorID executor_id = 4;
  required AgentID agent_id = 5;
  required TaskState state = 6;
  repeated Resource resources = 7;
  repeated TaskStatus statuses = 8;
  optional TaskState status_update_state = 9;
  optional bytes status_update_uuid = 10;
  optional Labels labels = 11;
  optional DiscoveryInfo discovery = 12;
  optional ContainerInfo container = 13;
  optional string user = 14;
  optional HealthCheck health_check = 15;
  optional KillPolicy kill_policy = 16;
  map<string, Value.Scalar> limits = 17;
}

message TaskResourceLimitation {
  repeated Resource resources = 1;
}

message UUID {
  required bytes value = 1;
}

message Operation {
  optional FrameworkID framework_id = 1;
  optional AgentID agent_id = 2;
  required Offer.Operation info = 3;
  required OperationStatus latest_status = 4;
  repeated OperationStatus statuses = 5;
  required UUID uuid = 6;
}

message OperationStatus {
  optional OperationID operation_id = 1;
  required OperationState state = 2;
  optional string message = 3;
  repeated Resource converted_resources = 4;
  optional UUID uuid = 5;
  optional AgentID agent_id = 6;
  optional ResourceProviderID resource_provider_id = 7;
}

message CheckStatusInfo {
  message Command {
    optional int32 exit_code = 1;
  }
  message Http {
    optional uint32 status_code = 1;
  }
  message Tcp {
    optional bool succeeded = 1;
  }
  optional CheckInfo.Type type = 1;
  optional Command command = 2;
  optional Http http = 3;
  optional Tcp tcp = 4;
}

message TaskStatus {
  enum Source {
    SOURCE_MASTER = 0; SOURCE_AGENT = 1; SOURCE_EXECUTOR = 2;
  }
  enum Reason {
    REASON_COMMAND_EXECUTOR_FAILED = 0; REASON_CONTAINER_LAUNCH_FAILED = 21; REASON_CONTAINER_LIMITATION = 19;
    REASON_CONTAINER_LIMITATION_DISK = 20; REASON_CONTAINER_LIMITATION_MEMORY = 8;
    REASON_CONTAINER_PREEMPTED = 17; REASON_CONTAINER_UPDATE_FAILED = 22;
    REASON_MAX_COMPLETION_TIME_REACHED = 33; REASON_EXECUTOR_REGISTRATION_TIMEOUT = 23;
    REASON_EXECUTOR_REREGISTRATION_TIMEOUT = 24; REASON_EXECUTOR_TERMINATED = 1;
    REASON_EXECUTOR_UNREGISTERED = 2; REASON_FRAMEWORK_REMOVED = 3; REASON_GC_ERROR = 4;
    REASON_INVALID_FRAMEWORKID = 5; REASON_INVALID_OFFERS = 6; REASON_IO_SWITCHBOARD_EXITED = 27;
    REASON_MASTER_DISCONNECTED = 7; REASON_RECONCILIATION = 9; REASON_RESOURCES_UNKNOWN = 18;
    REASON_AGENT_DISCONNECTED = 10; REASON_AGENT_DRAINING = 34; REASON_AGENT_REMOVED = 11;
    REASON_AGENT_REMOVED_BY_OPERATOR = 31; REASON_AGENT_REREGISTERED = 32; REASON_AGENT_RESTARTED = 12;
    REASON_AGENT_UNKNOWN = 13; REASON_TASK_KILLED_DURING_LAUNCH = 30; REASON_TASK_CHECK_STATUS_UPDATED = 28;
    REASON_TASK_HEALTH_CHECK_STATUS_UPDATED = 29; REASON_TASK_GROUP_INVALID = 25;
    REASON_TASK_GROUP_UNAUTHORIZED = 26; REASON_TASK_INVALID = 14; REASON_TASK_UNAUTHORIZED = 15;
    REASON_TASK_UNKNOWN = 16;
  }
  required TaskID task_id = 1;
  required TaskState state = 2;
  optional bytes data = 3;
  optional string message = 4;
  optional AgentID agent_id = 5;
  optional double timestamp = 6;
  optional ExecutorID executor_id = 7;
  optional bool healthy = 8;
  optional Source source = 9;
  optional Reason reason = 10;
  optional bytes uuid = 11;
  optional Labels labels = 12;
  optional ContainerStatus container_status = 13;
  optional TimeInfo unreachable_time = 14;
  optional CheckStatusInfo check_status = 15;
  optional TaskResourceLimitation limitation = 16;
}

message Filters {
  optional double refuse_seconds = 1 [default = 5.0];
}

message Environment {
  message Variable {
    enum Type {
      UNKNOWN = 0; VALUE = 1; SECRET = 2;
    }
    required string name = 1;
    optional string value = 2;
    optional Type type = 3 [default = VALUE];
    optional Secret secret = 4;
  }
  repeated Variable variables = 1;
}

message Parameter {
  required string key = 1;
  required string value = 2;
}

message Parameters {
  repeated Parameter parameter = 1;
}

message Secret {
  enum Type {
    UNKNOWN = 0; REFERENCE = 1; VALUE = 2;
  }
  message Reference {
    required string name = 1;
    optional string key = 2;
  }
  message Value {
    required bytes data = 1;
  }
  optional Type type = 1;
  optional Reference reference = 2;
  optional Value value = 3;
}

message Credential {
  required string principal = 1;
  optional string secret = 2;
}

message Image {
  enum Type {
    APPC = 1; DOCKER = 2;
  }
  message Appc {
    required string name = 1;
    optional string id = 2;
    optional Labels labels = 3;
  }
  message Docker {
    required string name = 1;
    optional Credential credential = 2 [deprecated = true];
    optional Secret config = 3;
  }
  required Type type = 1;
  optional Appc appc = 2;
  optional Docker docker = 3;
  optional bool cached = 4 [default = true];
}

message MountPropagation {
  enum Mode {
    UNKNOWN = 0; HOST_TO_CONTAINER = 1; BIDIRECTIONAL = 2;
  }
  optional Mode mode = 1;
}
`;
