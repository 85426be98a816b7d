/** The operator API of the master: calls and events. Field names and numbers are Mesos's own. */
export const MASTER_CALLS = `
package mesos.v1.master;

message Call {
  enum Type {
    UNKNOWN = 0; GET_HEALTH = 1; GET_FLAGS = 2; GET_VERSION = 3; GET_METRICS = 4; GET_LOGGING_LEVEL = 5;
    SET_LOGGING_LEVEL = 6; LIST_FILES = 7; READ_FILE = 8; GET_STATE = 9; GET_AGENTS = 10; GET_FRAMEWORKS = 11;
    GET_EXECUTORS = 12; GET_OPERATIONS = 33; GET_TASKS = 13; GET_ROLES = 14; GET_WEIGHTS = 15;
    UPDATE_WEIGHTS = 16; GET_MASTER = 17; SUBSCRIBE = 18; RESERVE_RESOURCES = 19; UNRESERVE_RESOURCES = 20;
    CREATE_VOLUMES = 21; DESTROY_VOLUMES = 22; GROW_VOLUME = 34; SHRINK_VOLUME = 35;
    GET_MAINTENANCE_STATUS = 23; GET_MAINTENANCE_SCHEDULE = 24; UPDATE_MAINTENANCE_SCHEDULE = 25;
    START_MAINTENANCE = 26; STOP_MAINTENANCE = 27; DRAIN_AGENT = 37; DEACTIVATE_AGENT = 38;
    REACTIVATE_AGENT = 39; GET_QUOTA = 28; UPDATE_QUOTA = 36; SET_QUOTA = 29; REMOVE_QUOTA = 30; TEARDOWN = 31;
    MARK_AGENT_GONE = 32;
  }
  message GetMetrics {
    optional DurationInfo timeout = 1;
  }
  message SetLoggingLevel {
    required uint32 level = 1;
    required DurationInfo duration = 2;
  }
  message ListFiles {
    required string path = 1;
  }
  message ReadFile {
    required string path = 1;
    required uint64 offset = 2;
    optional uint64 length = 3;
  }
  message UpdateWeights {
    repeated WeightInfo weight_infos = 1;
  }
  message ReserveResources {
    required AgentID agent_id = 1;
    repeated Resource resources = 2;
    repeated Resource source = 3;
  }
  message UnreserveResources {
    required AgentID agent_id = 1;
    repeated Resource resources = 2;
  }
  message CreateVolumes {
    required AgentID agent_id = 1;
    repeated Resource volumes = 2;
  }
  message DestroyVolumes {
    required AgentID agent_id = 1;
    repeated Resource volumes = 2;
  }
  message GrowVolume {
    optional AgentID agent_id = 1;
    required Resource volume = 2;
    required Resource addition = 3;
  }
  message ShrinkVolume {
    optional AgentID agent_id = 1;
    required Resource volume = 2;
    required Value.Scalar subtract = 3;
  }
  message UpdateMaintenanceSchedule {
    required maintenance.Schedule schedule = 1;
  }
  message StartMaintenance {
    repeated MachineID machines = 1;
  }
  message StopMaintenance {
    repeated MachineID machines = 1;
  }
  message DrainAgent {
    required AgentID agent_id = 1;
    optional google.protobuf.Duration max_grace_period = 2;
    optional bool mark_gone = 3 [default = false];
  }
  message DeactivateAgent {
    required AgentID agent_id = 1;
  }
  message ReactivateAgent {
    required AgentID agent_id = 1;
  }
  message UpdateQuota {
    optional bool force = 1;
    repeated quota.QuotaConfig quota_configs = 2;
  }
  message SetQuota {
    required quota.QuotaRequest quota_request = 1;
  }
  message RemoveQuota {
    required string role = 1;
  }
  message Teardown {
    required FrameworkID framework_id = 1;
  }
  message MarkAgentGone {
    required AgentID agent_id = 1;
  }
  optional Type type = 1;
  optional GetMetrics get_metrics = 2;
  optional SetLoggingLevel set_logging_level = 3;
  optional ListFiles list_files = 4;
  optional ReadFile read_file = 5;
  optional UpdateWeights update_weights = 6;
  optional ReserveResources reserve_resources = 7;
  optional UnreserveResources unreserve_resources = 8;
  optional CreateVolumes create_volumes = 9;
  optional DestroyVolumes destroy_volumes = 10;
  optional UpdateMaintenanceSchedule update_maintenance_schedule = 11;
  optional StartMaintenance start_maintenance = 12;
  optional StopMaintenance stop_maintenance = 13;
  optional SetQuota set_quota = 14 [deprecated = true];
  optional RemoveQuota remove_quota = 15 [deprecated = true];
  optional Teardown teardown = 16;
  optional MarkAgentGone mark_agent_gone = 17;
  optional GrowVolume grow_volume = 18;
  optional ShrinkVolume shrink_volume = 19;
  optional UpdateQuota update_quota = 20;
  optional DrainAgent drain_agent = 21;
  optional DeactivateAgent deactivate_agent = 22;
  optional ReactivateAgent reactivate_agent = 23;
}

message Event {
  enum Type {
    UNKNOWN = 0; SUBSCRIBED = 1; TASK_ADDED = 2; TASK_UPDATED = 3; AGENT_ADDED = 4; AGENT_REMOVED = 5;
    FRAMEWORK_ADDED = 6; FRAMEWORK_UPDATED = 7; FRAMEWORK_REMOVED = 8; HEARTBEAT = 9;
  }
  message Subscribed {
    optional master.Response.GetState get_state = 1;
    optional double heartbeat_interval_seconds = 2;
  }
  message TaskAdded {
    required Task task = 1;
  }
  message TaskUpdated {
    required FrameworkID framework_id = 1;
    required TaskStatus status = 2;
    required TaskState state = 3;
  }
  message FrameworkAdded {
    required master.Response.GetFrameworks.Framework framework = 1;
  }
  message FrameworkUpdated {
    required master.Response.GetFrameworks.Framework framework = 1;
  }
  message FrameworkRemoved {
    required FrameworkInfo framework_info = 1;
  }
  message AgentAdded {
    required master.Response.GetAgents.Agent agent = 1;
  }
  message AgentRemoved {
    required AgentID agent_id = 1;
  }
  optional Type type = 1;
  optional Subscribed subscribed = 2;
  optional TaskAdded task_added = 3;
  optional TaskUpdated task_updated = 4;
  optional AgentAdded agent_added = 5;
  optional AgentRemoved agent_removed = 6;
  optional FrameworkAdded framework_added = 7;
  optional FrameworkUpdated framework_updated = 8;
  optional FrameworkRemoved framework_removed = 9;
}
`;
