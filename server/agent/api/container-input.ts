import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { RecordDecoder } from '../../../shared/mesos/recordio.ts';
import { type MediaType, decodeMessage } from '../../../shared/mesos/wire/codec.ts';
import { mediaTypeOf } from '../../libprocess/media-type.ts';
import { sendEmpty, sendText } from '../../libprocess/respond.ts';
import type { Beside } from '../containerizer.ts';
import { type ContainerId, dotted } from '../nested/container-id.ts';
import type { Feed } from '../nested/nested.ts';
import type { Access } from './access.ts';
import type { ContainerParts } from './container-calls.ts';
import type { ProcessIo } from './process-io.ts';

/** Requests that are attached to a container. */
const inputs = new WeakSet<IncomingMessage>();

interface InputCall {
  readonly type?: string;
  readonly attach_container_input?: {
    readonly type?: 'CONTAINER_ID' | 'PROCESS_IO';
    readonly container_id?: ContainerId;
    readonly process_io?: ProcessIo;
  };
}

/** Why a stream of input is not taken, or not taken on. */
class InputProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** ATTACH_CONTAINER_INPUT: a request whose body is a stream of calls; the first says which container is meant, the others what goes in. */
export async function attachInput(
  request: IncomingMessage,
  response: ServerResponse,
  parts: Pick<ContainerParts, 'nested' | 'state'>,
  access: Access,
): Promise<void> {
  let feed: Feed | undefined;
  let problem: InputProblem | undefined;
  try {
    const calls = inputCalls(request);
    const first = (await calls.next()).value;
    if (!first) throw new InputProblem(400, 'Received EOF while reading request body');
    feed = await feedOf(first, parts, access);
    inputs.add(request);
    const over = feed.ended.then(() => 'over' as const);
    for (;;) {
      const next = await Promise.race([calls.next(), over]);
      if (next === 'over' || next.done === true) break;
      await take(next.value.attach_container_input?.process_io, feed.beside);
    }
  } catch (error) {
    if (!(error instanceof InputProblem)) return void response.destroy();
    problem = error;
  } finally {
    feed?.close();
  }
  // Answered before its body is whole, nothing can follow it on the connection.
  response.shouldKeepAlive = request.complete;
  if (problem) sendText(response, problem.status, problem.message);
  else sendEmpty(response, 200);
}

/** Its body goes on for as long as the container runs. */
export function isInput(request: IncomingMessage): boolean {
  return inputs.has(request);
}

async function feedOf(
  { type, attach_container_input: call }: InputCall,
  { nested, state }: Pick<ContainerParts, 'nested' | 'state'>,
  access: Access,
): Promise<Feed> {
  if (type !== 'ATTACH_CONTAINER_INPUT')
    throw new InputProblem(
      415,
      `Streaming 'Content-Type' application/recordio is not supported for ${type} call`,
    );
  if (call?.type !== 'CONTAINER_ID' || !call.container_id)
    throw new InputProblem(400, "Expecting 'attach_container_input.type' to be CONTAINER_ID");
  if (!access.mayTouch(state, 'INPUT', call.container_id)) throw new InputProblem(403, '403 Forbidden.');
  const name = dotted(call.container_id);
  const feed = await nested.feed(call.container_id);
  if (feed === 'occupied') throw new InputProblem(409, 'Multiple input connections are not allowed');
  if (feed) return feed;
  throw new InputProblem(
    404,
    `Container ${name} cannot be found: input goes to containers that were started through this API; tasks have none`,
  );
}

/** Waits while the command does not read. */
async function take(io: ProcessIo | undefined, { stdin, resize, ended }: Beside): Promise<void> {
  const window = io?.control?.tty_info?.window_size;
  if (io?.type === 'CONTROL' && window) resize(window);
  if (io?.type !== 'DATA' || io.data?.type !== 'STDIN' || !stdin.writable) return;
  const data = Buffer.from(io.data.data ?? '', 'base64');
  if (data.length === 0) stdin.end();
  else if (!stdin.write(data)) await Promise.race([once(stdin, 'drain').catch(() => undefined), ended]);
}

async function* inputCalls(request: IncomingMessage): AsyncGenerator<InputCall> {
  const type = messageType(request);
  const decoder = new RecordDecoder();
  for await (const chunk of request as AsyncIterable<Buffer>) {
    const decoded = decoder.pushBytes(chunk);
    if (!decoded.ok) throw new InputProblem(400, decoded.message);
    for (const record of decoded.records) {
      const call = decodeMessage('mesos.v1.agent.Call', type, record);
      if (!call.ok) throw new InputProblem(400, call.problem);
      yield call.message as InputCall;
    }
  }
}

function messageType({ headers }: IncomingMessage): MediaType {
  const named = headers['message-content-type'];
  if (named === undefined)
    throw new InputProblem(400, "Expecting 'Message-Content-Type' to be set for streaming requests");
  const type = mediaTypeOf(String(named));
  if (type) return type;
  throw new InputProblem(
    415,
    "Expecting 'Message-Content-Type' of application/json or application/x-protobuf",
  );
}
