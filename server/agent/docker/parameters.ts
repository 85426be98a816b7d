/** `DockerInfo.parameters`: what Mesos passes on to `docker run` as `--key=value`, in the engine's own words. */
import type Docker from 'dockerode';
import { LABEL_PREFIX } from './labels.ts';

type Spec = Docker.ContainerCreateOptions;
type Host = Docker.HostConfig;
type Apply = (spec: Spec, host: Host, value: string) => void;

/** Strings of a list of the host's. */
const add =
  (
    name:
      | 'CapAdd'
      | 'CapDrop'
      | 'Dns'
      | 'DnsSearch'
      | 'DnsOptions'
      | 'ExtraHosts'
      | 'GroupAdd'
      | 'SecurityOpt'
      | 'VolumesFrom'
      | 'Binds',
  ): Apply =>
  (_spec, host, value) => {
    host[name] = [...((host[name] as string[] | undefined) ?? []), value];
  };
const say =
  (
    name:
      | 'IpcMode'
      | 'PidMode'
      | 'UTSMode'
      | 'UsernsMode'
      | 'NetworkMode'
      | 'Runtime'
      | 'CpusetCpus'
      | 'CpusetMems'
      | 'CgroupParent'
      | 'VolumeDriver',
  ): Apply =>
  (_spec, host, value) => {
    host[name] = value;
  };
const count =
  (name: 'CpuShares' | 'OomScoreAdj' | 'PidsLimit' | 'MemorySwappiness'): Apply =>
  (_spec, host, value) => {
    host[name] = wholeOf(value);
  };
const size =
  (name: 'MemoryReservation' | 'MemorySwap' | 'ShmSize'): Apply =>
  (_spec, host, value) => {
    host[name] = bytesOf(value);
  };

const KNOWN: Readonly<Record<string, Apply>> = {
  'add-host': add('ExtraHosts'),
  'cap-add': add('CapAdd'),
  'cap-drop': add('CapDrop'),
  'cgroup-parent': say('CgroupParent'),
  'cpu-shares': count('CpuShares'),
  cpus: (_spec, host, value) => {
    host.NanoCpus = Math.round(numberOf(value) * 1e9);
  },
  'cpuset-cpus': say('CpusetCpus'),
  'cpuset-mems': say('CpusetMems'),
  device: (_spec, host, value) => {
    const [from = '', to = from, how = 'rwm'] = value.split(':');
    host.Devices = [
      ...(host.Devices ?? []),
      { PathOnHost: from, PathInContainer: to, CgroupPermissions: how },
    ];
  },
  dns: add('Dns'),
  'dns-opt': add('DnsOptions'),
  'dns-option': add('DnsOptions'),
  'dns-search': add('DnsSearch'),
  entrypoint: (spec, _host, value) => {
    spec.Entrypoint = [value];
  },
  env: (spec, _host, value) => {
    spec.Env = [...(spec.Env ?? []), value];
  },
  'group-add': add('GroupAdd'),
  hostname: (spec, _host, value) => {
    spec.Hostname = value;
  },
  init: (_spec, host, value) => {
    host.Init = booleanOf(value);
  },
  ipc: say('IpcMode'),
  label: (spec, _host, value) => {
    const [key, text] = pairOf(value);
    if (key.startsWith(LABEL_PREFIX)) throw new Error('such labels are the agent’s own');
    spec.Labels = { ...spec.Labels, [key]: text };
  },
  'log-driver': (_spec, host, value) => {
    // What one driver is told is nothing to another.
    host.LogConfig = { Type: value, Config: {} };
  },
  'log-opt': (_spec, host, value) => {
    const [key, text] = pairOf(value);
    host.LogConfig = { Type: host.LogConfig?.Type ?? '', Config: { ...host.LogConfig?.Config, [key]: text } };
  },
  memory: (_spec, host, value) => {
    host.Memory = bytesOf(value);
    host.MemorySwap = host.Memory;
  },
  'memory-reservation': size('MemoryReservation'),
  'memory-swap': size('MemorySwap'),
  'memory-swappiness': count('MemorySwappiness'),
  net: say('NetworkMode'),
  network: say('NetworkMode'),
  'oom-kill-disable': (_spec, host, value) => {
    host.OomKillDisable = booleanOf(value);
  },
  'oom-score-adj': count('OomScoreAdj'),
  pid: say('PidMode'),
  'pids-limit': count('PidsLimit'),
  privileged: (_spec, host, value) => {
    host.Privileged = booleanOf(value);
  },
  'read-only': (_spec, host, value) => {
    host.ReadonlyRootfs = booleanOf(value);
  },
  runtime: say('Runtime'),
  'security-opt': add('SecurityOpt'),
  'shm-size': size('ShmSize'),
  'stop-signal': (spec, _host, value) => {
    spec.StopSignal = value;
  },
  sysctl: (_spec, host, value) => {
    const [key, text] = pairOf(value);
    host.Sysctls = { ...host.Sysctls, [key]: text };
  },
  tmpfs: (_spec, host, value) => {
    const [path = '', ...how] = value.split(':');
    host.Tmpfs = { ...(host.Tmpfs as Record<string, string> | undefined), [path]: how.join(':') };
  },
  ulimit: (_spec, host, value) => {
    const [Name, limits] = pairOf(value);
    const [soft = '', hard = soft] = limits.split(':');
    host.Ulimits = [
      ...((host.Ulimits as object[] | undefined) ?? []),
      { Name, Soft: wholeOf(soft), Hard: wholeOf(hard) },
    ];
  },
  user: (spec, _host, value) => {
    spec.User = value;
  },
  userns: say('UsernsMode'),
  uts: say('UTSMode'),
  volume: add('Binds'),
  'volume-driver': say('VolumeDriver'),
  'volumes-from': add('VolumesFrom'),
  workdir: (spec, _host, value) => {
    spec.WorkingDir = value;
  },
};

/** The spec with parameters, a later one over an earlier one. @throws Error that names the parameter which is not understood */
export function applyParameters(
  spec: Spec,
  parameters: readonly { readonly key: string; readonly value: string }[],
): Spec {
  const host: Host = { ...spec.HostConfig };
  const whole: Spec = { ...spec, HostConfig: host };
  for (const { key, value } of parameters) {
    const apply = Object.hasOwn(KNOWN, key) ? KNOWN[key] : undefined;
    if (!apply) throw new Error(`this agent does not know the parameter ${key}`);
    try {
      apply(whole, host, value);
    } catch (error) {
      throw new Error(`the parameter ${key}=${value} is not understood: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  return whole;
}

/** A flag without a value is a flag that is set. */
function booleanOf(value: string): boolean {
  if (['', '1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false;
  throw new Error('true or false is wanted');
}

function numberOf(value: string): number {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  throw new Error('a number is wanted');
}

function wholeOf(value: string): number {
  if (/^-?\d+$/.test(value)) return Number(value);
  throw new Error('a whole number is wanted');
}

/** `64m`, of 1024 each; -1 is no limit. */
function bytesOf(value: string): number {
  if (value === '-1') return -1;
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(value) ?? [];
  if (number === undefined) throw new Error('a size is wanted, like 64m');
  return Math.floor(Number(number) * 1024 ** Math.max(0, 'bkmgt'.indexOf(unit.toLowerCase() || 'b')));
}

function pairOf(value: string): [key: string, text: string] {
  const at = value.indexOf('=');
  return at < 0 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)];
}
