import { describe, expect, test } from 'vitest';
import { NOTHING_MORE, type Policy } from '../../../server/agent/docker/policy.ts';
import { optionsProblem } from '../../../server/agent/docker/run-options.ts';
import { containerSpec } from '../../../server/agent/docker/spec.ts';
import type { ContainerInfo, Volume } from '../../../shared/mesos/v1.ts';
import { toMesos } from '../../../shared/resources.ts';
import { run, taskInfo } from './agent-fixtures.ts';

type DockerInfo = NonNullable<ContainerInfo['docker']>;

const container = (docker: Partial<DockerInfo>, more: Partial<ContainerInfo> = {}): ContainerInfo => ({
  type: 'DOCKER',
  docker: { image: 'nginx:1', ...docker },
  ...more,
});
const spec = (info: ContainerInfo, policy: Partial<Policy> = {}) =>
  containerSpec(run('t', 'true', { container: info }), {
    agentKey: 'key',
    defaultImage: 'busybox',
    cpus: 2,
    memoryBytes: 1 << 30,
    policy: { ...NOTHING_MORE, ...policy },
  });
const parameters = (key: string, value: string) => container({ parameters: [{ key, value }] });
const volume = (name: string): ContainerInfo =>
  container(
    {},
    {
      volumes: [
        { container_path: '/v', mode: 'RW', source: { type: 'DOCKER_VOLUME', docker_volume: { name } } },
      ],
    },
  );

describe('what the operator did not name is refused by name', () => {
  test.each<[string, ContainerInfo, Partial<Policy>, string]>([
    ['privileges', container({ privileged: true }), {}, '--allow-privileged'],
    ['privileges by a parameter', parameters('privileged', ''), { parameters: ['*'] }, '--allow-privileged'],
    ['a parameter', parameters('cap-add', 'SYS_ADMIN'), {}, 'cap-add'],
    [
      'another parameter than those',
      parameters('cap-add', 'SYS_ADMIN'),
      { parameters: ['label'] },
      'cap-add',
    ],
    ['a volume of the engine', volume('data'), {}, '--allow-docker-volumes'],
    ['another one', volume('data'), { dockerVolumes: ['logs'] }, 'data'],
    [
      'a directory that calls itself a volume',
      volume('/etc'),
      { dockerVolumes: ['*'] },
      'no name of a volume',
    ],
    [
      "another container's network",
      container({ network: 'USER' }, { network_infos: [{ name: 'container:other' }] }),
      {},
      'no name of a network',
    ],
  ])('%s', (_what, info, policy, word) => {
    expect(() => spec(info, policy)).toThrow(word);
  });
});

test('what the operator named is let through', () => {
  expect(spec(container({ privileged: true }), { privileged: true }).HostConfig?.Privileged).toBe(true);
  expect(spec(volume('data'), { dockerVolumes: ['data'] }).HostConfig?.Binds).toEqual(['data:/v:rw']);
});

describe('parameters are those of docker run', () => {
  const host = (key: string, value: string) => spec(parameters(key, value), { parameters: ['*'] }).HostConfig;
  test.each<[string, string, object]>([
    ['cap-add', 'NET_ADMIN', { CapAdd: ['NET_ADMIN'] }],
    ['cap-drop', 'CHOWN', { CapDrop: ['NET_RAW', 'CHOWN'] }],
    ['memory', '64m', { Memory: 64 << 20, MemorySwap: 64 << 20 }],
    ['shm-size', '1.5g', { ShmSize: 1.5 * 1024 ** 3 }],
    ['ulimit', 'nofile=1024:2048', { Ulimits: [{ Name: 'nofile', Soft: 1024, Hard: 2048 }] }],
    [
      'device',
      '/dev/fuse',
      { Devices: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'rwm' }] },
    ],
    ['network', 'none', { NetworkMode: 'none' }],
    ['tmpfs', '/run:size=64m', { Tmpfs: { '/run': 'size=64m' } }],
    ['sysctl', 'net.core.somaxconn=99', { Sysctls: { 'net.core.somaxconn': '99' } }],
    ['init', 'false', { Init: false }],
    ['cpus', '1.5', { NanoCpus: 1.5e9 }],
  ])('%s=%s', (key, value, wanted) => expect(host(key, value)).toMatchObject(wanted));

  test.each([
    ['memory', 'much', 'a size is wanted'],
    ['init', 'maybe', 'true or false'],
    ['ulimit', 'nofile', 'a whole number'],
    ['label', 'dawn.agent=other', 'own'],
    ['no-such', 'x', 'does not know the parameter no-such'],
    ['constructor', 'x', 'does not know the parameter constructor'],
  ])('%s=%s is refused', (key, value, word) => {
    expect(() => host(key, value)).toThrow(word);
  });
});

describe('what makes no sense is told in the words of Mesos', () => {
  const mapped = { port_mappings: [{ host_port: 31_005, container_port: 80 }] };
  const relative: Volume = { host_path: 'a', container_path: 'b', mode: 'RW' };
  test.each<[string, ContainerInfo, string]>([
    [
      'a port that it was not given',
      container({ network: 'BRIDGE', ...mapped }),
      'Port [31005] not included in resources',
    ],
    [
      'ports without a network',
      container({ network: 'NONE', ...mapped }),
      'Port mappings are only supported for bridge and user-defined networks',
    ],
    [
      'two networks',
      container({ network: 'USER' }, { network_infos: [{ name: 'a' }, { name: 'b' }] }),
      'Only a single network can be defined in Docker run',
    ],
    [
      'a network without a name',
      container({ network: 'USER' }, { network_infos: [{}] }),
      'No network name found in network info',
    ],
    [
      'a volume within the sandbox of itself',
      container({}, { volumes: [relative] }),
      'Both host_path and container_path of a volume are relative',
    ],
    [
      'a secret',
      container({}, { volumes: [{ container_path: '/s', mode: 'RO', source: { type: 'SECRET' } }] }),
      'Volumes of type SECRET cannot be mounted by this agent',
    ],
  ])('%s', (_what, info, message) => {
    const resources = toMesos({ cpusMilli: 1, memMb: 1, diskMb: 0, gpus: 0, ports: [[31_000, 31_001]] });
    expect(optionsProblem(taskInfo('t', 'true', { container: info, resources }))).toBe(message);
  });
});
