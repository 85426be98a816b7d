import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { probe } from '../../../server/agent/probe.ts';
import { run } from './agent-fixtures.ts';

let server: Server;
beforeAll(async () => {
  server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

const NO_COMMANDS = { exec: () => Promise.reject(new Error('none here')) };

test.each([
  ['HTTP', { http: { status_code: 200 } }],
  ['TCP', { tcp: { succeeded: true } }],
] as const)('%s at a port of the container is looked at where that is mapped to', async (type, seen) => {
  const { port: host_port } = server.address() as AddressInfo;
  const docker = {
    image: 'i',
    network: 'BRIDGE',
    port_mappings: [{ host_port, container_port: 1 }],
  } as const;
  const mapped = run('t', 'true', { container: { type: 'DOCKER', docker } });
  for (const port of [1, host_port])
    expect(await probe(mapped, { type, http: { port }, tcp: { port } }, 1000, NO_COMMANDS)).toEqual({
      wrong: null,
      status: seen,
    });
  const { wrong } = await probe(
    run('t', 'true'),
    { type, http: { port: 1 }, tcp: { port: 1 } },
    1000,
    NO_COMMANDS,
  );
  expect(wrong).toContain('ECONNREFUSED');
});
