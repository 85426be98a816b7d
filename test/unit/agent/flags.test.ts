import { expect, test } from 'vitest';
import { engineAddress } from '../../../server/agent/detect.ts';
import { parseAddress } from '../../../server/agent/docker/engine.ts';
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
    parseMesosResources('cpus:1.5; mem:4096;disk:20480;gpus:1;ports:[32000-32001, 31000-31999];'),
  ).toEqual({
    cpusMilli: 1500,
    memMb: 4096,
    diskMb: 20_480,
    gpus: 1,
    ports: [
      [31_000, 31_999],
      [32_000, 32_001],
    ],
  });
  expect(parseMesosResources('')).toMatchObject({ cpusMilli: 0, ports: [] });
});

test.each([
  'cpus:x',
  'cpus',
  'mem:',
  'cpus:-1',
  'mem:Infinity',
  'ram:5',
  'ports:[5-1]',
  'ports:[1-70000]',
  'ports:31000',
])('resources "%s" are refused', (text) => {
  expect(() => parseMesosResources(text)).toThrow('is not understood');
});

test('attributes', () => {
  expect(parseMesosAttributes('rack:r1;zone:eu:a')).toEqual([
    { name: 'rack', type: 'TEXT', text: { value: 'r1' } },
    { name: 'zone', type: 'TEXT', text: { value: 'eu:a' } },
  ]);
  for (const text of ['rack', 'rack:', ':r1', 'ra ck:r1'])
    expect(() => parseMesosAttributes(text), text).toThrow('is not understood');
});
