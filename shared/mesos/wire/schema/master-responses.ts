/** The operator API of the master: responses. Field names and numbers are Mesos's own. */
export const MASTER_RESPONSES = `
package mesos.v1.master;

message Response {
  enum Type {
    UNKNOWN = 0; GET_HEALTH = 1; GET_FLAGS = 2; GET_VERSION = 3; GET_METRICS = 4; GET_LOGGING_LEVEL = 5;
    LIST_FILES = 6; READ_FILE = 7; GET_STATE = 8; GET_AGENTS = 9; GET_FRAMEWORKS = 10; GET_EXECUTORS = 11;
    GET_OPERATIONS = 19; GET_TASKS = 12; GET_ROLES = 13; GET_WEIGHTS = 14; GET_MASTER = 15;
    GET_MAINTENANCE_STATUS = 16; GET_MAINTENANCE_SCHEDULE = 17; GET_QUOTA = 18;
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
    optional master.Response.GetTasks get_tasks = 1;
    optional master.Response.GetExecutors get_executors = 2;
    optional master.Response.GetFrameworks get_frameworks = 3;
    optional master.Response.GetAgents get_agents = 4;
  }
  message GetAgents {
    message Agent {
      message ResourceProvider {
        repeated Resource total_resources = 2;
      }
      required AgentInfo agent_info = 1;
      required bool active = 2;
      required string version = 3;
      optional string pid = 4;
      optional TimeInfo registered_time = 5;
      optional TimeInfo reregistered_time = 6;
      repeated Resource total_resources = 7;
      repeated Resource allocated_resources = 8;
      repeated Resource offered_resources = 9;
      repeated AgentInfo.Capability capabilities = 10;
      repeated ResourceProvider resource_providers = 11;
      optional bool deactivated = 12;
      optional DrainInfo drain_info = 13;
      optional TimeInfo estimated_drain_start_time = 14;
    }
    repeated Agent agents = 1;
    repeated AgentInfo recovered_agents = 2;
  }
  message GetFrameworks {
    message Framework {
      required FrameworkInfo framework_info = 1;
      required bool active = 2;
      required bool connected = 3;
      optional TimeInfo registered_time = 4;
      optional TimeInfo reregistered_time = 5;
      optional TimeInfo unregistered_time = 6;
      repeated Offer offers = 7;
      repeated InverseOffer inverse_offers = 8;
      repeated Resource allocated_resources = 9;
      repeated Resource offered_resources = 10;
      required bool recovered = 11;
      optional scheduler.OfferConstraints offer_constraints = 12;
    }
    repeated Framework frameworks = 1;
    repeated Framework completed_frameworks = 2;
    repeated FrameworkInfo recovered_frameworks = 3 [deprecated = true];
  }
  message GetExecutors {
    message Executor {
      required ExecutorInfo executor_info = 1;
      required AgentID agent_id = 2;
    }
    repeated Executor executors = 1;
    repeated Executor orphan_executors = 2 [deprecated = true];
  }
  message GetOperations {
    repeated Operation operations = 1;
  }
  message GetTasks {
    repeated Task pending_tasks = 1 [deprecated = true];
    repeated Task tasks = 2;
    repeated Task completed_tasks = 3;
    repeated Task orphan_tasks = 4 [deprecated = true];
    repeated Task unreachable_tasks = 5;
  }
  message GetRoles {
    repeated Role roles = 1;
  }
  message GetWeights {
    repeated WeightInfo weight_infos = 1;
  }
  message GetMaster {
    optional MasterInfo master_info = 1;
    optional double start_time = 2;
    optional double elected_time = 3;
  }
  message GetMaintenanceStatus {
    required maintenance.ClusterStatus status = 1;
  }
  message GetMaintenanceSchedule {
    required maintenance.Schedule schedule = 1;
  }
  message GetQuota {
    required quota.QuotaStatus status = 1;
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
  optional GetAgents get_agents = 10;
  optional GetFrameworks get_frameworks = 11;
  optional GetExecutors get_executors = 12;
  optional GetTasks get_tasks = 13;
  optional GetRoles get_roles = 14;
  optional GetWeights get_weights = 15;
  optional GetMaster get_master = 16;
  optional GetMaintenanceStatus get_maintenance_status = 17;
  optional GetMaintenanceSchedule get_maintenance_schedule = 18;
  optional GetQuota get_quota = 19;
  optional GetOperations get_operations = 20;
}
`;
