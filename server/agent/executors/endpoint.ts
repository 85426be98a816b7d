import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Subject } from '../../../shared/mesos/acls.ts';
import type { ExecutorCall, ExecutorEvent } from '../../../shared/mesos/executor.ts';
import { inDoubles } from '../../../shared/mesos/wire/doubles.ts';
import type { MediaType } from '../../../shared/mesos/wire/codec.ts';
import { ACCEPT_PROBLEM, acceptedType } from '../../libprocess/media-type.ts';
import { readMessage } from '../../libprocess/read-message.ts';
import { RecordEncoder } from '../../libprocess/record-encoder.ts';
import { type MesosHandler, begin, sendEmpty, sendText } from '../../libprocess/respond.ts';
import type { MasterLink } from '../master-link.ts';
import type { AgentState } from '../state.ts';
import { claimsProblem, executorCallProblem } from './call-problem.ts';
import type { Executors } from './executors.ts';
import type { Running } from './parts.ts';

/** An executor that does not read is cut off. */
const BUFFER_BYTES_MAX = 8 * 1024 * 1024;

interface Parts {
  /** What the token of whoever sends a request says of them; undefined: nobody is asked. */
  readonly subject: (request: IncomingMessage) => Subject | undefined;
  readonly executors: Executors;
  readonly state: AgentState;
  readonly link: MasterLink;
}

/** `POST /api/v1/executor`. In Mesos's order: method, type of the body, its text, its fields, who it is, whether it is that one, and whether it is subscribed. */
export function executorEndpoint({ executors, state, link, subject }: Parts): MesosHandler {
  const encoder = new RecordEncoder<ExecutorEvent>('mesos.v1.executor.Event');
  return async (request, response) => {
    const read = await readMessage(request, response, 'mesos.v1.executor.Call');
    if (!read) return;
    const problem = executorCallProblem(read.message);
    if (problem !== null) return sendText(response, 400, `Failed to validate Executor::Call: ${problem}`);
    const call = inDoubles(read.message) as ExecutorCall;
    const { framework_id: framework, executor_id: id } = call;
    // As in Mesos, whose own executors fill in no ids here.
    if (call.type === 'HEARTBEAT') return sendEmpty(response, 202);
    if (!executors.knowsFramework(framework.value))
      return sendText(response, 400, 'Framework cannot be found');
    const executor = executors.find(framework.value, id.value);
    if (!executor) return sendText(response, 400, 'Executor cannot be found');
    const wrong = claimsProblem(subject(request), call, executor.held.container);
    if (wrong !== null) return sendText(response, 403, wrong);
    if (call.type === 'SUBSCRIBE') {
      const type = acceptedType(request.headers.accept);
      if (!type) return sendText(response, 406, ACCEPT_PROBLEM);
      return subscribe(executors, executor, call.subscribe, { type, response, encoder });
    }
    if (!executor.sink) return sendText(response, 403, 'Executor is not subscribed');
    switch (call.type) {
      case 'UPDATE':
        executors.updated(executor, call.update.status);
        return sendEmpty(response, 202);
      case 'MESSAGE':
        if (state.agentId !== undefined)
          link.send({
            type: 'FRAMEWORK_MESSAGE',
            agent_id: { value: state.agentId },
            framework_message: { framework_id: framework, executor_id: id, data: call.message.data },
          });
        return sendEmpty(response, 202);
      case 'UNKNOWN':
        return sendText(response, 501);
    }
  };
}

interface Stream {
  readonly type: MediaType;
  readonly response: ServerResponse;
  readonly encoder: RecordEncoder<ExecutorEvent>;
}

function subscribe(
  executors: Executors,
  executor: Running,
  { unacknowledged_tasks: tasks = [], unacknowledged_updates: updates = [] }: Subscribe,
  { type, response, encoder }: Stream,
): void {
  begin(response);
  response.writeHead(200, { 'Content-Type': type });
  response.flushHeaders();
  response.socket?.setNoDelay(true);
  response.socket?.setTimeout(0);
  const sink = {
    send(event: ExecutorEvent): void {
      if (response.writableEnded || response.destroyed) return;
      response.write(encoder.encode(event, type));
      if (response.writableLength > BUFFER_BYTES_MAX) response.destroy();
    },
    close: () => void response.end(),
  };
  response.on('close', () => executors.closed(executor, sink));
  executors.subscribed(executor, sink, new Set(tasks.map(({ task_id: { value } }) => value)));
  for (const { status } of updates) executors.updated(executor, status);
}

type Subscribe = Extract<ExecutorCall, { type: 'SUBSCRIBE' }>['subscribe'];
