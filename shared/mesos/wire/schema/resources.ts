/** Agents, resources, attributes, offers and operations on them. Field names and numbers are Mesos's own. */
export const RESOURCES = `
package mesos.v1;

message AgentInfo {
  message Capability {
    enum Type {
      UNKNOWN = 0; MULTI_ROLE = 1; HIERARCHICAL_ROLE = 2; RESERVATION_REFINEMENT = 3; RESOURCE_PROVIDER = 4;
      RESIZE_VOLUME = 5; AGENT_OPERATION_FEEDBACK = 6; AGENT_DRAINING = 7; TASK_RESOURCE_LIMITS = 8;
    }
    optional Type type = 1;
  }
  required string hostname = 1;
  repeated Resource resources = 3;
  repeated Attribute attributes = 5;
  optional AgentID id = 6;
  optional bool checkpoint = 7 [default = false, deprecated = true];
  optional int32 port = 8 [default = 5051];
  optional DomainInfo domain = 10;
}

message Value {
  enum Type {
    SCALAR = 0; RANGES = 1; SET = 2; TEXT = 3;
  }
  message Scalar {
    required double value = 1;
  }
  message Range {
    required uint64 begin = 1;
    required uint64 end = 2;
  }
  message Ranges {
    repeated Value.Range range = 1;
  }
  message Set {
    repeated string item = 1;
  }
  message Text {
    required string value = 1;
  }
  required Type type = 1;
  optional Scalar scalar = 2;
  optional Ranges ranges = 3;
  optional Set set = 4;
  optional Text text = 5;
}

message Attribute {
  required string name = 1;
  required Value.Type type = 2;
  optional Value.Scalar scalar = 3;
  optional Value.Ranges ranges = 4;
  optional Value.Text text = 5;
  optional Value.Set set = 6;
}

message Resource {
  message AllocationInfo {
    optional string role = 1;
  }
  message ReservationInfo {
    enum Type {
      UNKNOWN = 0; STATIC = 1; DYNAMIC = 2;
    }
    optional string principal = 1;
    optional Labels labels = 2;
    optional string role = 3;
    optional Type type = 4;
  }
  message DiskInfo {
    message Persistence {
      required string id = 1;
      optional string principal = 2;
    }
    message Source {
      enum Type {
        UNKNOWN = 0; PATH = 1; MOUNT = 2; BLOCK = 3; RAW = 4;
      }
      message Path {
        optional string root = 1;
      }
      message Mount {
        optional string root = 1;
      }
      required Type type = 1;
      optional Path path = 2;
      optional Mount mount = 3;
      optional string id = 4;
      optional Labels metadata = 5;
      optional string profile = 6;
      optional string vendor = 7;
    }
    optional Persistence persistence = 1;
    optional Volume volume = 2;
    optional Source source = 3;
  }
  message RevocableInfo {}
  message SharedInfo {}
  required string name = 1;
  required Value.Type type = 2;
  optional Value.Scalar scalar = 3;
  optional Value.Ranges ranges = 4;
  optional Value.Set set = 5;
  optional string role = 6 [default = "*", deprecated = true];
  optional DiskInfo disk = 7;
  optional ReservationInfo reservation = 8;
  optional RevocableInfo revocable = 9;
  optional SharedInfo shared = 10;
  optional AllocationInfo allocation_info = 11;
  optional ResourceProviderID provider_id = 12;
  repeated ReservationInfo reservations = 13;
}

message OfferFilters {
  message ResourceQuantities {
    map<string, Value.Scalar> quantities = 1;
  }
  message MinAllocatableResources {
    repeated OfferFilters.ResourceQuantities quantities = 1;
  }
  optional MinAllocatableResources min_allocatable_resources = 1;
}

message Request {
  optional AgentID agent_id = 1;
  repeated Resource resources = 2;
}

message Offer {
  message Operation {
    enum Type {
      UNKNOWN = 0; LAUNCH = 1; LAUNCH_GROUP = 6; RESERVE = 2; UNRESERVE = 3; CREATE = 4; DESTROY = 5;
      GROW_VOLUME = 11; SHRINK_VOLUME = 12; CREATE_DISK = 13; DESTROY_DISK = 14;
    }
    message Launch {
      repeated TaskInfo task_infos = 1;
    }
    message LaunchGroup {
      required ExecutorInfo executor = 1;
      required TaskGroupInfo task_group = 2;
    }
    message Reserve {
      repeated Resource resources = 1;
      repeated Resource source = 2;
    }
    message Unreserve {
      repeated Resource resources = 1;
    }
    message Create {
      repeated Resource volumes = 1;
    }
    message Destroy {
      repeated Resource volumes = 1;
    }
    message GrowVolume {
      required Resource volume = 1;
      required Resource addition = 2;
    }
    message ShrinkVolume {
      required Resource volume = 1;
      required Value.Scalar subtract = 2;
    }
    message CreateDisk {
      required Resource source = 1;
      required Resource.DiskInfo.Source.Type target_type = 2;
      optional string target_profile = 3;
    }
    message DestroyDisk {
      required Resource source = 1;
    }
    optional Type type = 1;
    optional Launch launch = 2;
    optional Reserve reserve = 3;
    optional Unreserve unreserve = 4;
    optional Create create = 5;
    optional Destroy destroy = 6;
    optional LaunchGroup launch_group = 7;
    optional OperationID id = 12;
    optional GrowVolume grow_volume = 13;
    optional ShrinkVolume shrink_volume = 14;
    optional CreateDisk create_disk = 15;
    optional DestroyDisk destroy_disk = 16;
  }
  required OfferID id = 1;
  required FrameworkID framework_id = 2;
  required AgentID agent_id = 3;
  required string hostname = 4;
  repeated Resource resources = 5;
  repeated ExecutorID executor_ids = 6;
  repeated Attribute attributes = 7;
  optional URL url = 8;
  optional Unavailability unavailability = 9;
  optional Resource.AllocationInfo allocation_info = 10;
  optional DomainInfo domain = 11;
}

message InverseOffer {
  required OfferID id = 1;
  optional URL url = 2;
  required FrameworkID framework_id = 3;
  optional AgentID agent_id = 4;
  required Unavailability unavailability = 5;
  repeated Resource resources = 6;
}
`;
