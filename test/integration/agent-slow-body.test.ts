import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { agentEndpoint } from '../../server/agent/endpoint.ts';

let server: Server;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test.each(['application/json', 'application/recordio'])(
  'a body of %s that does not come whole ends its connection, whatever the path',
  async (type) => {
    const tasks = (): never => expect.fail('nobody asks for tasks');
    server = agentEndpoint({ tasks, hosts: [], before: () => true, requestMsMax: 20 });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `POST /state HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: 9\r\n\r\nhalf`,
    );
    await once(socket.resume(), 'close');
  },
);
