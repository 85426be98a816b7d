import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DawnError } from '../../../shared/errors.ts';
import { AGENT_PATH, type AgentCall, type AgentEvent } from '../../../shared/mesos/agent.ts';
import { agentCallProblem } from '../../../shared/mesos/agent-call-problem.ts';
import { agentShapeProblem } from '../../../shared/mesos/agent-call-shape.ts';
import { encodeRecord } from '../../../shared/mesos/recordio.ts';
import type { Connection } from '../../master/facts.ts';
import { principalOfRequest } from '../auth/authenticate.ts';

/** An agent that brings many tasks says them all when it registers. */
const BODY_BYTES_MAX = 32 * 1024 * 1024;
/** An agent that does not read is cut off; it subscribes anew. */
const BUFFER_BYTES_MAX = 8 * 1024 * 1024;

/** Where the stream of an agent goes. */
export interface AgentSink {
  send(event: AgentEvent): void;
  close(): void;
}

export interface AgentHub {
  open(connection: Connection, sink: AgentSink): void;
  /** @param principal of the agent, where agents are asked */
  call(connection: Connection, call: AgentCall, principal?: string): void;
  closed(connection: Connection): void;
}

/**
 * `POST /dawn/v1/agent`: SUBSCRIBE answers with a RecordIO stream of events, one record a chunk, and names it in `Mesos-Stream-Id`; every other call carries
 * that name and is accepted with 202 before its effect.
 */
export function agentEndpoint(app: FastifyInstance, hub: AgentHub): void {
  const streams = new Set<string>();
  app.route({
    method: 'POST',
    url: AGENT_PATH,
    bodyLimit: BODY_BYTES_MAX,
    handler: (request, reply) => {
      const call = readCall(request);
      if (call.type === 'SUBSCRIBE') return subscribe(streams, hub, call, request, reply);
      const stream = request.headers['mesos-stream-id'];
      if (typeof stream !== 'string' || !streams.has(stream)) {
        throw new DawnError({
          code: 'invalid_parameter',
          message: 'this call needs the Mesos-Stream-Id of a subscription that is open',
          hint: 'SUBSCRIBE again',
        });
      }
      hub.call(stream as Connection, call);
      return reply.code(202).send();
    },
  });
}

function readCall({ body }: FastifyRequest): AgentCall {
  const problem = agentCallProblem(body) ?? agentShapeProblem(body as AgentCall);
  if (problem === null) return body as AgentCall;
  const message = `Failed to validate agent call: ${problem}`;
  throw new DawnError({ code: 'invalid_parameter', message });
}

function subscribe(
  streams: Set<string>,
  hub: AgentHub,
  call: AgentCall,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const connection = randomUUID() as unknown as Connection;
  const response = reply.raw;
  reply.hijack();
  response.writeHead(200, { 'content-type': 'application/json', 'mesos-stream-id': connection });
  response.flushHeaders();
  response.socket?.setNoDelay(true);
  response.socket?.setTimeout(0);
  streams.add(connection);
  response.on('close', () => {
    streams.delete(connection);
    hub.closed(connection);
  });
  hub.open(connection, {
    send(event) {
      if (response.writableEnded || response.destroyed) return;
      response.write(encodeRecord(JSON.stringify(event)));
      if (response.writableLength > BUFFER_BYTES_MAX) response.destroy();
    },
    close: () => response.end(),
  });
  hub.call(connection, call, principalOfRequest(request.raw));
  return reply;
}
