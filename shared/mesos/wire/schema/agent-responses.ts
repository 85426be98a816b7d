/** The operator API of the agent: responses. Field names and numbers are Mesos's own. */
export const AGENT_RESPONSES = `
package mesos.v1.agent;

message Response {
  enum Type {
    UNKNOWN = 0; GET_HEALTH = 1; GET_FLAGS = 2; GET_VERSION = 3; GET_METRICS = 4; GET_LOGGING_LEVEL = 5;
    LIST_FILES = 6; READ_FILE = 7; GET_STATE = 8; GET_CONTAINERS = 9; GET_FRAMEWORKS = 10; GET_EXECUTORS = 11;
    GET_OPERATIONS = 17; GET_TASKS = 12; GET_AGENT = 14; GET_RESOURCE_PROVIDERS = 16;
    WAIT_NESTED_CONTAINER = 13; WAIT_CONTAINER = 15;
  }
  message GetHealth {
    required bool healthy = 1;
  }
  message GetFlags {
    repeated Flag flags = 1;
  }
  message GetVersion {
    required VersionInfo version_info = 1;
  }
  message GetMetrics {
    repeated Metric metrics = 1;
  }
  message GetLoggingLevel {
    required uint32 level = 1;
  }
  message ListFiles {
    repeated FileInfo file_infos = 1;
  }
  message ReadFile {
    required uint64 size = 1;
    required bytes data = 2;
  }
  message GetState {
    optional agent.Response.GetTasks get_tasks = 1;
    optional agent.Response.GetExecutors get_executors = 2;
    optional agent.Response.GetFrameworks get_frameworks = 3;
  }
  message GetContainers {
    message Container {
      optional FrameworkID framework_id = 1;
      optional ExecutorID executor_id = 2;
      optional string executor_name = 3;
      required ContainerID container_id = 4;
      optional ContainerStatus container_status = 5;
      optional ResourceStatistics resource_statistics = 6;
    }
    repeated Container containers = 1;
  }
  message GetFrameworks {
    message Framework {
      required FrameworkInfo framework_info = 1;
    }
    repeated Framework frameworks = 1;
    repeated Framework completed_frameworks = 2;
  }
  message GetExecutors {
    message Executor {
      required ExecutorInfo executor_info = 1;
    }
    repeated Executor executors = 1;
    repeated Executor completed_executors = 2;
  }
  message GetOperations {
    repeated Operation operations = 1;
  }
  message GetTasks {
    repeated Task pending_tasks = 1;
    repeated Task queued_tasks = 2;
    repeated Task launched_tasks = 3;
    repeated Task terminated_tasks = 4;
    repeated Task completed_tasks = 5;
  }
  message GetAgent {
    optional AgentInfo agent_info = 1;
    optional DrainConfig drain_config = 2;
    optional TimeInfo estimated_drain_start_time = 3;
  }
  message GetResourceProviders {
    message ResourceProvider {
      repeated Resource total_resources = 2;
    }
    repeated ResourceProvider resource_providers = 1;
  }
  message WaitNestedContainer {
    optional int32 exit_status = 1;
    optional TaskState state = 2;
    optional TaskStatus.Reason reason = 3;
    optional TaskResourceLimitation limitation = 4;
    optional string message = 5;
  }
  message WaitContainer {
    optional int32 exit_status = 1;
    optional TaskState state = 2;
    optional TaskStatus.Reason reason = 3;
    optional TaskResourceLimitation limitation = 4;
    optional string message = 5;
  }
  optional Type type = 1;
  optional GetHealth get_health = 2;
  optional GetFlags get_flags = 3;
  optional GetVersion get_version = 4;
  optional GetMetrics get_metrics = 5;
  optional GetLoggingLevel get_logging_level = 6;
  optional ListFiles list_files = 7;
  optional ReadFile read_file = 8;
  optional GetState get_state = 9;
  optional GetContainers get_containers = 10;
  optional GetFrameworks get_frameworks = 11;
  optional GetExecutors get_executors = 12;
  optional GetTasks get_tasks = 13;
  optional WaitNestedContainer wait_nested_container = 14;
  optional GetAgent get_agent = 15;
  optional WaitContainer wait_container = 16;
  optional GetResourceProviders get_resource_providers = 17;
  optional GetOperations get_operations = 18;
}
`;
