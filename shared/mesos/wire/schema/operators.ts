/** Maintenance, quota, inverse offers. Field names and numbers are Mesos's own. */
export const OPERATORS = `
package mesos.v1.maintenance;

message Window {
  repeated MachineID machine_ids = 1;
  required Unavailability unavailability = 2;
}

message Schedule {
  repeated maintenance.Window windows = 1;
}

message ClusterStatus {
  message DrainingMachine {
    required MachineID id = 1;
    repeated allocator.InverseOfferStatus statuses = 2;
  }
  repeated DrainingMachine draining_machines = 1;
  repeated MachineID down_machines = 2;
}

package mesos.v1.quota;

message QuotaInfo {
  optional string role = 1;
  optional string principal = 2;
  repeated Resource guarantee = 3;
}

message QuotaRequest {
  optional bool force = 1;
  optional string role = 2;
  repeated Resource guarantee = 3;
}

message QuotaConfig {
  required string role = 1;
  map<string, Value.Scalar> guarantees = 2;
  map<string, Value.Scalar> limits = 3;
}

message QuotaStatus {
  repeated quota.QuotaInfo infos = 1 [deprecated = true];
  repeated quota.QuotaConfig configs = 2;
}

package mesos.v1.allocator;

message InverseOfferStatus {
  enum Status {
    UNKNOWN = 1; ACCEPT = 2; DECLINE = 3;
  }
  required Status status = 1;
  required FrameworkID framework_id = 2;
  required TimeInfo timestamp = 3;
}

package google.protobuf;

message Duration {
  optional int64 seconds = 1;
  optional int32 nanos = 2;
}
`;
