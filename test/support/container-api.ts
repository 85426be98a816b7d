/** An agent's API for containers, on a server of its own: what `mesos task exec` and its like say to it. */
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Access } from '../../server/agent/api/access.ts';
import { type ApiParts, callsEndpoint } from '../../server/agent/api/calls.ts';
import type { Containerizer } from '../../server/agent/containerizer.ts';
import { agentEndpoint } from '../../server/agent/endpoint.ts';
import { AloneContainers } from '../../server/agent/nested/alone.ts';
import { NestedContainers } from '../../server/agent/nested/nested.ts';
import { type AgentState, memoryState } from '../../server/agent/state.ts';
import { mesosDoor } from '../../server/libprocess/door.ts';
import { encodeRecord, RecordDecoder } from '../../shared/mesos/recordio.ts';
import { heldTask, status } from '../unit/agent/agent-fixtures.ts';

/** Records of a stream of output. */
interface Io {
  readonly type: string;
  readonly data?: { readonly type: string; readonly data: string };
}

/** A container that was started beside another one. */
export const nestedId = (value: string, parent: string) => ({ value, parent: { value: parent } });

const STREAMED = { accept: 'application/recordio', 'message-accept': 'application/json' };

export class ContainerApi {
  readonly state: AgentState = memoryState();
  readonly nested: NestedContainers;
  readonly alone: AloneContainers;
  private readonly server: Server;

  /** @param access of whoever asks */
  constructor(
    containerizer: Containerizer,
    runsCommands = true,
    access: (request: IncomingMessage) => Access = () => new Access(undefined, undefined),
  ) {
    const { state } = this;
    this.nested = new NestedContainers(state, containerizer);
    this.alone = new AloneContainers({ state, containerizer, preparation: undefined });
    const containers = { state, nested: this.nested, alone: this.alone, containerizer, runsCommands };
    const parts = { state, containers, access, clock: { now: () => 0 } };
    const routes = new Map([['api/v1', callsEndpoint(parts as unknown as ApiParts)]]);
    this.server = agentEndpoint({
      tasks: () => ({ containerizer, placeOf: () => undefined }),
      hosts: [],
      before: mesosDoor({
        process: 'slave(1)',
        routes,
        hosts: [],
        log: (message, detail) => {
          throw new Error(`${message}: ${JSON.stringify(detail)}`);
        },
      }),
    });
  }

  async open(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async close(): Promise<void> {
    await this.nested.close();
    this.server.closeAllConnections();
    this.server.close();
  }

  /** A task whose container has its id runs, for the agent. */
  holds(id: string): void {
    this.state.addTask({ ...heldTask(id, status(id, 'TASK_RUNNING', 'u')), container: id }, []);
  }

  /** A call as `LAUNCH_CONTAINER`, with the field of its name. */
  send(type: string, field: object, headers: Record<string, string> = {}): ClientRequest {
    const request = this.request({ 'content-type': 'application/json', ...headers });
    request.end(JSON.stringify({ type, [type.toLowerCase()]: field }));
    return request;
  }

  /** Status and text of the answer, in JSON if it is that. */
  async call(
    type: string,
    field: object,
    headers: Record<string, string> = {},
  ): Promise<readonly [number, unknown]> {
    return answerTo(this.send(type, field, headers));
  }

  /** LAUNCH_NESTED_CONTAINER_SESSION, ATTACH_CONTAINER_OUTPUT */
  async stream(type: string, field: object): Promise<OutputStream> {
    const request = this.send(type, field, STREAMED);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return new OutputStream(response);
  }

  /** ATTACH_CONTAINER_INPUT, with its first records. */
  input(records: readonly object[], headers: Record<string, string> = {}): ClientRequest {
    const request = this.request({
      'content-type': 'application/recordio',
      'message-content-type': 'application/json',
      ...headers,
    });
    for (const each of records) request.write(inputRecord(each));
    return request;
  }

  private request(headers: Record<string, string>): ClientRequest {
    const { port } = this.server.address() as AddressInfo;
    const request = httpRequest({ host: '127.0.0.1', port, path: '/api/v1', method: 'POST', headers });
    request.on('error', () => undefined);
    return request;
  }
}

export function inputRecord(attach_container_input: object): Buffer {
  return encodeRecord(JSON.stringify({ type: 'ATTACH_CONTAINER_INPUT', attach_container_input }));
}

export function stdin(text: string): object {
  const data = { type: 'STDIN', data: Buffer.from(text).toString('base64') };
  return { type: 'PROCESS_IO', process_io: { type: 'DATA', data } };
}

export async function answerTo(request: ClientRequest): Promise<readonly [number, unknown]> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const isJson = response.headers['content-type'] === 'application/json';
  return [response.statusCode ?? 0, isJson ? JSON.parse(text) : text];
}

/** What a container writes, as it comes. */
export class OutputStream {
  readonly response: IncomingMessage;
  private readonly chunks: AsyncIterator<Buffer>;
  private readonly decoder = new RecordDecoder();
  readonly text = { STDOUT: '', STDERR: '' };

  constructor(response: IncomingMessage) {
    this.response = response;
    this.chunks = (response as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** Waits until this was said on stdout; the test's deadline is the limit. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text.STDOUT))
      if (!(await this.more())) throw new Error(`it ended: ${this.text.STDOUT}`);
    return pattern.exec(this.text.STDOUT)?.[1] ?? '';
  }

  /** All of it. */
  async whole(): Promise<{ STDOUT: string; STDERR: string }> {
    while (await this.more());
    return this.text;
  }

  close(): void {
    this.response.destroy();
  }

  private async more(): Promise<boolean> {
    const { done, value } = await this.chunks.next();
    if (done === true) return false;
    const decoded = this.decoder.push(value);
    if (!decoded.ok) throw new Error(decoded.message);
    for (const record of decoded.records) {
      const { data } = JSON.parse(record) as Io;
      if (data) this.text[data.type as 'STDOUT'] += Buffer.from(data.data, 'base64').toString();
    }
    return true;
  }
}
