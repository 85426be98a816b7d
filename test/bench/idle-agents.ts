/** The other side of `agents.ts`: agents in a process of their own, who subscribe and then keep silent. */
import { connect } from 'node:net';
import { AGENT_PATH } from '../../shared/mesos/agent.ts';

export interface Idling {
  readonly port: number;
  /** What each says first. */
  readonly calls: readonly object[];
}

const IN_FLIGHT = 50;

async function subscribe({ port, calls }: Idling): Promise<void> {
  const waiting = calls.map((call) => JSON.stringify(call));
  const next = (): Promise<void> | undefined => {
    const body = waiting.pop();
    if (body === undefined) return undefined;
    return new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        const head = `POST ${AGENT_PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
        socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      });
      let text = '';
      socket.on('error', reject).on('data', (chunk: Buffer) => {
        text = (text + chunk.toString()).slice(0, 2000);
        if (text.includes('SUBSCRIBED')) resolve();
      });
    }).then(next);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, next));
}

process.once('message', (idling) => {
  void subscribe(idling as Idling).then(() => process.send?.('subscribed'));
});
