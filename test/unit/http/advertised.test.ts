import { expect, test } from 'vitest';
import { masterInfo } from '../../../server/http/mesos/master-info.ts';

const socket = { localAddress: '::ffff:127.0.0.1', localPort: 5050 };

test('a master is where it was reached', () => {
  expect(masterInfo('id', socket)).toMatchObject({
    hostname: 'localhost',
    ip: 16_777_343,
    port: 5050,
    pid: 'master@127.0.0.1:5050',
    address: { hostname: 'localhost', ip: '127.0.0.1', port: 5050 },
  });
});

test('it is where it says that it is', () => {
  expect(masterInfo('id', socket, { hostname: 'dawn.example', ip: '10.0.0.1', port: 80 })).toMatchObject({
    hostname: 'dawn.example',
    ip: 16_777_226,
    port: 80,
    pid: 'master@10.0.0.1:80',
    address: { hostname: 'dawn.example', ip: '10.0.0.1', port: 80 },
  });
  expect(masterInfo('id', socket, { hostname: 'dawn.example' })).toMatchObject({
    hostname: 'dawn.example',
    pid: 'master@127.0.0.1:5050',
  });
});
