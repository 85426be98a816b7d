import { expect, test } from 'vitest';
import { containerSpec } from '../../../server/agent/docker/spec.ts';
import type { ContainerInfo, TaskInfo } from '../../../shared/mesos/v1.ts';
import { toMesos } from '../../../shared/resources.ts';
import { run } from './agent-fixtures.ts';

const OPTIONS = { agentKey: 'key', defaultImage: 'busybox', cpus: 2 };
const spec = (more: Partial<TaskInfo> = {}) => containerSpec(run('t', 'sleep 1', more), OPTIONS);
const docker = (more: Partial<NonNullable<ContainerInfo['docker']>> = {}): ContainerInfo => ({
  type: 'DOCKER',
  docker: { image: 'nginx:1', ...more },
});

test('nothing of the host: no privileges, no new ones, no raw sockets, its own init, no restarts by the engine', () => {
  const hostile = docker({
    privileged: true,
    parameters: [
      { key: 'privileged', value: 'true' },
      { key: 'pid', value: 'host' },
    ],
  });
  const { HostConfig } = spec({ container: hostile });
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
  expect(limits(1, 1)).toMatchObject({ Memory: 6 << 20, MemorySwap: 6 << 20, NanoCpus: 1e7 });
  expect(limits(64_000, 64)).toMatchObject({ NanoCpus: 2e9 });
});

test('a shell line replaces the entrypoint, an argv is exact, nothing leaves the image its own command', () => {
  expect(spec()).toMatchObject({ Entrypoint: ['/bin/sh', '-c', 'sleep 1'], Cmd: [] });
  expect(spec({ command: { shell: false, value: '/bin/echo', arguments: ['echo', 'a b'] } })).toMatchObject({
    Entrypoint: ['/bin/echo'],
    Cmd: ['a b'],
  });
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
  expect(spec({ command })).toMatchObject({ Env: ['A=b=c'], User: 'nobody' });
  expect(spec()).not.toHaveProperty('User');
  expect(spec().Env).toEqual([]);
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
  ['USER', 'bridge'],
] as const)('network %s is %s', (network, mode) => {
  expect(spec({ container: docker({ network }) }).HostConfig?.NetworkMode).toBe(mode);
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
