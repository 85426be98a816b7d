import { expect, test } from 'vitest';
import { engineAddress } from '../../../server/agent/detect.ts';
import { parseAddress } from '../../../server/agent/docker/engine.ts';
import { withMachine } from '../../../server/agent/machine.ts';
import { parseMesosAttributes, parseMesosResources } from '../../../shared/mesos/flags.ts';

test('addresses of engines', () => {
  expect(parseAddress('unix:///run/docker.sock')).toEqual({ socketPath: '/run/docker.sock' });
  expect(parseAddress('tcp://10.0.0.1:2375')).toEqual({ host: '10.0.0.1', port: 2375 });
});

test.each(['', 'unix://', 'unix://relative', 'tcp://host', 'ssh://me@host', '/run/docker.sock'])(
  'the address "%s" is refused',
  (text) => {
    expect(() => parseAddress(text)).toThrow('no address of a Docker engine');
  },
);

test('the flag beats whatever the environment says', () => {
  expect(engineAddress('tcp://flag:1')).toEqual({ address: { host: 'flag', port: 1 }, from: 'tcp://flag:1' });
});

test('resources as Mesos writes them', () => {
  expect(
    parseMesosResources('cpus:1.5; mem(prod/web):4096;gpus:1;ports:[32000-32001, 31000-31999];racks:{b, a};'),
  ).toEqual([
    { name: 'cpus', type: 'SCALAR', scalar: { value: 1.5 } },
    { name: 'mem', type: 'SCALAR', scalar: { value: 4096 }, role: 'prod/web' },
    { name: 'gpus', type: 'SCALAR', scalar: { value: 1 } },
    {
      name: 'ports',
      type: 'RANGES',
      ranges: {
        range: [
          { begin: 32_000, end: 32_001 },
          { begin: 31_000, end: 31_999 },
        ],
      },
    },
    { name: 'racks', type: 'SET', set: { item: ['b', 'a'] } },
  ]);
  expect(parseMesosResources('')).toEqual([]);
});

test('resources as JSON, and those without a role for the default one', () => {
  const disk = { name: 'disk', type: 'SCALAR', scalar: { value: 9 }, disk: { source: { type: 'MOUNT' } } };
  const reserved = { ...disk, reservations: [{ type: 'STATIC', role: 'a' }] };
  expect(parseMesosResources(JSON.stringify([disk, reserved]), 'b')).toEqual([
    { ...disk, role: 'b' },
    reserved,
  ]);
  expect(parseMesosResources('cpus(*):1;mem:2', 'b')).toEqual([
    { name: 'cpus', type: 'SCALAR', scalar: { value: 1 }, role: '*' },
    { name: 'mem', type: 'SCALAR', scalar: { value: 2 }, role: 'b' },
  ]);
});

test.each([
  'cpus:x',
  'cpus',
  'mem:',
  'cpus:-1',
  'mem:Infinity',
  'cpus:[1-2]',
  'cpus(/a):1',
  'cpus():1',
  'cpus(a:1',
  'a b:1',
  'ports:[5-1]',
  'ports:[1-70000]',
  'ports:31000',
  'ports:[]',
  'racks:a',
  '[',
  '[{"name":"cpus"}]',
  '[{"name":"cpus","type":"SCALAR","scalar":{"value":"x"}}]',
  '[1]',
])('resources "%s" are refused', (text) => {
  expect(() => parseMesosResources(text)).toThrow('is not understood');
});

test('attributes', () => {
  expect(parseMesosAttributes('rack:r1;zone:eu:a;level:2.5;slots:[1-4, 7-8]')).toEqual([
    { name: 'rack', type: 'TEXT', text: { value: 'r1' } },
    { name: 'zone', type: 'TEXT', text: { value: 'eu:a' } },
    { name: 'level', type: 'SCALAR', scalar: { value: 2.5 } },
    {
      name: 'slots',
      type: 'RANGES',
      ranges: {
        range: [
          { begin: 1, end: 4 },
          { begin: 7, end: 8 },
        ],
      },
    },
  ]);
  for (const text of ['rack', 'rack:', ':r1', 'ra ck:r1', 'rack(a):r1', 'racks:{a}'])
    expect(() => parseMesosAttributes(text), text).toThrow('is not understood');
});

test('what is not named is what the machine has, as Mesos leaves some of it to the system', () => {
  const machine = { cpus: 8, memMb: 16_384, diskMb: 8_000 };
  const named = (text: string): object =>
    Object.fromEntries(
      withMachine(parseMesosResources(text), machine).map(({ name, role, scalar, ranges }) => [
        role === undefined ? name : `${name}(${role})`,
        scalar?.value ?? ranges?.range,
      ]),
    );
  const ports = [{ begin: 31_000, end: 32_000 }];
  expect(named('')).toEqual({ cpus: 8, mem: 15_360, disk: 4_000, ports });
  expect(named('cpus(a):2;disk:0')).toEqual({ 'cpus(a)': 2, disk: 0, mem: 15_360, ports });
});
