import { expect, test } from 'vitest';
import { NOTHING_MORE } from '../../../server/agent/docker/policy.ts';
import { containerSpec } from '../../../server/agent/docker/spec.ts';
import type { ContainerInfo, TaskInfo } from '../../../shared/mesos/v1.ts';
import { toMesos } from '../../../shared/resources.ts';
import { run } from './agent-fixtures.ts';

const OPTIONS = {
  agentKey: 'key',
  defaultImage: 'busybox',
  cpus: 2,
  memoryBytes: 16 * 1024 ** 3,
  policy: NOTHING_MORE,
};
const spec = (more: Partial<TaskInfo> = {}) => containerSpec(run('t', 'sleep 1', more), OPTIONS);
const docker = (more: Partial<NonNullable<ContainerInfo['docker']>> = {}): ContainerInfo => ({
  type: 'DOCKER',
  docker: { image: 'nginx:1', ...more },
});

test('nothing of the host: no privileges, no new ones, no raw sockets, its own init, no restarts by the engine', () => {
  const { HostConfig } = spec({ container: docker() });
  expect(HostConfig).toMatchObject({
    Privileged: false,
    SecurityOpt: ['no-new-privileges'],
    CapDrop: ['NET_RAW'],
    Init: true,
    AutoRemove: false,
    RestartPolicy: { Name: 'no' },
    PidsLimit: 1024,
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
  });
  for (const field of ['CapAdd', 'Devices', 'PidMode', 'IpcMode', 'UsernsMode', 'VolumesFrom'])
    expect(HostConfig).not.toHaveProperty(field);
});

test('memory is a limit without swap; cores are at least what the engine takes and at most what it has', () => {
  const limits = (cpusMilli: number, memMb: number) =>
    spec({ resources: toMesos({ cpusMilli, memMb, diskMb: 0, gpus: 0, ports: [] }) }).HostConfig;
  expect(limits(500, 64)).toMatchObject({ Memory: 64 << 20, MemorySwap: 64 << 20, NanoCpus: 5e8 });
  // Mesos's own minima.
  expect(limits(1, 1)).toMatchObject({ Memory: 32 << 20, MemorySwap: 32 << 20, NanoCpus: 1e7, CpuShares: 2 });
  expect(limits(64_000, 64)).toMatchObject({ NanoCpus: 2e9, CpuShares: 65_536 });
});

test('limits above what is requested: what is requested stays reserved, and null is JSON for no limit', () => {
  const limits = (cpus: number | null, mem: number | null) =>
    spec({
      resources: toMesos({ cpusMilli: 500, memMb: 64, diskMb: 0, gpus: 0, ports: [] }),
      limits: { cpus: { value: cpus }, mem: { value: mem } },
    }).HostConfig;
  // 64 MB are 4 thousandths of 16 GB: it goes early when memory runs out.
  const above = { CpuShares: 512, MemoryReservation: 64 << 20, OomScoreAdj: 997 };
  expect(limits(1, 128)).toMatchObject({ ...above, NanoCpus: 1e9, Memory: 128 << 20, MemorySwap: 128 << 20 });
  const endless = limits(null, null);
  expect(endless).toMatchObject(above);
  for (const field of ['NanoCpus', 'Memory', 'MemorySwap']) expect(endless).not.toHaveProperty(field);
  expect(limits(0.5, 64)).not.toHaveProperty('OomScoreAdj');
});

test('a shell line replaces the entrypoint; words without an image are exact, with one they are given to its entrypoint', () => {
  expect(spec()).toMatchObject({ Entrypoint: ['/bin/sh'], Cmd: ['-c', 'sleep 1'] });
  const command = { shell: false, value: '/bin/echo', arguments: ['echo', 'a b'] };
  expect(spec({ command })).toMatchObject({ Entrypoint: ['/bin/echo'], Cmd: ['a b'] });
  const words = spec({ command, container: docker() });
  expect(words.Cmd).toEqual(['/bin/echo', 'echo', 'a b']);
  expect(words).not.toHaveProperty('Entrypoint');
  const own = spec({ command: { shell: false }, container: docker() });
  expect(own).not.toHaveProperty('Entrypoint');
  expect(own).not.toHaveProperty('Cmd');
});

test('the image is the task’s, else the agent’s', () => {
  expect(spec({ container: docker() }).Image).toBe('nginx:1');
  expect(spec().Image).toBe('busybox');
});

test('the environment and the user are the job’s; without a user the image decides', () => {
  const command = {
    value: 'true',
    user: 'nobody',
    environment: { variables: [{ name: 'A', value: 'b=c' }] },
  };
  const name = 'MESOS_CONTAINER_NAME=dawn-t';
  expect(spec({ command })).toMatchObject({ Env: [name, 'A=b=c'], User: 'nobody' });
  expect(spec()).not.toHaveProperty('User');
  expect(spec().Env).toEqual([name]);
});

test('ports are mapped as told; a task without a container has its own ports', () => {
  const mapped = spec({
    container: docker({ port_mappings: [{ host_port: 31000, container_port: 53, protocol: 'udp' }] }),
  });
  expect(mapped.HostConfig?.PortBindings).toEqual({ '53/udp': [{ HostPort: '31000' }] });
  expect(mapped.ExposedPorts).toEqual({ '53/udp': {} });
  const own = spec({
    resources: toMesos({ cpusMilli: 1, memMb: 8, diskMb: 0, gpus: 0, ports: [[31000, 31001]] }),
  });
  expect(own.HostConfig?.PortBindings).toEqual({
    '31000/tcp': [{ HostPort: '31000' }],
    '31001/tcp': [{ HostPort: '31001' }],
  });
  expect(spec().HostConfig).not.toHaveProperty('PortBindings');
});

test.each([
  ['HOST', 'host'],
  ['NONE', 'none'],
  ['BRIDGE', 'bridge'],
  ['USER', 'mine'],
  [undefined, 'host'],
] as const)('network %s is %s', (network, mode) => {
  const container = {
    ...docker(network === undefined ? {} : { network }),
    network_infos: [{ name: 'mine' }],
  };
  expect(spec({ container }).HostConfig?.NetworkMode).toBe(mode);
});

test('volumes are read-only unless they say RW', () => {
  const volumes = (['RO', 'RW'] as const).map((mode) => ({ host_path: '/h', container_path: '/c', mode }));
  expect(spec({ container: { ...docker(), volumes } }).HostConfig?.Binds).toEqual(['/h:/c:ro', '/h:/c:rw']);
});

test('labels: ours only, and a job cannot claim another task or agent', () => {
  const labels = {
    labels: [
      { key: 'dawn.job', value: 'role/env/job' },
      { key: 'dawn.task', value: 'another' },
      { key: 'dawn.agent', value: 'another' },
      { key: 'com.docker.x', value: 'y' },
    ],
  };
  expect(spec({ labels }).Labels).toEqual({
    'dawn.job': 'role/env/job',
    'dawn.task': 't',
    'dawn.container': 't',
    'dawn.agent': 'key',
  });
});
