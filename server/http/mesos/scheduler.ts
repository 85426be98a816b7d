import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Call, Event } from '../../../shared/mesos/scheduler.ts';
import type { MediaType } from '../../../shared/mesos/wire/codec.ts';
import type { Clock } from '../../engine/clock.ts';
import { principalOfRequest } from '../auth/authenticate.ts';
import { callProblem } from '../../master/call-problem.ts';
import type { CallAnswer, Connection } from '../../master/facts.ts';
import { toCall } from './call.ts';
import { type Advertised, masterInfo } from './master-info.ts';
import { ACCEPT_PROBLEM, acceptedType } from '../../libprocess/media-type.ts';
import { readMessage } from '../../libprocess/read-message.ts';
import { RecordEncoder } from '../../libprocess/record-encoder.ts';
import { begin, sendEmpty, sendText, type MesosHandler } from '../../libprocess/respond.ts';

/** Mesos's heartbeat; `heartbeat_interval_seconds` of SUBSCRIBED says so. */
const HEARTBEAT_MS = 15_000;
/** A framework that does not read is cut off; it subscribes anew. */
const BUFFER_BYTES_MAX = 8 * 1024 * 1024;
const HEARTBEAT: Event = { type: 'HEARTBEAT' };

/** Where the events of a framework go. */
export interface FrameworkSink {
  send(event: Event): void;
  close(): void;
}

export interface FrameworkHub {
  /** The stream of a SUBSCRIBE that follows. */
  open(connection: Connection, sink: FrameworkSink): void;
  /**
   * A call on a stream: the id that came with it, empty where none did. Resolves when the master has decided and the decision is durable; of a SUBSCRIBE, whose
   * answer is on the stream, at once.
   * @param principal of whoever sent it, where everybody is asked
   */
  call(connection: Connection, call: Call, principal?: string): Promise<CallAnswer>;
  closed(connection: Connection): void;
}

export interface SchedulerParts {
  readonly hub: FrameworkHub;
  readonly masterId: string;
  readonly advertised?: Advertised | undefined;
  readonly clock: Clock;
}

/**
 * `POST /api/v1/scheduler`. In Mesos's order: method, type of the body, its text, its fields, and only then who sent it. SUBSCRIBE answers with a stream of RecordIO, one
 * record a chunk; what the master has against it comes as an ERROR event there.
 */
export function schedulerEndpoint(parts: SchedulerParts): MesosHandler {
  const encoder = new RecordEncoder<Event>('mesos.v1.scheduler.Event');
  return async (request, response) => {
    const call = await readCall(request, response);
    if (!call) return;
    const given = request.headers['mesos-stream-id'];
    if (call.type !== 'SUBSCRIBE') {
      const stream = (given ?? '') as unknown as Connection;
      const answer = await parts.hub.call(stream, call, principalOfRequest(request));
      return answer.message === undefined && answer.status < 300
        ? sendEmpty(response, answer.status)
        : sendText(response, answer.status, answer.message);
    }
    const type = acceptedType(request.headers.accept);
    if (!type) return sendText(response, 406, ACCEPT_PROBLEM);
    if (given !== undefined)
      return sendText(response, 400, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
    stream(parts, encoder, type, call, response);
  };
}

/** Undefined: refused, and answered. */
async function readCall(request: IncomingMessage, response: ServerResponse): Promise<Call | undefined> {
  const read = await readMessage(request, response, 'mesos.v1.scheduler.Call');
  if (!read) return undefined;
  const principal = principalOfRequest(request);
  const problem = callProblem(read.message, principal);
  if (problem === null) return withPrincipal(toCall(read.message), principal);
  sendText(response, 400, `Failed to validate scheduler::Call: ${problem}`);
  return undefined;
}

/** A framework that does not say whose it is belongs to whoever sent it. */
function withPrincipal(call: Call, principal: string | undefined): Call {
  if (call.type !== 'SUBSCRIBE' || principal === undefined) return call;
  const { framework_info: info } = call.subscribe;
  return { ...call, subscribe: { ...call.subscribe, framework_info: { ...info, principal } } };
}

/** From here on whatever is said is said on the stream. It ends with the response, whichever side ends that. */
function stream(
  { hub, masterId, clock, advertised }: SchedulerParts,
  encoder: RecordEncoder<Event>,
  type: MediaType,
  call: Call,
  response: ServerResponse,
): void {
  const connection = randomUUID() as unknown as Connection;
  const info = response.socket && masterInfo(masterId, response.socket, advertised);
  let stopBeat = (): void => undefined;
  const write = (event: Event): void => {
    if (response.writableEnded || response.destroyed) return;
    response.write(encoder.encode(event, type));
    if (response.writableLength > BUFFER_BYTES_MAX) response.destroy();
  };
  const beat = (): void => {
    stopBeat = clock.at(clock.now() + HEARTBEAT_MS, () => {
      write(HEARTBEAT);
      beat();
    });
  };
  begin(response);
  response.writeHead(200, { 'Mesos-Stream-Id': connection, 'Content-Type': type });
  response.flushHeaders();
  response.socket?.setNoDelay(true);
  response.socket?.setTimeout(0);
  response.on('close', () => {
    stopBeat();
    hub.closed(connection);
  });
  hub.open(connection, {
    send(event) {
      if (event.type !== 'SUBSCRIBED' || !info) return write(event);
      write({ type: 'SUBSCRIBED', subscribed: { ...event.subscribed, master_info: info } });
      beat();
    },
    close: () => response.end(),
  });
  void hub.call(connection, call);
}
