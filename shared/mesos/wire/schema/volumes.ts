/** Volumes of containers. Field names and numbers are Mesos's own. */
export const VOLUMES = `
package mesos.v1;

message Volume {
  enum Mode {
    RW = 1; RO = 2;
  }
  message Source {
    enum Type {
      UNKNOWN = 0; DOCKER_VOLUME = 1; HOST_PATH = 4; SANDBOX_PATH = 2; SECRET = 3; CSI_VOLUME = 5;
    }
    message DockerVolume {
      optional string driver = 1;
      required string name = 2;
      optional Parameters driver_options = 3;
    }
    message HostPath {
      required string path = 1;
      optional MountPropagation mount_propagation = 2;
    }
    message SandboxPath {
      enum Type {
        UNKNOWN = 0; SELF = 1; PARENT = 2;
      }
      optional Type type = 1;
      required string path = 2;
    }
    message CSIVolume {
      message VolumeCapability {
        message BlockVolume {}
        message MountVolume {
          optional string fs_type = 1;
          repeated string mount_flags = 2;
        }
        message AccessMode {
          enum Mode {
            UNKNOWN = 0; SINGLE_NODE_WRITER = 1; SINGLE_NODE_READER_ONLY = 2; MULTI_NODE_READER_ONLY = 3;
            MULTI_NODE_SINGLE_WRITER = 4; MULTI_NODE_MULTI_WRITER = 5;
          }
          required Mode mode = 1;
        }
        optional BlockVolume block = 1;
        optional MountVolume mount = 2;
        required AccessMode access_mode = 3;
      }
      message StaticProvisioning {
        required string volume_id = 1;
        required VolumeCapability volume_capability = 2;
        map<string, Secret> node_stage_secrets = 3;
        map<string, Secret> node_publish_secrets = 4;
        map<string, string> volume_context = 5;
      }
      required string plugin_name = 1;
      optional StaticProvisioning static_provisioning = 2;
    }
    optional Type type = 1;
    optional DockerVolume docker_volume = 2;
    optional SandboxPath sandbox_path = 3;
    optional Secret secret = 4;
    optional HostPath host_path = 5;
    optional CSIVolume csi_volume = 6;
  }
  required string container_path = 1;
  optional string host_path = 2;
  required Mode mode = 3;
  optional Image image = 4;
  optional Source source = 5;
}
`;
